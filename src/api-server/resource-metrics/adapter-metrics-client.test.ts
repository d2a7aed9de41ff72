import test from 'ava';
import type { Aggregator } from '../aggregation/index.ts';
import { utf8 } from '../request.ts';
import { adapterMetricsClient } from './adapter-metrics-client.ts';

interface Adapter {
  readonly available?: boolean;
  readonly status?: number;
  readonly body?: unknown;
}

/** A client of the adapters of these APIs (`version.group`), and the paths that it asked for. */
function client(adapters: Readonly<Record<string, Adapter>>): {
  readonly ask: ReturnType<typeof adapterMetricsClient>;
  readonly asked: string[];
} {
  const asked: string[] = [];
  const aggregator = {
    api: (group: string, version: string) => {
      const adapter = adapters[`${version}.${group}`];
      if (adapter === undefined) return undefined;
      const available = { type: 'Available', status: adapter.available === false ? 'False' : 'True' };
      return { spec: { group, version }, status: { conditions: [available] } };
    },
    fetch: (
      { spec }: { readonly spec: { readonly group: string; readonly version: string } },
      { info, query }: { readonly info: { readonly path: string }; readonly query: string },
    ) => {
      asked.push(query === '' ? info.path : `${info.path}?${query}`);
      const { status = 200, body = {} } = adapters[`${spec.version}.${spec.group}`] ?? {};
      return Promise.resolve({ status, headers: {}, body: utf8(JSON.stringify(body)) });
    },
  } as unknown as Aggregator;
  return { ask: adapterMetricsClient(aggregator), asked };
}

const custom = 'custom.metrics.k8s.io';
const external = 'external.metrics.k8s.io';
const ofPods = { group: custom, namespace: 'ns', resource: 'pods', name: '*', subresource: 'rps' } as const;

test('values of pods are asked for under the best version that an adapter serves', async (t) => {
  const item = { describedObject: { kind: 'Pod', name: 'a' }, metric: { name: 'rps' }, timestamp: 'T', value: '1500m' };
  const adapter = { body: { items: [item] } };
  const { ask, asked } = client({ [`v1beta1.${custom}`]: {}, [`v1beta2.${custom}`]: adapter });
  t.deepEqual(await ask({ ...ofPods, query: { labelSelector: 'app in (a,b)', metricLabelSelector: 'q=1' } }), {
    type: 'values',
    items: [{ name: 'a', timestamp: 'T', value: '1500m' }],
  });
  t.deepEqual(asked, [
    `/apis/${custom}/v1beta2/namespaces/ns/pods/*/rps?labelSelector=app%20in%20(a%2Cb)&metricLabelSelector=q%3D1`,
  ]);
  const older = client({ [`v1beta1.${custom}`]: adapter, [`v1beta2.${custom}`]: { available: false } });
  t.like(await older.ask({ group: custom, resource: 'nodes', name: 'n', subresource: 'load', query: {} }), {
    type: 'values',
  });
  t.deepEqual(older.asked, [`/apis/${custom}/v1beta1/nodes/n/load`]);
});

test('values from outside have no object', async (t) => {
  const { ask, asked } = client({ [`v1beta1.${external}`]: { body: { items: [{ metricName: 'q', value: '3k' }] } } });
  t.deepEqual(await ask({ group: external, namespace: 'ns', resource: 'queue/depth', query: {} }), {
    type: 'values',
    items: [{ name: '', timestamp: '', value: '3k' }],
  });
  t.deepEqual(asked, [`/apis/${external}/v1beta1/namespaces/ns/queue%2Fdepth`]);
});

test('an answer that cannot be had is told in the words of a client', async (t) => {
  const why = async (adapters: Readonly<Record<string, Adapter>>, group: typeof custom | typeof external = custom) => {
    const question = group === custom ? { ...ofPods, query: {} } : { group, resource: 'q', query: {} };
    const answer = await client(adapters).ask(question);
    return answer.type === 'failed' ? answer.message : JSON.stringify(answer);
  };
  const served = `v1beta2.${custom}`;
  t.is(await why({}), `no custom metrics API (${custom}) registered`);
  t.is(await why({}, external), `the server could not find the requested resource (get q.${external})`);
  t.is(
    await why({ [served]: { available: false } }),
    `the server is currently unable to handle the request (get pods.${custom} *)`,
  );
  const refusal = { kind: 'Status', message: 'the server could not find the metric rps for pods' };
  t.is(await why({ [served]: { status: 404, body: refusal } }), refusal.message);
  t.is(await why({ [served]: { status: 500, body: 'x' } }), 'status 500');
  for (const value of ['much', 5, undefined])
    t.is(
      await why({ [served]: { body: { items: [{ value }] } } }),
      `the server answered with what are no metrics (get pods.${custom} *)`,
    );
});
