import test from 'ava';
import { silentLogger, silentMetrics } from '../../base/index.ts';
import type { GroupResource } from '../../api/index.ts';
import type { ResourceView } from '../../resources/index.ts';
import { startProxy } from './proxy.ts';

const kubernetes = {
  kind: 'Service',
  apiVersion: 'v1',
  metadata: { namespace: 'default', name: 'kubernetes' },
  spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443, protocol: 'TCP' }] },
};
const slice = (addresses: readonly string[]): object => ({
  kind: 'EndpointSlice',
  apiVersion: 'discovery.k8s.io/v1',
  metadata: { namespace: 'default', name: 'kubernetes', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
  addressType: 'IPv4',
  ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
  endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
});

/** The rules that a proxy writes at its start. */
async function rulesWith(slices: readonly object[], more: Readonly<Record<string, object>> = {}): Promise<string> {
  const { service, node } = more;
  const objects: Readonly<Record<string, readonly object[]>> = {
    services: service === undefined ? [kubernetes] : [kubernetes, service],
    endpointslices: slices,
    nodes: node === undefined ? [] : [node],
  };
  const view = {
    list: ({ resource }: GroupResource) => objects[resource] ?? [],
    onChange: () => () => undefined,
  } as unknown as ResourceView;
  let text = '';
  const proxy = startProxy({
    view,
    clock: { now: () => 0, monotonic: () => 0 },
    timers: {
      after: (_ms, call) => {
        queueMicrotask(call);
        return { cancel: () => undefined };
      },
      every: () => ({ cancel: () => undefined }),
    },
    log: silentLogger,
    metrics: silentMetrics,
    run: (_program, _args, input = '') => {
      text = input;
      return Promise.resolve('');
    },
    facts: [
      {
        family: 'IPv4',
        table: 'troupe_test',
        bridge: 'trp-test',
        overlay: 'trpx-test',
        clusterCidr: '10.244.0.0/16',
        serviceCidr: '10.96.0.0/16',
        filtered: true,
      },
    ],
    apiServer: { host: '192.0.2.1', port: 7443 },
    active: () => true,
    localNodes: () => [],
    hostPorts: () => [],
    ownAddresses: () => new Set(),
    rangesChanged: () => undefined,
  });
  for (let i = 0; i < 10; i++) await Promise.resolve();
  await proxy.close();
  return text;
}

test('the service of the API leads to the members behind it, wherever they are', async (t) => {
  const text = await rulesWith([slice(['192.0.2.2', '192.0.2.3'])]);
  t.true(text.includes('192.0.2.2') && text.includes('192.0.2.3'), text);
  t.false(text.includes('192.0.2.1'));
});

test('while no member is behind it, the service of the API leads to where this machine knows the API', async (t) => {
  const text = await rulesWith([]);
  t.regex(text, /map nth-0-by-address [^}]*\{ 10\.96\.0\.1 : 192\.0\.2\.1 \}/);
  t.regex(text, /map target-ports [^}]*\{ 10\.96\.0\.1 : 7443 \}/);
});

test('no Service takes the addresses of nodes or of the API', async (t) => {
  const service = {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { namespace: 'apps', name: 'thief' },
    spec: {
      clusterIP: '10.96.0.9',
      ports: [{ port: 6443, protocol: 'TCP' }],
      externalIPs: ['192.0.2.2', '192.0.2.8', '203.0.113.9'],
    },
  };
  const addresses = [{ type: 'InternalIP', address: '192.0.2.8' }];
  const node = { kind: 'Node', apiVersion: 'v1', metadata: { name: 'node-1' }, status: { addresses } };
  const text = await rulesWith([slice(['192.0.2.2'])], { service, node });
  t.true(text.includes('203.0.113.9 . tcp . 6443'), text);
  t.false(text.includes('192.0.2.8 . tcp . 6443'));
  t.false(text.includes('192.0.2.2 . tcp . 6443'));
});
