import test from 'ava';
import type { Pod } from '../../api/index.ts';
import { stored } from '../objects.fixture.ts';
import type { Scarce, Shortage } from './pressure.ts';
import { type Candidate, evictionMessage, rankForEviction } from './ranking.ts';
import { evictionPolicy, type Signal } from './thresholds.ts';

interface Made {
  readonly priority?: number;
  readonly requests?: Readonly<Record<string, string>>;
  readonly used?: number | undefined;
}

const candidate = (name: string, { priority, requests = {}, used }: Made): Candidate => ({
  pod: stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', uid: name },
    spec: { priority, containers: [{ name: 'main', resources: { requests } }] },
  }),
  use: used === undefined ? undefined : { total: used, containers: new Map([['main', used]]) },
});
const order = (scarce: Scarce, pods: Readonly<Record<string, Made>>): string[] =>
  rankForEviction(
    scarce,
    Object.entries(pods).map(([name, made]) => candidate(name, made)),
  ).map(({ pod }) => pod.metadata.name ?? '');
const mebi = 2 ** 20;

test('who uses more than he asks for goes first, whatever his priority', (t) => {
  t.deepEqual(
    order('memory', {
      modest: { priority: 0, requests: { memory: '100Mi' }, used: 100 * mebi },
      greedy: { priority: 1000, requests: { memory: '10Mi' }, used: 11 * mebi },
    }),
    ['greedy', 'modest'],
  );
});

test('then the least important, then who is most above his request', (t) => {
  t.deepEqual(
    order('memory', {
      important: { priority: 10, used: 900 * mebi },
      guaranteed: { requests: { memory: '500Mi' }, used: 400 * mebi },
      burstable: { requests: { memory: '100Mi' }, used: 300 * mebi },
      besteffort: { used: 250 * mebi },
      idle: { requests: { memory: '300Mi' }, used: 10 * mebi },
    }),
    ['besteffort', 'burstable', 'important', 'guaranteed', 'idle'],
  );
});

test('a pod that cannot be measured goes before those that can', (t) => {
  t.deepEqual(order('memory', { known: { used: 500 * mebi }, unknown: {} }), ['unknown', 'known']);
});

test('disk is ranked like memory, by its own request; inodes have none', (t) => {
  t.deepEqual(
    order('ephemeral-storage', {
      asks: { requests: { 'ephemeral-storage': '1Gi' }, used: 900 * mebi },
      takes: { used: 20 * mebi },
    }),
    ['takes', 'asks'],
  );
  t.deepEqual(order('inodes', { few: { used: 10 }, many: { used: 1000 } }), ['many', 'few']);
});

test('of processes the least important goes first, then who has most', (t) => {
  t.deepEqual(order('pids', { busy: { priority: 5, used: 900 }, fork: { used: 500 }, calm: { used: 2 } }), [
    'fork',
    'calm',
    'busy',
  ]);
});

const shortage = (signal: Signal, scarce: Scarce, room: { available: number; capacity: number }): Shortage => {
  const [threshold] = evictionPolicy({ evictionHard: { [signal]: scarce === 'pids' ? '1000' : '10%' } }).thresholds;
  if (threshold === undefined) throw new Error('there is one');
  return { threshold, scarce, told: { threshold, room } };
};

test('the message tells the resource, the figures and the containers that use more than they ask for', (t) => {
  const greedy = candidate('greedy', { requests: { memory: '10Mi' }, used: 20 * mebi });
  t.is(
    evictionMessage(shortage('memory.available', 'memory', { available: 512 * 1024, capacity: 10_240 * mebi }), greedy),
    'The node was low on resource: memory. Threshold quantity: 1Gi, available: 512Ki. ' +
      'Container main was using 20Mi, request is 10Mi, has larger consumption of memory. ',
  );
  const plain = candidate('plain', { used: 3000 });
  t.is(
    evictionMessage(shortage('nodefs.available', 'ephemeral-storage', { available: 100, capacity: 5000 }), plain),
    'The node was low on resource: ephemeral-storage. Threshold quantity: 500, available: 100. ' +
      'Container main was using 3000, request is 0, has larger consumption of ephemeral-storage. ',
  );
  t.is(
    evictionMessage(shortage('pid.available', 'pids', { available: 500, capacity: 32_768 }), plain),
    'The node was low on resource: pids. Threshold quantity: 1k, available: 500. ',
  );
  const calm = candidate('calm', { requests: { memory: '10Mi' }, used: 5 * mebi });
  t.is(
    evictionMessage(shortage('memory.available', 'memory', { available: 0, capacity: 10_240 * mebi }), calm),
    'The node was low on resource: memory. Threshold quantity: 1Gi, available: 0. ',
  );
});
