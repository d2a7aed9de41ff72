import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { TroupePeer } from '../../benchmarks/store/troupe-peer.ts';
import { eventually } from './cluster.ts';
import { type EarlierBuild, earlierBuilds, layOut } from './earlier-build.ts';
import { StoreClients } from './store-clients.ts';

/**
 * Three members of an earlier build, which writes another layout of the log, are replaced one after the other by this
 * one while clients call. Both builds take part meanwhile, and either may lead.
 */
const folder = mkdtempSync(join(tmpdir(), 'troupe-store-upgrade-'));
/** TROUPE_UPGRADES=2 also begins with the layout before. */
const builds = earlierBuilds().slice(0, Number(process.env['TROUPE_UPGRADES'] ?? 1));
if (builds.length === 0) console.log('skipped: the history of this repository, with builds of before, is not here');

test.after.always('removed', () => {
  rmSync(folder, { recursive: true, force: true });
});

/** All know one leader and have about what it has. */
function well(peer: TroupePeer): Promise<unknown> {
  return eventually('all members to be well', async () => {
    const statuses = await Promise.all(peer.names.map((name) => peer.status(name)));
    const [leader, ...others] = new Set(statuses.map((status) => status.leader));
    if (leader === undefined || others.length > 0) return false;
    peer.leader = leader;
    const latest = Math.max(...statuses.map(({ commitIndex }) => commitIndex));
    return statuses.every(({ appliedIndex }) => latest - appliedIndex < 500);
  });
}

async function replaceAll(peer: TroupePeer, clients: StoreClients): Promise<void> {
  for (const name of peer.names) {
    await clients.progress(100);
    await peer.kill(name);
    peer.useProgram(name);
    await peer.startMember(name);
    await well(peer);
    await clients.progress(100);
    // So that an old member leads new ones, and a new one old ones.
    const { leader } = await peer.status(name);
    if (leader !== undefined) await peer.ask(leader, 'transfer', peer.names[0] as string).catch(() => undefined);
    await well(peer);
  }
}

/** The earlier build refuses a folder that this one has written to, and this one goes on with it. */
async function goBack(t: ExecutionContext, { peer, program }: { peer: TroupePeer; program: string }): Promise<void> {
  const [name = ''] = peer.names;
  await peer.kill(name);
  peer.useProgram(name, program);
  await t.throwsAsync(peer.startMember(name), {
    message: /ended with code 1: .*has format \d+, this program reads .*nothing was changed/s,
  });
  peer.useProgram(name);
  await peer.startMember(name);
  await well(peer);
}

const upgrade = (build: EarlierBuild): void => {
  test.serial(
    `members of the build that wrote layout ${build.format} of the log are replaced one by one`,
    async (t) => {
      t.timeout(240_000);
      const program = layOut(build, join(folder, build.commit));
      const sizes = { members: 3, directClients: 64, segmentBytes: 64 * 1024 };
      const peer = await TroupePeer.start(join(folder, 'store'), { ...sizes, program });
      t.teardown(() => peer.close());
      peer.answerMs = 8_000;
      const clients = new StoreClients(peer, { name: 'upgrade' });
      try {
        await replaceAll(peer, clients);
        await goBack(t, { peer, program });
        await clients.progress(100);
      } finally {
        await clients.stop();
      }
      const { faults, ...counts } = await clients.verdict();
      t.log(
        `from ${build.commit.slice(0, 8)}: ${counts.acknowledged} writes acknowledged, ${counts.lost} lost, ` +
          `${counts.doubled} done twice, ${counts.unanswered} without an answer, ${counts.refused} refused`,
      );
      t.deepEqual(faults, []);
      t.true(counts.acknowledged > 500);
    },
  );
};
for (const build of builds) upgrade(build);
