import test from 'ava';
import {
  allResources,
  type HorizontalPodAutoscaler,
  type MetricSpec,
  type Pod,
  resources,
  type StoredObject,
} from '../../api/index.ts';
import { MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { podAutoscalerController } from './controller.ts';
import { metricOutcome } from './metric-outcome.ts';
import { type MeasuredPod, noPodMetrics } from './metric.ts';
import { planAfterRefusal, planAutoscaler, type Target } from './reconcile.ts';
import { stored } from '../runtime/stored.fixture.ts';

const cpu = stored<MetricSpec>({ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 80 } } });
const queue = stored<MetricSpec>({
  type: 'External',
  external: { metric: { name: 'queue', selector: { matchLabels: { q: 'a' } } }, target: { averageValue: '5' } },
});
const autoscaler = (metrics: readonly MetricSpec[], spec: object = {}): HorizontalPodAutoscaler =>
  stored<HorizontalPodAutoscaler>({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'h', namespace: 'ns', uid: 'h' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 1,
      maxReplicas: 5,
      metrics,
      ...spec,
    },
  });
const sized = (replicas: number, pods: readonly Pod[] = [], items?: readonly MeasuredPod[]): Target =>
  stored<Target>({
    type: 'scale',
    replicas,
    pods: { pods, answer: items === undefined ? noPodMetrics : { type: 'metrics', items } },
  });
const pod = (name: string, request = '100m'): Pod =>
  stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'ns', uid: name },
    spec: { containers: [{ name: 'c', resources: { requests: { cpu: request } } }] },
    status: {
      phase: 'Running',
      startTime: '1970-01-01T00:00:00Z',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '1970-01-01T00:00:10Z' }],
    },
  });
const used = (name: string, amount: string): MeasuredPod =>
  stored<MeasuredPod>({
    metadata: { name, namespace: 'ns' },
    timestamp: '1970-01-01T01:00:00Z',
    window: '15.02s',
    containers: [{ name: 'c', usage: { cpu: amount } }],
  });
const hour = 3_600_000;
const conditions = ({ status }: { readonly status: HorizontalPodAutoscaler['status'] }): readonly string[] =>
  (status?.conditions ?? []).map(({ type, status: value, reason }) => `${type} ${value} ${reason ?? ''}`);

test('metrics that cannot be had are all told, the first decides the condition, and each has an empty place', (t) => {
  const plan = planAutoscaler({ autoscaler: autoscaler([cpu, queue]), target: sized(2), history: undefined, now: 0 });
  const cause =
    'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch ' +
    'metrics from resource metrics API: the server could not find the requested resource ' +
    '(get pods.metrics.k8s.io)';
  t.like(plan.status, { currentReplicas: 2, desiredReplicas: 0, currentMetrics: [{ type: '' }, { type: '' }] });
  t.like(plan.status.conditions?.[1], {
    type: 'ScalingActive',
    status: 'False',
    reason: 'FailedGetResourceMetric',
    message: `the HPA was unable to compute the replica count: ${cause}`,
  });
  t.deepEqual(
    plan.notes.map((note) => note.reason),
    ['FailedGetResourceMetric', 'FailedGetExternalMetric', 'FailedComputeMetricsReplicas'],
  );
  t.is(
    plan.notes[1]?.message,
    'unable to get external metric ns/queue/&LabelSelector{MatchLabels:map[string]string{q: ' +
      'a,},MatchExpressions:[]LabelSelectorRequirement{},}: unable to fetch metrics from ' +
      'external metrics API: the server could not find the requested resource (get ' +
      'queue.external.metrics.k8s.io)',
  );
  t.is(
    plan.notes[2]?.message,
    `invalid metrics (2 invalid out of 2), first error is: failed to get cpu resource metric value: ${cause}`,
  );
});

/** What a metric asks for that an adapter answers, or why nothing. */
const adapted = (metric: object, items: readonly string[] | undefined, more: object = {}): object => {
  const outcome = metricOutcome(stored<MetricSpec>(metric), {
    namespace: 'ns',
    pods: [pod('a'), pod('b')],
    answer: noPodMetrics,
    current: 2,
    statusReplicas: 2,
    now: hour,
    adapted: items && {
      type: 'values',
      items: items.map((value, index) => ({ name: 'ab'[index] ?? '', timestamp: '1970-01-01T01:00:00Z', value })),
    },
    ...more,
  });
  return outcome.type === 'failure' ? outcome.failure : outcome;
};
const external = (target: object, selector?: object): object => ({
  type: 'External',
  external: { metric: { name: 'qps', selector }, target },
});
const ofService = (target: object): object => ({
  type: 'Object',
  object: { metric: { name: 'rps' }, describedObject: { kind: 'Service', name: 's' }, target },
});
const ofPods = { type: 'Pods', pods: { metric: { name: 'rps' }, target: { averageValue: '50' } } };

test('what adapters answer is counted by pods, or as one amount that the pods share or hold', (t) => {
  t.deepEqual(adapted(ofPods, ['100', '80']), {
    type: 'proposal',
    replicas: 4,
    name: 'pods metric rps',
    shown: { type: 'Pods', pods: { metric: { name: 'rps' }, current: { averageValue: '90' } } },
  });
  t.like(adapted(external({ averageValue: '150' }), ['400', '101']), {
    replicas: 4,
    name: 'external metric qps(nil)',
    shown: { type: 'External', external: { current: { averageValue: '250500m' } } },
  });
  t.like(adapted(external({ averageValue: '150' }), ['310']), { replicas: 2 }, 'within the tolerance');
  t.like(adapted(external({ averageValue: '150' }), ['310'], { statusReplicas: 0 }), { replicas: 3 });
  t.like(adapted(external({ value: '100' }), ['250']), {
    replicas: 5,
    shown: { external: { current: { value: '250' } } },
  });
  t.like(adapted(external({ value: '100' }), ['250'], { current: 0, pods: [] }), { replicas: 3 });
  t.like(adapted(ofService({ value: '1k' }), ['3k']), {
    replicas: 6,
    name: 'Service metric rps',
    shown: { type: 'Object', object: { current: { value: '3k' }, describedObject: { kind: 'Service', name: 's' } } },
  });
  t.like(adapted(ofService({ averageValue: '1' }), ['7']), { replicas: 7, name: 'external metric rps(nil)' });
});

test('metrics of pods, objects and containers fail in their own words', (t) => {
  const custom =
    'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';
  t.like(adapted(ofPods, undefined), {
    reason: 'FailedGetPodsMetric',
    message: `unable to get metric rps: ${custom}`,
    cause: `failed to get pods metric value: unable to get metric rps: ${custom}`,
  });
  t.like(adapted(ofService({ value: '1' }), undefined), {
    reason: 'FailedGetObjectMetric',
    message: `unable to get metric rps: Service on ns s/${custom}`,
  });
  t.like(adapted(ofPods, []), { message: 'unable to get metric rps: no metrics returned from custom metrics API' });
  t.like(adapted(ofPods, ['1'], { pods: [] }), {
    message: 'no pods returned by selector while calculating replica count',
  });
  t.like(adapted(external({ value: '1' }, { matchLabels: { q: 'a' } }), []), {
    reason: 'FailedGetExternalMetric',
    message:
      'unable to get external metric ns/qps/&LabelSelector{MatchLabels:map[string]string{q: ' +
      'a,},MatchExpressions:[]LabelSelectorRequirement{},}: no metrics returned from external metrics API',
  });
  t.like(adapted(external({ value: '1' }), ['5'], { pods: [] }), {
    message: 'unable to calculate ready pods: no pods returned by selector while calculating replica count',
  });
  const memory = stored<MetricSpec>({
    type: 'ContainerResource',
    containerResource: { name: 'memory', container: 'c', target: { averageValue: '1Gi' } },
  });
  t.like(metricOutcome(memory, { namespace: 'ns', pods: [], answer: noPodMetrics, current: 1, now: 0 }), {
    type: 'failure',
    failure: {
      reason: 'FailedGetContainerResourceMetric',
      cause:
        'failed to get c container metric value: failed to get memory usage: unable to get ' +
        'metrics for resource memory: unable to fetch metrics from resource metrics API: the ' +
        'server could not find the requested resource (get pods.metrics.k8s.io)',
    },
  });
});

test('a busy target grows, and its status says what was measured', (t) => {
  const target = sized(2, [pod('a'), pod('b')], [used('a', '149m'), used('b', '170500u')]);
  const plan = planAutoscaler({ autoscaler: autoscaler([cpu]), target, history: undefined, now: hour });
  t.like(plan.resize, { replicas: 4, reason: 'cpu resource utilization (percentage of request) above target' });
  t.like(plan.status, {
    currentReplicas: 2,
    desiredReplicas: 4,
    lastScaleTime: '1970-01-01T01:00:00Z',
    currentMetrics: [
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 160, averageValue: '160m' } } },
    ],
  });
  t.deepEqual(conditions(plan), [
    'AbleToScale True SucceededRescale',
    'ScalingActive True ValidMetricFound',
    'ScalingLimited False DesiredWithinRange',
  ]);
  t.is(
    plan.status.conditions?.[1]?.message,
    'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
  );
  t.deepEqual(plan.notes, [
    {
      type: 'Normal',
      reason: 'SuccessfulRescale',
      message: 'New size: 4; reason: cpu resource utilization (percentage of request) above target',
    },
  ]);
});

test('an idle target keeps its size until nothing else was proposed for five minutes', (t) => {
  const target = sized(
    4,
    [pod('a'), pod('b'), pod('c'), pod('d')],
    ['a', 'b', 'c', 'd'].map((name) => used(name, '40m')),
  );
  const first = planAutoscaler({ autoscaler: autoscaler([cpu]), target, history: undefined, now: hour });
  t.is(first.resize, undefined);
  t.deepEqual(conditions(first), [
    'AbleToScale True ScaleDownStabilized',
    'ScalingActive True ValidMetricFound',
    'ScalingLimited False DesiredWithinRange',
  ]);
  t.like(first.status, { currentReplicas: 4, desiredReplicas: 4 });
  const later = planAutoscaler({ autoscaler: autoscaler([cpu]), target, history: first.history, now: hour + 300_000 });
  t.like(later.resize, { replicas: 2, reason: 'All metrics below target' });
});

test('a metric that fails keeps the others from taking pods away, but not from adding some', (t) => {
  const pods = [pod('a'), pod('b')];
  const down = planAutoscaler({
    autoscaler: autoscaler([queue, cpu]),
    target: sized(2, pods, [used('a', '10m'), used('b', '10m')]),
    history: undefined,
    now: hour,
  });
  t.is(down.resize, undefined);
  t.like(down.status.conditions?.[1], { type: 'ScalingActive', status: 'False', reason: 'FailedGetExternalMetric' });
  t.deepEqual(
    down.notes.map(({ reason }) => reason),
    ['FailedGetExternalMetric', 'FailedComputeMetricsReplicas'],
  );
  t.true(
    down.notes[1]?.message.startsWith(
      'invalid metrics (1 invalid out of 2), first error is: failed to get queue external metric value: ',
    ),
  );
  const up = planAutoscaler({
    autoscaler: autoscaler([queue, cpu]),
    target: sized(2, pods, [used('a', '200m'), used('b', '200m')]),
    history: undefined,
    now: hour,
  });
  t.is(up.resize?.replicas, 4);
  t.deepEqual(
    up.notes.map(({ reason }) => reason),
    ['FailedGetExternalMetric', 'SuccessfulRescale'],
  );
  t.like(up.status.currentMetrics, [{ type: '' }, { type: 'Resource' }]);
});

test('one container is measured by itself, and a pod without it fails the metric', (t) => {
  const metric = stored<MetricSpec>({
    type: 'ContainerResource',
    containerResource: { name: 'cpu', container: 'c', target: { averageUtilization: 50 } },
  });
  const question = { namespace: 'ns', pods: [pod('a')], current: 1, now: hour };
  t.deepEqual(metricOutcome(metric, { ...question, answer: { type: 'metrics', items: [used('a', '100m')] } }), {
    type: 'proposal',
    replicas: 2,
    name: 'cpu container resource utilization (percentage of request)',
    shown: {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'c', current: { averageUtilization: 100, averageValue: '100m' } },
    },
  });
  const other: MeasuredPod = { ...used('a', '1m'), containers: [{ name: 'x', usage: { cpu: '1m' } }] };
  t.like(metricOutcome(metric, { ...question, answer: { type: 'metrics', items: [other] } }), {
    type: 'failure',
    failure: {
      message:
        'failed to get cpu utilization: unable to get metrics for resource cpu: failed to get ' +
        'container metrics: container c not present in metrics for pod ns/a',
    },
  });
});

test('a target that does not take its size is told', (t) => {
  const observed = { autoscaler: autoscaler([cpu]), target: sized(7), history: undefined, now: 0 };
  const told = planAfterRefusal(observed, planAutoscaler(observed), 'no quota');
  t.like(told.notes[0], {
    type: 'Warning',
    reason: 'FailedRescale',
    message: 'New size: 5; reason: Current number of replicas above Spec.MaxReplicas; error: no quota',
  });
  t.like(told.status, { currentReplicas: 7, desiredReplicas: 0, lastScaleTime: undefined });
  t.deepEqual(conditions(told), ['AbleToScale False FailedUpdateScale']);
  const measured = {
    ...observed,
    autoscaler: autoscaler([queue, cpu]),
    target: sized(1, [pod('a')], [used('a', '200m')]),
    now: hour,
  };
  t.deepEqual(
    planAfterRefusal(measured, planAutoscaler(measured), 'no quota').notes.map(({ reason }) => reason),
    ['FailedGetExternalMetric', 'FailedRescale'],
  );
});

test('a target outside its bounds is resized, and one without replicas is left alone', (t) => {
  t.is(
    planAutoscaler({ autoscaler: autoscaler([cpu]), target: sized(7), history: undefined, now: 0 }).resize?.replicas,
    5,
  );
  t.is(
    planAutoscaler({ autoscaler: autoscaler([cpu], { minReplicas: 3 }), target: sized(1), history: undefined, now: 0 })
      .resize?.replicas,
    3,
  );
  const { status, resize } = planAutoscaler({
    autoscaler: autoscaler([cpu]),
    target: sized(0),
    history: undefined,
    now: 0,
  });
  t.is(resize, undefined);
  t.like(status.conditions?.[1], { type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled' });
});

test('two autoscalers of the same pods, a target without a selector and an unknown kind are told', async (t) => {
  const cluster = new MemoryCluster();
  const get = cluster.client.get.bind(cluster.client);
  let selector = 'app=web';
  const client = {
    ...cluster.client,
    get: async <T>(ref: Parameters<typeof get>[0]) =>
      ({ ...(await get<StoredObject>(ref)), status: { selector } }) as T,
  };
  const ports = { ...cluster.ports, client };
  await cluster.make(resources.deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'ns' },
    spec: { replicas: 2 },
  });
  await cluster.make(resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'ns', labels: { app: 'web' } },
    spec: { containers: [] },
  });
  const controller = podAutoscalerController(allResources);
  const condition = (name: string): object | undefined =>
    cluster.view
      .get<HorizontalPodAutoscaler>(resources.horizontalPodAutoscalers, 'ns', name)
      ?.status?.conditions?.at(-1);
  for (const name of ['h', 'i']) {
    const { spec } = autoscaler([cpu]);
    await cluster.make(resources.horizontalPodAutoscalers, {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name, namespace: 'ns' },
      spec,
    });
    await controller.reconcile(`ns/${name}`, ports);
  }
  t.like(condition('h'), { reason: 'FailedGetResourceMetric' });
  t.like(condition('i'), {
    reason: 'AmbiguousSelector',
    message: 'pods by selector app=web are controlled by multiple HPAs: [{h ns} {i ns}]',
  });
  selector = '';
  await controller.reconcile('ns/h', ports);
  t.like(condition('h'), { reason: 'InvalidSelector', message: "the HPA target's scale is missing a selector" });
  await cluster.make(resources.horizontalPodAutoscalers, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'x', namespace: 'ns' },
    spec: { ...autoscaler([cpu]).spec, scaleTargetRef: { apiVersion: 'example.com/v1', kind: 'Foo', name: 'f' } },
  });
  await controller.reconcile('ns/x', ports);
  t.like(condition('x'), {
    type: 'AbleToScale',
    status: 'False',
    message:
      "the HPA controller was unable to get the target's current scale: no matches for kind " +
      '"Foo" in group "example.com"',
  });
});

test('what was just resized by its metrics is measured again a period later', async (t) => {
  const cluster = new MemoryCluster();
  const get = cluster.client.get.bind(cluster.client);
  const scaled: number[] = [];
  const client = {
    ...cluster.client,
    get: async <T>(ref: Parameters<typeof get>[0]) =>
      ({ ...(await get<StoredObject>(ref)), status: { selector: 'app=web' } }) as T,
    update: async <T>(...call: Parameters<typeof cluster.client.update>) => {
      if (call[2]?.subresource === 'scale') scaled.push((call[1] as { spec: { replicas: number } }).spec.replicas);
      return cluster.client.update<T>(...call);
    },
  };
  const ports = { ...cluster.ports, client };
  await cluster.make(resources.deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'ns' },
    spec: { replicas: 1 },
  });
  await cluster.make(resources.pods, { ...pod('a'), metadata: { name: 'a', namespace: 'ns', labels: { app: 'web' } } });
  await cluster.make(resources.horizontalPodAutoscalers, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'h', namespace: 'ns' },
    spec: { ...autoscaler([cpu]).spec, maxReplicas: 50 },
  });
  const asked: string[] = [];
  const controller = podAutoscalerController(allResources, (namespace, selector) => {
    asked.push(`${namespace} ${selector}`);
    return Promise.resolve({ type: 'metrics', items: [{ ...used('a', '5'), timestamp: '2100-01-01T00:00:00Z' }] });
  });
  t.deepEqual(await controller.reconcile('ns/h', ports), { requeueAfterMs: 15_000 });
  const again = await controller.reconcile('ns/h', ports);
  t.true((again?.requeueAfterMs ?? 0) > 0 && (again?.requeueAfterMs ?? 0) <= 15_000);
  t.deepEqual([asked, scaled], [['ns app=web'], [4]]);
});

const unscalable: readonly (readonly [apiVersion: string, kind: string, told: string])[] = [
  ['a/b/c', 'Deployment', 'unexpected GroupVersion string: a/b/c'],
  ['v1', 'ConfigMap', 'the server could not find the requested resource'],
  ['v1', 'Deployment', 'no matches for kind "Deployment" in group ""'],
];
for (const [apiVersion, kind, told] of unscalable) {
  test(`a ${kind} of ${apiVersion} cannot be scaled, and its autoscaler says why`, async (t) => {
    const cluster = new MemoryCluster();
    await cluster.make(resources.horizontalPodAutoscalers, {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h', namespace: 'ns' },
      spec: { ...autoscaler([cpu]).spec, scaleTargetRef: { apiVersion, kind, name: 'x' } },
    });
    await podAutoscalerController(allResources).reconcile('ns/h', cluster.ports);
    const status = cluster.view.get<HorizontalPodAutoscaler>(resources.horizontalPodAutoscalers, 'ns', 'h')?.status;
    t.like(status?.conditions?.[0], {
      type: 'AbleToScale',
      status: 'False',
      reason: 'FailedGetScale',
      message: `the HPA controller was unable to get the target's current scale: ${told}`,
    });
  });
}
