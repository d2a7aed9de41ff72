import test from 'ava';
import type { JsonObject, KubeObject } from '../../api/index.ts';
import { startHarness, statusLine } from '../testing/harness.ts';
import { repairAllocations } from './index.ts';

const services = '/api/v1/namespaces/default/services';
const specOf = (object: KubeObject): JsonObject => object.spec as JsonObject;
const portsOf = (object: KubeObject): JsonObject[] => specOf(object)['ports'] as JsonObject[];

test('a service gets an address of the range, held by an IPAddress until the service goes', async (t) => {
  const h = await startHarness();
  const made = await h.post(services, { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } });
  const address = String(specOf(made)['clusterIP']);
  t.regex(address, /^10\.96\./);
  t.deepEqual(specOf(made)['clusterIPs'], [address]);
  t.deepEqual((await h.list('/apis/networking.k8s.io/v1/ipaddresses')).names, [address]);
  const taken = await h.post(services, {
    metadata: { name: 't' },
    spec: { clusterIP: address, ports: [{ port: 80 }] },
  });
  t.true(
    statusLine(taken).endsWith(`failed to allocate IP ${address}: provided IP is already allocated`),
    statusLine(taken),
  );
  await h.remove(`${services}/s`);
  t.deepEqual((await h.list('/apis/networking.k8s.io/v1/ipaddresses')).names, []);
});

test('node ports are unique, kept through updates and given back with the type', async (t) => {
  const h = await startHarness();
  const made = await h.post(services, {
    metadata: { name: 's' },
    spec: {
      type: 'NodePort',
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 81, nodePort: 30001 },
      ],
    },
  });
  const first = portsOf(made)[0]?.['nodePort'] as number;
  t.true(first >= 30_000 && first <= 32_767 && first !== 30_001);
  const clash = await h.post(services, {
    metadata: { name: 't' },
    spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30001 }] },
  });
  t.is(
    statusLine(clash),
    '422 Invalid: Service "t" is invalid: spec.ports[0].nodePort: Invalid value: 30001: provided port is ' +
      'already allocated',
  );
  const put = await h.put(`${services}/s`, {
    metadata: { name: 's' },
    spec: {
      type: 'NodePort',
      ports: [
        { name: 'a', port: 8080 },
        { name: 'b', port: 81 },
      ],
    },
  });
  t.deepEqual(
    portsOf(put).map(({ nodePort }) => nodePort),
    [first, 30001],
  );
  t.is(specOf(put)['clusterIP'], specOf(made)['clusterIP']);
  const plain = await h.patch(`${services}/s`, 'merge', { spec: { type: 'ClusterIP' } });
  t.deepEqual(
    portsOf(plain).map(({ nodePort }) => nodePort),
    [undefined, undefined],
  );
  t.is(h.store.count('/allocations/nodeports/'), 0);
});

test('a status is written without a look at addresses and ports, in a dry run too', async (t) => {
  const h = await startHarness();
  const made = await h.post(services, {
    metadata: { name: 's' },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
  });
  const status = { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } };
  for (const dryRun of [true, false]) {
    const put = await h.patch(`${services}/s/status`, 'merge', status, { dryRun });
    t.deepEqual(
      [specOf(put), put['status']],
      [specOf(made), { loadBalancer: { ingress: [{ ip: '192.0.2.1', ipMode: 'VIP' }] } }],
    );
  }
});

test('a wish for an address or a port that cannot be met is refused before anything else is looked at', async (t) => {
  const h = await startHarness();
  const answer = async (spec: object, more: object = {}): Promise<string> =>
    statusLine(await h.post(services, { metadata: { name: 's' }, spec: { sessionAffinity: 'Never', ...spec } }, more));
  const outside = { clusterIP: '1.2.3.4', ports: [{ port: 1 }] };
  t.is(
    await answer(outside),
    '422 Invalid: Service "s" is invalid: spec.clusterIPs: Invalid value: ["1.2.3.4"]: failed to allocate ' +
      'IP 1.2.3.4: the provided network does not match the current range',
  );
  t.is(
    await answer(outside, { dryRun: true }),
    '422 Invalid: Service "s" is invalid: spec.clusterIPs: Invalid value: ["1.2.3.4"]: failed to allocate ' +
      'IP 1.2.3.4: the provided IP (1.2.3.4) is not in the valid range. The range of valid IPs is 10.96.0.0/16',
  );
  const twice = {
    type: 'NodePort',
    ports: [
      { name: 'a', port: 1, nodePort: 30001 },
      { name: 'b', port: 2, nodePort: 30001, protocol: 'UDP' },
    ],
  };
  t.is(
    await answer(twice),
    '422 Invalid: Service "s" is invalid: spec.ports[1].nodePort: Invalid value: 30001: provided port is ' +
      'already allocated',
  );
  t.is(
    await answer({ type: 'NodePort', ports: [{ port: 1, nodePort: 1 }] }),
    '422 Invalid: Service "s" is invalid: spec.ports[0].nodePort: Invalid value: 1: provided port is not in ' +
      'the valid range. The range of valid ports is 30000-32767',
  );
});

test('a dry run looks for what is taken by ports only, and makes up what is missing', async (t) => {
  const h = await startHarness();
  const made = await h.post(services, {
    metadata: { name: 'first' },
    spec: { type: 'NodePort', ports: [{ port: 1, nodePort: 30005 }] },
  });
  const dry = async (spec: object): Promise<KubeObject> =>
    h.post(
      services,
      {
        metadata: { name: 's' },
        spec: {
          type: 'NodePort',
          ports: [
            { name: 'a', port: 1 },
            { name: 'b', port: 2 },
          ],
          ...spec,
        },
      },
      { dryRun: true },
    );
  t.is(specOf(await dry({ clusterIP: specOf(made)['clusterIP'] }))['clusterIP'], specOf(made)['clusterIP']);
  t.deepEqual(
    portsOf(await dry({})).map(({ nodePort }) => nodePort),
    [32769, 32770],
  );
  t.deepEqual(
    portsOf(await dry({ ports: [{ port: 1, nodePort: 1 }] })).map(({ nodePort }) => nodePort),
    [1],
  );
  t.regex(statusLine(await dry({ ports: [{ port: 1, nodePort: 30005 }] })), /provided port is already allocated$/);
});

test('one port over two protocols has one node port', async (t) => {
  const h = await startHarness();
  const made = await h.post(services, {
    metadata: { name: 's' },
    spec: {
      type: 'NodePort',
      ports: [
        { name: 'a', port: 53 },
        { name: 'b', port: 53, protocol: 'UDP', nodePort: 30053 },
        { name: 'c', port: 54 },
      ],
    },
  });
  t.deepEqual(
    portsOf(made)
      .slice(0, 2)
      .map(({ nodePort }) => nodePort),
    [30053, 30053],
  );
  t.not(portsOf(made)[2]?.['nodePort'], 30053);
});

test('two writers that choose the same address do not both get it', async (t) => {
  const h = await startHarness();
  const clash = h.post(services, { metadata: { name: 'a' }, spec: { clusterIP: '10.96.0.50', ports: [{ port: 80 }] } });
  const other = h.post(services, { metadata: { name: 'b' }, spec: { clusterIP: '10.96.0.50', ports: [{ port: 80 }] } });
  t.deepEqual((await Promise.all([clash, other])).map(({ kind }) => kind).sort(), ['Service', 'Status']);
});

test('repair frees what no service holds', async (t) => {
  const h = await startHarness();
  await h.post(services, { metadata: { name: 's' }, spec: { type: 'NodePort', ports: [{ port: 80 }] } });
  h.store.apply([], [{ type: 'delete', key: '/core/services/default/s' }]);
  t.is(await repairAllocations(h.store), 2);
  t.is(await repairAllocations(h.store), 0);
});

test('two nodes that start at once never share a pod range; it is free again when its node is gone', async (t) => {
  const h = await startHarness();
  const node = (name: string, range: string): JsonObject => ({
    metadata: { name },
    spec: { podCIDR: range, podCIDRs: [range] },
  });
  const answers = await Promise.all(
    ['a', 'b', 'c'].map((name) => h.post('/api/v1/nodes', node(name, '10.244.1.0/24'))),
  );
  const refused = answers.map(statusLine).filter((line) => line.startsWith('422'));
  t.is(refused.length, 2);
  t.regex(
    refused[0] ?? '',
    /spec\.podCIDR: Invalid value: "10\.244\.1\.0\/24": provided range is already allocated to another node$/,
  );
  const [holder = ''] = (await h.list('/api/v1/nodes')).names;
  t.regex(
    statusLine(await h.post('/api/v1/nodes', node(holder, '10.244.1.0/24'))),
    /^409 AlreadyExists/,
    'a node that registers again',
  );
  await h.post('/api/v1/nodes', { metadata: { name: 'd' } });
  t.regex(
    statusLine(
      await h.patch('/api/v1/nodes/d', 'merge', { spec: { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24'] } }),
    ),
    /^422/,
  );
  await h.remove(`/api/v1/nodes/${holder}`);
  t.like(
    (await h.patch('/api/v1/nodes/d', 'merge', { spec: { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24'] } }))
      .spec as JsonObject,
    { podCIDR: '10.244.1.0/24' },
  );
  t.is(await repairAllocations(h.store), 0);
});
