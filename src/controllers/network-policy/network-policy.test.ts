import test from 'ava';
import { type EndpointSlice, type NetworkPolicySpec, resources } from '../../api/index.ts';
import { peersOf, selectedPodsOf, setLabel, withPort } from '../../protocol/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { networkPolicyController } from './controller.ts';

const shop = { name: 'shop', labels: { team: 'a' } };
const tools = { name: 'tools', labels: { team: 'b' } };

async function start(spec: NetworkPolicySpec) {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [networkPolicyController()]);
  for (const metadata of [shop, tools])
    await cluster.make(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata });
  const pod = async (
    name: string,
    namespace: string,
    ip: string,
    more: {
      readonly labels?: Record<string, string>;
      readonly port?: number;
      readonly hostNetwork?: boolean;
      readonly phase?: string;
    } = {},
  ): Promise<void> => {
    const { labels = {}, port, phase = 'Running', ...own } = more;
    await cluster.make(resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels },
      spec: {
        nodeName: 'node-1',
        ...own,
        containers: [
          {
            name: 'c',
            ...(port === undefined ? {} : { ports: [{ name: 'http', containerPort: port, protocol: 'TCP' }] }),
          },
        ],
      },
      status: { phase, podIP: ip },
    });
  };
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'p', namespace: 'shop' },
    spec,
  };
  await cluster.make(resources.networkPolicies, policy);
  const held = async (key: string | undefined): Promise<string[]> => {
    await harness.settle();
    return cluster.view
      .list<EndpointSlice>(resources.endpointSlices, 'shop')
      .filter((slice) => slice.metadata.labels?.[setLabel] === key)
      .flatMap(({ endpoints, ports }) =>
        (endpoints ?? []).map(
          ({ addresses, nodeName }) =>
            `${addresses.join()} ${nodeName ?? ''}${(ports ?? []).map(({ port }) => `:${port ?? ''}`).join('')}`,
        ),
      )
      .sort();
  };
  return { cluster, harness, pod, held };
}

test('pods of two families have an address in each of them', async (t) => {
  const spec: NetworkPolicySpec = { podSelector: {} };
  const { cluster, held } = await start(spec);
  await cluster.make(resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { nodeName: 'node-1', containers: [{ name: 'c' }] },
    status: { phase: 'Running', podIP: '10.244.0.2', podIPs: [{ ip: '10.244.0.2' }, { ip: 'fd00:244::2' }] },
  });
  t.deepEqual(await held(selectedPodsOf(spec).key), ['10.244.0.2 node-1', 'fd00:244::2 node-1']);
  const types = cluster.view
    .list<EndpointSlice>(resources.endpointSlices, 'shop')
    .map(({ addressType, endpoints }) => `${addressType} ${endpoints?.length ?? 0}`);
  t.deepEqual(types.sort(), ['IPv4 1', 'IPv6 1']);
});

test('the addresses of the pods that a policy is about, and of its peers, follow the pods', async (t) => {
  const spec: NetworkPolicySpec = {
    podSelector: { matchLabels: { app: 'web' } },
    ingress: [{ from: [{ podSelector: { matchLabels: { app: 'proxy' } } }] }],
  };
  const { cluster, pod, held } = await start(spec);
  const peers = peersOf(spec.ingress?.[0]?.from?.[0])?.key;
  await pod('web-1', 'shop', '10.244.0.2', { labels: { app: 'web' } });
  await pod('web-2', 'tools', '10.244.0.3', { labels: { app: 'web' } });
  await pod('host', 'shop', '192.0.2.1', { labels: { app: 'web' }, hostNetwork: true });
  await pod('done', 'shop', '10.244.0.4', { labels: { app: 'web' }, phase: 'Succeeded' });
  await pod('proxy', 'shop', '10.244.0.5', { labels: { app: 'proxy' } });
  t.deepEqual(await held(selectedPodsOf(spec).key), ['10.244.0.2 node-1']);
  t.deepEqual(await held(peers), ['10.244.0.5 node-1']);
  await cluster.client.patch({ ...resources.pods, namespace: 'shop', name: 'proxy' }, {
    type: 'merge',
    body: { metadata: { labels: { app: 'other' } } },
  } as never);
  await cluster.client.delete({ ...resources.pods, namespace: 'shop', name: 'web-1' });
  t.deepEqual([await held(selectedPodsOf(spec).key), await held(peers)], [[], []]);
});

test('a peer of other namespaces follows their labels', async (t) => {
  const spec: NetworkPolicySpec = {
    podSelector: {},
    ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'b' } } }] }],
  };
  const { cluster, pod, held } = await start(spec);
  const peers = peersOf(spec.ingress?.[0]?.from?.[0])?.key;
  await pod('one', 'shop', '10.244.0.2');
  await pod('two', 'tools', '10.244.0.3');
  t.deepEqual(await held(peers), ['10.244.0.3 node-1']);
  await cluster.client.patch({ ...resources.namespaces, name: 'shop' }, {
    type: 'merge',
    body: { metadata: { labels: { team: 'b' } } },
  } as never);
  t.deepEqual(await held(peers), ['10.244.0.2 node-1', '10.244.0.3 node-1']);
});

test("a named port is each receiving pod's own; sets that a changed policy no longer has go", async (t) => {
  const port = { port: 'http', protocol: 'TCP' } as const;
  const spec: NetworkPolicySpec = {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [{ to: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [port] }],
  };
  const { cluster, pod, held } = await start(spec);
  const peers = peersOf(spec.egress?.[0]?.to?.[0]);
  if (peers === undefined) throw new Error('a selector is no block');
  await pod('one', 'shop', '10.244.0.2', { labels: { app: 'web' }, port: 80 });
  await pod('two', 'shop', '10.244.0.3', { labels: { app: 'web' }, port: 8080 });
  await pod('none', 'shop', '10.244.0.4', { labels: { app: 'web' } });
  t.deepEqual(await held(withPort(peers, port).key), ['10.244.0.2 node-1:80', '10.244.0.3 node-1:8080']);
  await cluster.client.patch({ ...resources.networkPolicies, namespace: 'shop', name: 'p' }, {
    type: 'merge',
    body: { spec: { egress: null } },
  } as never);
  t.deepEqual([await held(peers.key), await held(withPort(peers, port).key)], [[], []]);
});
