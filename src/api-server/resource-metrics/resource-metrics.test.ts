import test from 'ava';
import type { KubeObject } from '../../api/index.ts';
import { silentLogger } from '../../base/index.ts';
import { encode, SimulatedNetwork, subjectsOf } from '../../bus/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import type { UsageReport } from '../../protocol/index.ts';
import type { Store } from '../../state/index.ts';
import { type Aggregator, createAggregator } from '../aggregation/index.ts';
import { bodyJson, type DoorHarness, FakeView, startDoor } from '../testing/index.ts';
import { windowText } from './amounts.ts';
import { openResourceMetrics } from './metrics-source.ts';
import { podMetricsClient } from './pod-metrics-client.ts';

const base = '/apis/metrics.k8s.io/v1beta1';
const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
const at = Date.UTC(2026, 0, 1);
const apiService = (more: object = {}): KubeObject => ({
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: 'v1beta1.metrics.k8s.io', uid: 'u' },
  spec: { group: 'metrics.k8s.io', version: 'v1beta1', ...more },
  status: { conditions: [{ type: 'Available', status: 'True' }] },
});
const pod = (
  namespace: string,
  name: string,
  more: { readonly labels?: Record<string, string>; readonly node?: string } = {},
): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: `${namespace}-${name}`,
      ...(more.labels === undefined ? {} : { labels: more.labels }),
    },
    spec: { nodeName: more.node ?? 'n1', containers: [] },
  }) as unknown as KubeObject;

interface World {
  readonly door: DoorHarness;
  readonly view: FakeView;
  readonly time: SimulatedTime;
  readonly aggregator: Aggregator;
  readonly reported: () => number;
  readonly exchanged: () => number;
  report(node: string, report: unknown): Promise<void>;
}

function world(): World {
  const time = new SimulatedTime();
  const view = new FakeView();
  const network = new SimulatedNetwork(time);
  let heard = 0;
  let exchanged = 0;
  const subjects = subjectsOf('c');
  const metrics = openResourceMetrics({
    bus: network.client('member'),
    subjects,
    view,
    clock: { now: () => at, monotonic: () => time.monotonic() },
    log: silentLogger,
    reported: () => {
      heard += 1;
    },
  });
  const aggregator = createAggregator({
    view,
    store: {} as Store,
    frontProxy: { certificate: '', key: '' },
    exchange: () => {
      exchanged += 1;
      return Promise.reject(new Error('nobody'));
    },
    own: [metrics.api],
  });
  const agent = network.client('agent');
  return {
    door: startDoor({ aggregator, view }),
    view,
    time,
    aggregator,
    reported: () => heard,
    exchanged: () => exchanged,
    report: async (node, report) => {
      agent.publish(subjects.nodeUsage(node), encode(report));
      await time.run(10);
    },
  };
}

const usage: UsageReport = {
  periodMs: 15_000,
  node: { at, windowMs: 15_023, cpuNanoCores: 250_000_000, memoryBytes: 3_145_728 },
  pods: [
    {
      uid: 'a-web',
      at,
      windowMs: 15_000,
      containers: [
        { name: 'z', cpuNanoCores: 1_234_567, memoryBytes: 4096 },
        { name: 'b', cpuNanoCores: 0, memoryBytes: 1_048_576 },
      ],
    },
    { uid: 'b-web', at, windowMs: 15_000, containers: [{ name: 'c', cpuNanoCores: 5_000_000, memoryBytes: 512 }] },
    { uid: 'a-other', at, windowMs: 15_000, containers: [{ name: 'c', cpuNanoCores: 7, memoryBytes: 512 }] },
  ],
};

async function measured(): Promise<World> {
  const made = world();
  made.view.put('apiregistration.k8s.io', 'apiservices', apiService());
  made.view.put('', 'nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1', uid: 'n', labels: { zone: 'east' } },
  });
  made.view.put('', 'nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n2', uid: 'm' } });
  made.view.put('', 'pods', pod('a', 'web', { labels: { app: 'web' } }));
  made.view.put('', 'pods', pod('b', 'web'));
  made.view.put('', 'pods', pod('a', 'other', { node: 'n2' }));
  await made.report('n1', usage);
  return made;
}

test('without its APIService the API is not there; with it, it stands in discovery', async (t) => {
  const { door, view } = world();
  t.is((await door.ask('GET', base)).status, 404);
  t.is((await door.ask('GET', `${base}/nodes`)).status, 404);
  view.put('apiregistration.k8s.io', 'apiservices', apiService());
  t.deepEqual(bodyJson(await door.ask('GET', base)), {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: 'metrics.k8s.io/v1beta1',
    resources: [
      { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
      { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
    ],
  });
  t.like(bodyJson(await door.ask('GET', '/apis/metrics.k8s.io')), {
    kind: 'APIGroup',
    name: 'metrics.k8s.io',
    preferredVersion: { version: 'v1beta1' },
  });
  const { items } = bodyJson(
    await door.ask('GET', '/apis', {
      headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' },
    }),
  ) as { items: { metadata: { name: string }; versions: unknown[] }[] };
  t.like(items.at(-1), {
    metadata: { name: 'metrics.k8s.io' },
    versions: [
      {
        version: 'v1beta1',
        freshness: 'Current',
        resources: [
          { resource: 'nodes', scope: 'Cluster' },
          { resource: 'pods', scope: 'Namespaced' },
        ],
      },
    ],
  });
});

test('its kinds are described, and clients that prefer protobuf get JSON', async (t) => {
  const { door } = await measured();
  const { paths } = bodyJson(await door.ask('GET', '/openapi/v3')) as {
    paths: Record<string, { serverRelativeURL: string }>;
  };
  const url = paths['apis/metrics.k8s.io/v1beta1']?.serverRelativeURL ?? '';
  t.true(url.startsWith(`/openapi/v3${base}?hash=`));
  const { components } = bodyJson(await door.ask('GET', url)) as {
    components: { schemas: Record<string, { properties: object }> };
  };
  t.like(components.schemas['io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetrics'], {
    required: ['timestamp', 'window', 'usage'],
    properties: { window: { type: 'string' } },
  });
  t.true(Object.hasOwn((bodyJson(await door.ask('GET', '/openapi/v2')) as { paths: object }).paths, `${base}/nodes`));
  const answer = await door.ask('GET', `${base}/nodes`, {
    headers: { accept: 'application/vnd.kubernetes.protobuf,application/json' },
  });
  t.is(answer.headers['content-type'], 'application/json');
  t.like(bodyJson(answer), { kind: 'NodeMetricsList' });
});

test('the document with its kinds is made once, as long as they stay', async (t) => {
  const { door, time, view } = await measured();
  const document = async (): Promise<unknown> => (await door.ask('GET', '/openapi/v2')).body;
  const first = await document();
  door.time.pass(120_000);
  await time.run(120_000);
  t.is(await document(), first, 'asked again, it says the same');
  view.objects.delete('apiregistration.k8s.io/apiservices//v1beta1.metrics.k8s.io');
  t.not(await document(), first);
});

test("a pod's use is told by container, with its labels; a node's as a whole", async (t) => {
  const { door, reported } = await measured();
  t.is(reported(), 1);
  t.deepEqual(bodyJson(await door.ask('GET', `${base}/namespaces/a/pods/web`)), {
    kind: 'PodMetrics',
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: { name: 'web', namespace: 'a', creationTimestamp: '2026-01-01T00:00:00Z', labels: { app: 'web' } },
    timestamp: '2026-01-01T00:00:00Z',
    window: '15s',
    containers: [
      { name: 'b', usage: { cpu: '0', memory: '1Mi' } },
      { name: 'z', usage: { cpu: '1234567n', memory: '4Ki' } },
    ],
  });
  t.deepEqual(bodyJson(await door.ask('GET', `${base}/nodes`)), {
    kind: 'NodeMetricsList',
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: {},
    items: [
      {
        metadata: { name: 'n1', creationTimestamp: '2026-01-01T00:00:00Z', labels: { zone: 'east' } },
        timestamp: '2026-01-01T00:00:00Z',
        window: '15.023s',
        usage: { cpu: '250m', memory: '3Mi' },
      },
    ],
  });
});

test('lists select by namespace, labels and fields', async (t) => {
  const { door } = await measured();
  const names = async (path: string): Promise<readonly string[]> =>
    (
      bodyJson(await door.ask('GET', `${base}${path}`)) as {
        items: { metadata: { name: string; namespace: string } }[];
      }
    ).items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  t.deepEqual(await names('/pods'), ['a/web', 'b/web'], 'what a node says of the pods of another does not count');
  t.deepEqual(await names('/namespaces/b/pods'), ['b/web']);
  t.deepEqual(await names('/pods?labelSelector=app%3Dweb'), ['a/web']);
  t.deepEqual(await names('/pods?fieldSelector=metadata.namespace%3Db'), ['b/web']);
  t.like(bodyJson(await door.ask('GET', `${base}/pods?fieldSelector=spec.nodeName%3Dn1`)), {
    code: 400,
    message: '"spec.nodeName" is not a known field selector: only "metadata.name", "metadata.namespace"',
  });
});

test("tables show the sum of a pod's containers", async (t) => {
  const { door } = await measured();
  const { columnDefinitions, rows } = bodyJson(
    await door.ask('GET', `${base}/namespaces/a/pods`, { headers: table }),
  ) as { columnDefinitions: { name: string }[]; rows: { cells: unknown[]; object: object }[] };
  t.deepEqual(
    columnDefinitions.map(({ name }) => name),
    ['Name', 'cpu', 'memory', 'Window'],
  );
  t.deepEqual(
    rows.map(({ cells }) => cells),
    [['web', '1234567n', '1028Ki', '15s']],
  );
  t.like(rows[0]?.object, { kind: 'PartialObjectMetadata', metadata: { name: 'web' } });
  t.like(bodyJson(await door.ask('GET', `${base}/namespaces/none/pods`, { headers: table })), {
    kind: 'Table',
    columnDefinitions: [],
    rows: [],
  });
});

test('what is not there, not measured or not allowed is told as metrics-server does', async (t) => {
  const { door } = await measured();
  const failure = async (path: string, method = 'GET'): Promise<object> => {
    const answer = await door.ask(method, `${base}${path}`);
    return [answer.status, (bodyJson(answer) as { message: string }).message];
  };
  t.deepEqual(await failure('/namespaces/a/pods/none'), [404, 'pods "none" not found']);
  t.deepEqual(await failure('/namespaces/a/pods/other'), [404, 'pods.metrics.k8s.io "a/other" not found']);
  t.deepEqual(await failure('/nodes/none'), [404, 'nodes "none" not found']);
  t.deepEqual(await failure('/nodes/n2'), [404, 'nodes.metrics.k8s.io "n2" not found']);
  t.deepEqual(await failure('/things'), [404, 'the server could not find the requested resource']);
  t.deepEqual(await failure('/nodes/n1', 'DELETE'), [
    405,
    'the server does not allow this method on the requested resource',
  ]);
  t.deepEqual(await failure('/pods?watch=true'), [
    405,
    'watch is not supported on resources of kind "pods.metrics.k8s.io"',
  ]);
});

test('a node that falls silent for three periods is forgotten', async (t) => {
  const { door, time } = await measured();
  await time.run(44_000);
  t.is((await door.ask('GET', `${base}/nodes/n1`)).status, 200);
  await time.run(2_000);
  t.is((await door.ask('GET', `${base}/nodes/n1`)).status, 404);
  t.deepEqual((bodyJson(await door.ask('GET', `${base}/pods`)) as { items: unknown[] }).items, []);
});

test('what is no report changes nothing', async (t) => {
  const { door, report, reported } = await measured();
  const periodMs = 15_000;
  for (const wrong of [
    'x',
    {},
    { periodMs: 999, pods: [] },
    { periodMs: 1e300, pods: [] },
    { periodMs, pods: [{}] },
    { periodMs, pods: [], node: { cpuNanoCores: -1 } },
    {
      periodMs,
      pods: [{ uid: 'u', at: 0, windowMs: 0, containers: [{ name: 'c', cpuNanoCores: Number.NaN, memoryBytes: 0 }] }],
    },
  ])
    await report('n1', wrong);
  t.is(reported(), 1);
  t.is((await door.ask('GET', `${base}/nodes/n1`)).status, 200);
});

test('a Service in the APIService takes the API over', async (t) => {
  const { door, view, aggregator, exchanged } = await measured();
  const ask = podMetricsClient(aggregator);
  const answer = await ask('a', 'app=web');
  t.like(answer, { type: 'metrics', items: { length: 1, 0: { metadata: { name: 'web' }, window: '15s' } } });
  view.put('apiregistration.k8s.io', 'apiservices', apiService({ service: { name: 'own', namespace: 'default' } }));
  t.is((await door.ask('GET', `${base}/nodes`)).status, 503);
  t.deepEqual(await ask('a', 'app=web'), {
    type: 'failed',
    message: 'the server is currently unable to handle the request (get pods.metrics.k8s.io)',
  });
  t.is(exchanged(), 0, 'the Service has no endpoints');
});

for (const [ms, text] of [
  [15_000, '15s'],
  [15_023, '15.023s'],
  [60_500, '1m0.5s'],
  [3_600_000, '1h0m0s'],
  [250, '250ms'],
  [0, '0s'],
] as const)
  test(`${ms} ms are written ${text}`, (t) => {
    t.is(windowText(ms), text);
  });
