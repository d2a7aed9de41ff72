import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import test from 'ava';
import { Cluster, eventually, signalProcess } from './cluster.ts';

/** The NATS server that a node is connected to stands still, again and again: its agent leaves it. */
let cluster: Cluster;
const rounds = 5;
const frozenMs = 8_000;
/** A node counts as silent after 5 s (`node.graceMs`), and was last heard up to one renewal, 1.5 s, before. */
const leavesWithinMs = 3_500;

test.before(async () => {
  cluster = await Cluster.create('frozen-server', ['--members', '3', '--nodes', '1', '--runtime', 'simulated']);
});
test.after.always(() => {
  if (cluster !== undefined) cluster.destroy();
});

const agentPid = (): number =>
  (JSON.parse(readFileSync(`${cluster.home}/run/node-node-1.json`, 'utf8')) as { readonly pid: number }).pid;

/** The ports at the other ends of a process's TCP connections. */
function remotePorts(pid: number): readonly number[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => inodes.has(fields[9] ?? ''))
    .map(([, , remote = '']) => Number.parseInt(remote.split(':')[1] ?? '', 16));
}

/** The NATS server that the agent talks to: its pid, and the member that it belongs to. */
function serverOfAgent(): { readonly member: string; readonly pid: number } | undefined {
  const ports = remotePorts(agentPid());
  const plan = JSON.parse(readFileSync(`${cluster.home}/run/members.json`, 'utf8')) as {
    readonly name: string;
    readonly natsPort: number;
  }[];
  const member = plan.find(({ natsPort }) => ports.includes(natsPort))?.name;
  if (member === undefined) return undefined;
  const folder = member === 'member-1' ? '' : `${member}/`;
  return { member, pid: Number(readFileSync(`${cluster.home}/run/${folder}nats-server.pid`, 'utf8')) };
}

interface ReadyCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime: string;
}

function ready(): ReadyCondition | undefined {
  const conditions = JSON.parse(cluster.must('get', 'node', 'node-1', '-o', 'jsonpath={.status.conditions}'));
  return (conditions as readonly ReadyCondition[]).find(({ type }) => type === 'Ready');
}

test('an agent leaves a NATS server that stands still before its node counts as silent', async (t) => {
  t.timeout(300_000);
  const { lastTransitionTime: since } = await eventually('the node to be ready', () => {
    const condition = ready();
    return condition?.status === 'True' && condition;
  });
  const left: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const server = await eventually('the agent to have a server', serverOfAgent);
    const began = performance.now();
    signalProcess(server.pid, 'SIGSTOP');
    try {
      await eventually('the agent to have another server', () => {
        const now = serverOfAgent();
        return now !== undefined && now.pid !== server.pid;
      });
      left.push(Math.round(performance.now() - began));
      await eventually('the time to be over', () => performance.now() - began > frozenMs);
    } finally {
      signalProcess(server.pid, 'SIGCONT');
    }
    await eventually('all members to be ready', () =>
      cluster.status().members.every(({ role }) => ['leader', 'follower'].includes(role)),
    );
  }
  t.log(`left after ${left.join(', ')} ms`);
  t.true(Math.max(...left) < leavesWithinMs, `left after ${left.join(', ')} ms`);
  t.is(ready()?.lastTransitionTime, since, 'the node was ready all the time');
});
