import test from 'ava';
import { allResources } from '../../api/index.ts';
import { MemoryCluster } from '../memory-cluster.fixture.ts';
import { resources, type Stored } from '../objects.ts';
import { podAutoscalerController } from './controller.ts';
import { type Metric, metricFailure } from './metric-failures.ts';
import { planAutoscaler, type PodAutoscaler, type Target } from './reconcile.ts';

const cpu: Metric = { type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 80 } } };
const autoscaler = (metrics: readonly Metric[], spec: object = {}): PodAutoscaler => ({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'h', namespace: 'ns', uid: 'h' }, spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 1, maxReplicas: 5, metrics, ...spec } });
const sized = (replicas: number): Target => ({ type: 'scale', replicas, fault: undefined });

test('without metrics each one is told, the first decides the condition, and each has an empty place among the current ones', (t) => {
  const queue: Metric = { type: 'External', external: { metric: { name: 'queue', selector: { matchLabels: { q: 'a' } } }, target: { averageValue: '5' } } };
  const plan = planAutoscaler({ autoscaler: autoscaler([cpu, queue]), target: sized(2), now: 0 });
  const cause = 'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)';
  t.like(plan.status, { currentReplicas: 2, desiredReplicas: 0, currentMetrics: [{ type: '' }, { type: '' }] });
  t.like(plan.status.conditions?.[1], { type: 'ScalingActive', status: 'False', reason: 'FailedGetResourceMetric', message: `the HPA was unable to compute the replica count: ${cause}` });
  t.deepEqual(plan.notes.map((note) => note.reason), ['FailedGetResourceMetric', 'FailedGetExternalMetric', 'FailedComputeMetricsReplicas']);
  t.is(plan.notes[1]?.message, 'unable to get external metric ns/queue/&LabelSelector{MatchLabels:map[string]string{q: a,},MatchExpressions:[]LabelSelectorRequirement{},}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get queue.external.metrics.k8s.io)');
  t.is(plan.notes[2]?.message, `invalid metrics (2 invalid out of 2), first error is: failed to get cpu resource metric value: ${cause}`);
});

test('metrics of pods, objects and containers fail in their own words', (t) => {
  const custom = 'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';
  t.like(metricFailure({ type: 'Pods', pods: { metric: { name: 'rps' } } }, 'ns'), { reason: 'FailedGetPodsMetric', message: `unable to get metric rps: ${custom}` });
  t.like(metricFailure({ type: 'Object', object: { metric: { name: 'rps' }, describedObject: { kind: 'Service', name: 's' } } }, 'ns'), { reason: 'FailedGetObjectMetric', message: `unable to get metric rps: Service on ns s/${custom}` });
  t.like(metricFailure({ type: 'ContainerResource', containerResource: { name: 'memory', container: 'c', target: { averageValue: '1Gi' } } }, 'ns'), { reason: 'FailedGetContainerResourceMetric', cause: 'failed to get c container metric value: failed to get memory usage: unable to get metrics for resource memory: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)' });
});

test('a target outside its bounds is resized, and one without replicas is left alone', (t) => {
  t.is(planAutoscaler({ autoscaler: autoscaler([cpu]), target: sized(7), now: 0 }).resize?.replicas, 5);
  t.is(planAutoscaler({ autoscaler: autoscaler([cpu], { minReplicas: 3 }), target: sized(1), now: 0 }).resize?.replicas, 3);
  const { status, resize } = planAutoscaler({ autoscaler: autoscaler([cpu]), target: sized(0), now: 0 });
  t.is(resize, undefined);
  t.like(status.conditions?.[1], { type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled' });
});

test('two autoscalers of the same pods, a target without a selector, and a kind that is not there are told', async (t) => {
  const cluster = new MemoryCluster();
  const get = cluster.client.get.bind(cluster.client);
  let selector = 'app=web';
  const client = { ...cluster.client, get: async <T>(ref: Parameters<typeof get>[0]) => ({ ...(await get<Stored>(ref)), status: { selector } }) as T };
  const ports = { ...cluster.ports, client };
  await cluster.make(resources.deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'ns' }, spec: { replicas: 2 } });
  await cluster.make(resources.pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'ns', labels: { app: 'web' } }, spec: { containers: [] } });
  const controller = podAutoscalerController(allResources);
  const condition = (name: string): object | undefined => cluster.view.get<PodAutoscaler>(resources.horizontalPodAutoscalers, 'ns', name)?.status?.conditions?.at(-1);
  for (const name of ['h', 'i']) {
    const { spec } = autoscaler([cpu]);
    await cluster.make(resources.horizontalPodAutoscalers, { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name, namespace: 'ns' }, spec });
    await controller.reconcile(`ns/${name}`, ports);
  }
  t.like(condition('h'), { reason: 'FailedGetResourceMetric' });
  t.like(condition('i'), { reason: 'AmbiguousSelector', message: 'pods by selector app=web are controlled by multiple HPAs: [{h ns} {i ns}]' });
  selector = '';
  await controller.reconcile('ns/h', ports);
  t.like(condition('h'), { reason: 'InvalidSelector', message: "the HPA target's scale is missing a selector" });
  await cluster.make(resources.horizontalPodAutoscalers, { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'x', namespace: 'ns' }, spec: { ...autoscaler([cpu]).spec, scaleTargetRef: { apiVersion: 'example.com/v1', kind: 'Foo', name: 'f' } } });
  await controller.reconcile('ns/x', ports);
  t.like(condition('x'), { type: 'AbleToScale', status: 'False', message: 'the HPA controller was unable to get the target\'s current scale: no matches for kind "Foo" in group "example.com"' });
});
