import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { TroupePeer } from '../../benchmarks/store/troupe-peer.ts';
import { eventually } from './cluster.ts';
import { MemberNetworks } from './member-networks.ts';
import { StoreClients } from './store-clients.ts';

/**
 * Three members in network namespaces: packets of one are dropped, those of its direct links and those of NATS alike.
 */
const names = ['a', 'b', 'c'];
const root = process.getuid?.() === 0;
const networks = new MemberNetworks(names);
let folder: string;
let peer: TroupePeer;
let clients: StoreClients;

if (!root) console.log('skipped: a partition needs root, to make network namespaces');
const partition = root ? test.serial : test.serial.skip;

test.before('three members in networks of their own', async () => {
  if (!root) return;
  folder = mkdtempSync(join(tmpdir(), 'troupe-store-partition-'));
  networks.create();
  peer = await TroupePeer.start(join(folder, 'store'), {
    members: 3,
    directClients: 64,
    natsHost: networks.natsHost,
    places: networks.places,
  });
  // A write that a member cannot have committed is given up after ten seconds.
  peer.answerMs = 12_000;
});
test.afterEach.always('the clients end', () => clients?.stop());
test.after.always('removed with everything that they made', async () => {
  if (!root) return;
  await peer?.close().catch(() => undefined);
  networks.destroy();
  rmSync(folder, { recursive: true, force: true });
});

partition(
  'a leader that is cut off steps down and refuses writes and reads in words; the others go on, and it takes ' +
    'part again by itself',
  async (t) => {
    const { member: lone, term } = await peer.status(peer.leader);
    const others = names.filter((name) => name !== lone);
    clients = new StoreClients(peer, { name: 'partition' });
    await clients.progress(300);
    networks.cut(lone);
    const cutAt = performance.now();
    const next = await eventually('another leader', async () =>
      (await Promise.all(others.map((name) => peer.status(name)))).find((status) => status.role === 'leader'),
    );
    peer.leader = next.member;
    t.true(next.term > term);
    await clients.progress(50);
    const took = Math.round(performance.now() - cutAt);
    const stepped = await eventually('the lone member to step down', async () => {
      const status = await peer.status(lone);
      return status.role === 'leader' ? undefined : status;
    });
    t.is(stepped.leader, undefined);
    const [, write, whyNoWrite] = await peer.ask(lone, 'create', '/lone', Buffer.from('lone'));
    t.is(write, -2);
    t.regex(String(whyNoWrite), /no leader is known \(no-leader\)$/);
    const [, read, whyNoRead] = await peer.ask(lone, 'get', '/partition/shared/0/1');
    t.is(read, -2);
    t.regex(String(whyNoRead), /\((no-leader|timeout)\)$/);
    await clients.progress(50);
    networks.heal(lone);
    const healedAt = performance.now();
    await eventually('the lone member to follow', async () => (await peer.status(lone)).leader === next.member);
    await eventually(
      'a write at the lone member',
      async () => (await peer.ask(lone, 'put', '/lone', Buffer.from('back')))[1] > 0,
    );
    t.log(
      `writes went on ${took} ms after the leader was cut off; it said: ${String(whyNoWrite)}; it took ` +
        `writes again ${Math.round(performance.now() - healedAt)} ms after the cut was healed`,
    );
    await clients.progress(100);
    await clients.stop();
    const { faults, ...counts } = await clients.verdict();
    t.log(
      `acknowledged ${counts.acknowledged} writes, ${counts.reads} reads; ${counts.unanswered} without an ` +
        `answer, ${counts.refused} refused`,
    );
    t.deepEqual(faults, []);
  },
);
