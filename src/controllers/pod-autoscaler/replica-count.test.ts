import test from 'ava';
import type { Pod } from '../../api/index.ts';
import { countByUtilization, countByValue, type Counting } from './replica-count.ts';
import { stored } from '../runtime/stored.fixture.ts';

const now = 3_600_000;
const timeText = (ms: number): string => new Date(ms).toISOString();

interface PodFacts {
  readonly phase?: string;
  readonly ready?: string;
  readonly turnedAt?: number;
  readonly startedAt?: number;
  readonly request?: string;
  readonly deleted?: boolean;
}

function pod(
  name: string,
  { phase = 'Running', ready = 'True', turnedAt = 0, startedAt = 0, request = '100m', deleted = false }: PodFacts = {},
): Pod {
  return stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'ns', uid: name, ...(deleted ? { deletionTimestamp: timeText(now) } : {}) },
    spec: {
      containers: [{ name: 'c', resources: request === '' ? {} : { requests: { cpu: request, memory: '100Mi' } } }],
    },
    status: {
      phase,
      startTime: timeText(startedAt),
      conditions: [{ type: 'Ready', status: ready, lastTransitionTime: timeText(turnedAt) }],
    },
  });
}

/** Pods by what each uses in thousandths; undefined: it was not measured. */
function counting(
  used: readonly (number | undefined)[],
  pods: readonly PodFacts[] = [],
  more: Partial<Counting> = {},
): Counting {
  const all = used.map((_, i) => pod(`p${i}`, pods[i]));
  const samples = used.flatMap((milli, i) =>
    milli === undefined ? [] : [[`p${i}`, { at: now, windowMs: 15_000, milli }] as const],
  );
  return stored<Counting>({
    current: used.length,
    pods: all,
    samples: new Map(samples),
    resource: 'cpu',
    now,
    ...more,
  });
}

const cases: readonly (readonly [string, Counting, number, number | string])[] = [
  ['twice the target asks for twice the pods', counting([100, 100]), 50, 4],
  ['a part of a pod is a pod', counting([70, 50]), 50, 3],
  ['a tenth above the target is near enough', counting([55, 55]), 50, 2],
  ['a tenth below the target is near enough', counting([45, 45]), 50, 2],
  ['an eighth below is not, but rounds up to the same', counting([44, 44]), 50, 2],
  ['little use asks for fewer', counting([10, 10, 10, 10]), 50, 1],
  ['an unmeasured pod counts as idle when more are wanted', counting([100, undefined]), 50, 2],
  ['an unmeasured pod counts as using its request when fewer are wanted', counting([10, undefined, 10]), 50, 3],
  [
    'an unmeasured pod counts as at the target when that is above the request',
    counting([120, undefined], [], {}),
    200,
    2,
  ],
  ['a pending pod counts as idle when more are wanted', counting([200, undefined], [{}, { phase: 'Pending' }]), 50, 4],
  [
    'a pending pod does not count when fewer are wanted',
    counting([10, 10, undefined], [{}, {}, { phase: 'Pending' }]),
    50,
    1,
  ],
  [
    'a failed or deleted pod does not count at all',
    counting([100, 900, 900], [{}, { phase: 'Failed' }, { deleted: true }]),
    50,
    2,
  ],
  [
    'a new pod that is not ready counts as idle',
    counting([200, 900], [{}, { startedAt: now - 60_000, ready: 'False', turnedAt: now - 60_000 }]),
    50,
    4,
  ],
  [
    'a new pod is trusted a window after it became ready',
    counting([100, 300], [{}, { startedAt: now - 60_000, turnedAt: now - 15_000 }]),
    50,
    8,
  ],
  ['and not before', counting([200, 900], [{}, { startedAt: now - 60_000, turnedAt: now - 14_000 }]), 50, 4],
  [
    'an old pod that was never ready counts as idle',
    counting([200, 900], [{}, { ready: 'False', turnedAt: 10_000 }]),
    50,
    4,
  ],
  [
    'an old pod that lost its readiness counts',
    counting([100, 100], [{}, { ready: 'False', turnedAt: 1_000_000 }]),
    50,
    4,
  ],
  [
    'memory is trusted at once',
    counting([104_857_600_000, 104_857_600_000], [{}, { ready: 'False', turnedAt: now, startedAt: now }], {
      resource: 'memory',
    }),
    50,
    4,
  ],
  [
    'a container without a request is told',
    counting([1], [{ request: '' }]),
    50,
    'missing request for cpu in container c of Pod p0',
  ],
  ['without pods there is no number', counting([]), 50, 'no pods returned by selector while calculating replica count'],
  [
    'pods that are all new give no number',
    counting([5], [{ phase: 'Pending' }]),
    50,
    'did not receive metrics for targeted pods (pods might be unready)',
  ],
];

for (const [title, state, percent, wanted] of cases)
  test(`by utilization, ${title}`, (t) => {
    const result = countByUtilization(state, percent);
    t.is(typeof result === 'string' ? result : result.replicas, wanted);
  });

test('the utilization and the average are those that were measured, whatever is assumed of other pods', (t) => {
  t.deepEqual(countByUtilization(counting([100, undefined, 30]), 10), { replicas: 13, utilization: 65, average: 65 });
  t.deepEqual(countByValue(counting([2000, 1001]), 500), { replicas: 6, average: 1500 });
});

test('by value, an unmeasured pod counts as at the target or as idle', (t) => {
  const replicas = (used: readonly (number | undefined)[], target: number): number | string => {
    const result = countByValue(counting(used), target);
    return typeof result === 'string' ? result : result.replicas;
  };
  t.is(replicas([10, 10, undefined], 100), 2);
  t.is(replicas([400, undefined], 100), 4);
  t.is(replicas([100, undefined], 100), 1, 'just on target it counts as idle, as upstream');
});
