import test from 'ava';
import { type DaemonSet, type Node, type Pod, timeText } from '../../api/index.ts';
import { stored } from '../runtime/stored.fixture.ts';
import { revisionLabel } from './daemon-set.ts';
import { type Observed, planDaemons, statusOf } from './reconcile.ts';

const now = 1_000_000;

interface Parts {
  readonly name: string;
  readonly scheduled?: boolean;
  readonly phase?: string;
  readonly ending?: boolean;
  readonly ageMs?: number;
}

/** A daemon for the only node, which is ready. */
function daemon({ name, scheduled = true, phase = 'Running', ending = false, ageMs = 0 }: Parts): Pod {
  const target = { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] };
  return stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      uid: name,
      labels: { [revisionLabel]: 'h' },
      creationTimestamp: timeText(now - ageMs),
      deletionTimestamp: ending ? timeText(now) : undefined,
    },
    spec: {
      nodeName: scheduled ? 'n' : undefined,
      containers: [],
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [target] } },
      },
    },
    status: { phase, conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: timeText(now) }] },
  });
}

const observed = (...pods: readonly Parts[]): Observed => ({
  set: stored<DaemonSet>({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'd', uid: 'd', generation: 1 },
    spec: { selector: { matchLabels: {} }, template: { spec: { containers: [] } } },
  }),
  nodes: [stored<Node>({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', uid: 'n' }, spec: {} })],
  pods: pods.map(daemon),
  hash: 'h',
  now,
});

test('of two daemons on a node the one that was placed there stays, and of those the oldest', (t) => {
  const removed = (...pods: readonly Parts[]): readonly string[] =>
    planDaemons(observed(...pods)).remove.map(({ metadata }) => metadata.name);
  t.deepEqual(removed({ name: 'waiting', scheduled: false, ageMs: 9_000 }, { name: 'placed' }), ['waiting']);
  t.deepEqual(removed({ name: 'young' }, { name: 'old', ageMs: 9_000 }), ['young']);
});

test('a daemon that has ended and is being deleted is not waited for', (t) => {
  t.deepEqual(planDaemons(observed({ name: 'over', phase: 'Failed', ending: true })).create, ['n']);
  t.deepEqual(planDaemons(observed({ name: 'ending', ending: true })).create, []);
});

test('a daemon that is being deleted counts as available as long as it is ready', (t) => {
  t.like(statusOf(observed({ name: 'ending', ending: true }), 0), { numberReady: 1, numberAvailable: 1 });
});
