import test from 'ava';
import { type Node, type Pod, resources } from '../../api/index.ts';
import { pass, world, type World } from '../agent.fixture.ts';
import { NodeSettingError } from '../node-setting.ts';
import { stored } from '../objects.fixture.ts';
import { graceMsOf, shutdownGroups, shutdownSteps } from './shutdown-plan.ts';

const pod = (name: string, priority?: number, terminationGracePeriodSeconds?: number): Pod =>
  stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name },
    spec: { priority, terminationGracePeriodSeconds, containers: [{ name: 'main' }] },
  });

test('the short form is two steps: the critical pods get a part of the whole time, at its end', (t) => {
  t.deepEqual(shutdownSteps({ shutdownGracePeriod: '60s', shutdownGracePeriodCriticalPods: '15s' }), [
    { priority: 0, graceMs: 45_000 },
    { priority: 2_000_000_000, graceMs: 15_000 },
  ]);
  t.deepEqual(shutdownSteps({ shutdownGracePeriod: '0s', shutdownGracePeriodCriticalPods: '0s' }), []);
});

test('a pod belongs to the highest step that its priority reaches, or to the first', (t) => {
  const steps = shutdownSteps({
    shutdownGracePeriodByPodPriority: [
      { priority: 10_000, shutdownGracePeriodSeconds: 20 },
      { priority: 100, shutdownGracePeriodSeconds: 120 },
      { priority: 1000, shutdownGracePeriodSeconds: 60 },
    ],
  });
  const pods = [pod('low', 5), pod('none'), pod('exact', 1000), pod('between', 9999), pod('high', 2_000_000_000)];
  t.deepEqual(
    shutdownGroups(steps, pods).map((group) => [group.step.graceMs, group.pods.map(({ metadata }) => metadata.name)]),
    [
      [120_000, ['low', 'none']],
      [60_000, ['exact', 'between']],
      [20_000, ['high']],
    ],
  );
});

test('a pod gets its own grace period, if that is shorter than the time of its step', (t) => {
  const step = { priority: 0, graceMs: 20_000 };
  t.is(graceMsOf(step, pod('quick', 0, 5)), 5000);
  t.is(graceMsOf(step, pod('slow', 0, 600)), 20_000);
});

for (const [setting, settings] of [
  ['shutdownGracePeriod', { shutdownGracePeriod: 'soon' }],
  ['shutdownGracePeriodCriticalPods', { shutdownGracePeriodCriticalPods: '31s' }],
  [
    'shutdownGracePeriodByPodPriority',
    { shutdownGracePeriodByPodPriority: [{ priority: 1, shutdownGracePeriodSeconds: -1 }] },
  ],
] as const)
  test(`${setting} that makes no sense is refused`, (t) => {
    t.is(t.throws(() => shutdownSteps(settings), { instanceOf: NodeSettingError })?.setting, setting);
  });

const readyCondition = (w: World): object | undefined =>
  w.api.get<Node>(resources.nodes, undefined, 'node-1')?.status?.conditions?.find(({ type }) => type === 'Ready');

test('the node is not ready, takes no pods, and ends those that it has, the least important first', async (t) => {
  const stops: [string, number][] = [];
  const w = await world(t, {
    program: ({ name }) => (name.includes('-stubborn-') ? { ignoresStop: true } : undefined),
  });
  const { stop } = w.runtime;
  w.runtime.stop = async (id, graceMs) => {
    const name = (await w.runtime.inspect(id))?.labels['troupe.pod.name'] ?? '';
    stops.push([name, graceMs]);
    return stop(id, graceMs);
  };
  await w.pod('web');
  await w.pod('stubborn');
  await w.pod('system', { priority: 2_000_001_000 });
  await pass(w.time, 1000);
  const ending = w.agent.shutDown();
  await pass(w.time, 5000);
  t.like(readyCondition(w), { status: 'False', reason: 'KubeletNotReady', message: 'node is shutting down' });
  t.true(w.events().includes('NodeShutdown'));
  t.like(w.status('web'), {
    phase: 'Failed',
    reason: 'Terminated',
    message: 'Pod was terminated in response to imminent node shutdown.',
  });
  t.like(
    w.status('web')?.conditions?.find(({ type }) => type === 'DisruptionTarget'),
    { status: 'True', reason: 'TerminationByKubelet' },
  );
  t.is(w.status('system')?.phase, 'Running', 'it waits for the others');
  await w.pod('late');
  t.like(w.status('late'), {
    phase: 'Failed',
    reason: 'NodeShutdown',
    message: 'Pod was rejected: Pod was rejected as the node is shutting down.',
  });
  await pass(w.time, 25_000);
  t.deepEqual(await ending, { ended: 3, left: 0 });
  t.deepEqual(
    stops.filter(([name]) => name !== '').map(([name, graceMs]) => [name, Math.round(graceMs / 1000)]),
    [
      ['web', 20],
      ['stubborn', 20],
      ['system', 10],
    ],
  );
  t.like(w.status('system'), { phase: 'Failed', reason: 'Terminated' });
});

test('without a period nothing is ended', async (t) => {
  const w = await world(t, {}, { shutdownGracePeriod: '0s', shutdownGracePeriodCriticalPods: '0s' });
  await w.pod('web');
  await pass(w.time, 1000);
  t.deepEqual(await w.agent.shutDown(), { ended: 0, left: 1 });
  await pass(w.time, 1000);
  t.like(readyCondition(w), { status: 'False', message: 'node is shutting down' });
  t.is(w.status('web')?.phase, 'Running');
});
