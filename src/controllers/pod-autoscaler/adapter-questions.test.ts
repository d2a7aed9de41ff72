import test from 'ava';
import {
  allResources,
  type HorizontalPodAutoscaler,
  type MetricSpec,
  resources,
  type StoredObject,
} from '../../api/index.ts';
import { MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { stored } from '../runtime/stored.fixture.ts';
import { adapterQuestion } from './adapter-questions.ts';
import { podAutoscalerController } from './controller.ts';
import type { AdapterQuestion } from './metric.ts';

const resourceOf = (kind: string, apiVersion = ''): ReturnType<typeof allResources>[number] | undefined =>
  allResources().find((info) => info.kind === kind && apiVersion.startsWith(info.group));
const asked = (metric: object): AdapterQuestion | string | undefined =>
  adapterQuestion(stored<MetricSpec>(metric), { namespace: 'ns', selector: 'app=web', resourceOf });
const rps = { name: 'rps' };
const custom = 'custom.metrics.k8s.io';

test('each kind of metric has its place in its API', (t) => {
  t.is(asked({ type: 'Resource', resource: { name: 'cpu' } }), undefined);
  const selector = { matchLabels: { q: 'a' }, matchExpressions: [{ key: 'b', operator: 'Exists' }] };
  t.deepEqual(asked({ type: 'Pods', pods: { metric: { ...rps, selector } } }), {
    group: custom,
    namespace: 'ns',
    resource: 'pods',
    name: '*',
    subresource: 'rps',
    query: { labelSelector: 'app=web', metricLabelSelector: 'b,q=a' },
  });
  t.deepEqual(asked({ type: 'External', external: { metric: { ...rps, selector } } }), {
    group: 'external.metrics.k8s.io',
    namespace: 'ns',
    resource: 'rps',
    query: { labelSelector: 'b,q=a' },
  });
  const object = (kind: string, apiVersion?: string): ReturnType<typeof asked> =>
    asked({ type: 'Object', object: { metric: rps, describedObject: { kind, name: 'x', apiVersion } } });
  const place = { group: custom, name: 'x', subresource: 'rps', query: {} };
  t.deepEqual(object('Service', 'v1'), { ...place, namespace: 'ns', resource: 'services' });
  t.deepEqual(object('Ingress', 'networking.k8s.io/v1'), {
    ...place,
    namespace: 'ns',
    resource: 'ingresses.networking.k8s.io',
  });
  t.deepEqual(object('Node', 'v1'), { ...place, namespace: undefined, resource: 'nodes' });
  t.deepEqual(object('Namespace', 'v1'), {
    group: custom,
    namespace: 'x',
    resource: 'metrics',
    name: 'rps',
    query: {},
  });
  t.is(object('Foo', 'v1'), 'unable to map kind Foo: no matches for kind "Foo"');
});

test('a target is resized by what an adapter answers', async (t) => {
  const cluster = new MemoryCluster();
  const get = cluster.client.get.bind(cluster.client);
  const status = { selector: 'app=web', replicas: 2 };
  const client = {
    ...cluster.client,
    get: async <T>(ref: Parameters<typeof get>[0]) => ({ ...(await get<StoredObject>(ref)), status }) as T,
  };
  await cluster.make(resources.deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'ns' },
    spec: { replicas: 2 },
  });
  await cluster.make(resources.horizontalPodAutoscalers, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'h', namespace: 'ns' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      maxReplicas: 10,
      metrics: [
        {
          type: 'External',
          external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '5' } },
        },
        {
          type: 'Object',
          object: { metric: rps, describedObject: { kind: 'Foo', name: 'f' }, target: { value: '1' } },
        },
      ],
    },
  });
  const questions: string[] = [];
  const controller = podAutoscalerController(allResources, undefined, ({ resource }) => {
    questions.push(resource);
    return Promise.resolve({ type: 'values', items: [{ name: '', timestamp: '', value: '19' }] });
  });
  await controller.reconcile('ns/h', { ...cluster.ports, client });
  t.deepEqual(questions, ['queue']);
  const found = cluster.view.get<HorizontalPodAutoscaler>(resources.horizontalPodAutoscalers, 'ns', 'h');
  t.like(found?.status, { desiredReplicas: 4, currentMetrics: [{ type: 'External' }, { type: '' }] });
  const { spec } = cluster.view.get<{ readonly spec: object }>(resources.deployments, 'ns', 'web') ?? {};
  t.like(spec, { replicas: 4 });
});
