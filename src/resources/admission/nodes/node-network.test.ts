import test from 'ava';
import type { KubeObject } from '../../../api/index.ts';
import { type Harness, startHarness } from '../../testing/harness.ts';

/** What an agent says of the network: other machines make routes, rules and endpoints of it. */
const user = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };
const pods = '/api/v1/namespaces/default/pods';
type Answer = KubeObject & { readonly message?: string; readonly code?: number };

async function cluster(): Promise<Harness> {
  const h = await startHarness({
    settings: { podCidrs: ['10.244.0.0/16', 'fd00:244::/48'], serviceCidrs: ['10.96.0.0/16'] },
  });
  await h.post('/api/v1/nodes', { metadata: { name: 'n1' } });
  await h.post('/api/v1/nodes', { metadata: { name: 'n2' }, spec: { podCIDRs: ['10.244.2.0/24'] } });
  for (const [name, hostNetwork] of [
    ['mine', false],
    ['host', true],
  ] as const)
    await h.post(pods, {
      metadata: { name },
      spec: { nodeName: 'n1', hostNetwork, containers: [{ name: 'c', image: 'i' }] },
    });
  return h;
}

const reasonOf = ({ message = '' }: Answer): string => message.replace(/^\S+ "[^"]*" is forbidden: node "n1" /, '');

const addressRows: readonly (readonly [type: string, address: string, allowed?: 'allowed'])[] = [
  ['InternalIP', '192.0.2.1', 'allowed'],
  ['InternalIP', 'fd00:77::1', 'allowed'],
  ['ExternalIP', '198.51.100.1', 'allowed'],
  ['Hostname', 'n1.example.com', 'allowed'],
  ['InternalIP', '192.0.2.1\nnetns exec a touch /tmp/owned'],
  ['InternalIP', '192.0.2.1 dev eth0'],
  ['InternalIP', '010.0.0.1'],
  ['InternalIP', '127.0.0.1'],
  ['ExternalIP', '169.254.169.254'],
  ['InternalIP', '::1'],
  ['InternalIP', '::ffff:127.0.0.1'],
  ['InternalIP', '10.96.0.1'],
  ['ExternalIP', '10.244.2.7'],
  ['InternalIP', 'fd00:244::7'],
  ['InternalIP', 'example.com'],
  ['Hostname', 'a\nb'],
  ['Own', 'a b'],
];

for (const [type, address, allowed] of addressRows)
  for (const [how, write] of [
    [
      'in its status',
      (h: Harness, status: object) => h.patch('/api/v1/nodes/n1/status', 'merge', { status }, { user }),
    ],
    [
      'when it registers',
      async (h: Harness, status: object) => {
        await h.remove('/api/v1/nodes/n1');
        return h.post('/api/v1/nodes', { metadata: { name: 'n1' }, status }, { user });
      },
    ],
  ] as const)
    test(`a node ${allowed ?? 'is not allowed'} to have the ${type} ${JSON.stringify(address)} ${how}`, async (t) => {
      const answer = (await write(await cluster(), { addresses: [{ type, address }] })) as Answer;
      if (allowed !== undefined) return t.is(answer.kind, 'Node', answer.message);
      return t.is(reasonOf(answer), `is not allowed to have the address ${JSON.stringify(`${type} ${address}`)}`);
    });

test('an address that an administrator gave a node may stay', async (t) => {
  const h = await cluster();
  const addresses = [{ type: 'InternalIP', address: '10.96.0.1' }];
  await h.patch('/api/v1/nodes/n1/status', 'merge', { status: { addresses } });
  const conditions = [{ type: 'Ready', status: 'True' }];
  t.is((await h.patch('/api/v1/nodes/n1/status', 'merge', { status: { conditions } }, { user })).kind, 'Node');
});

const rangeRows: readonly (readonly [spec: object, reason: string])[] = [
  [{ podCIDR: '10.244.1.0/24' }, ''],
  [{ podCIDRs: ['10.244.1.0/24', 'fd00:244:0:1::/64'] }, ''],
  [{ podCIDR: '0.0.0.0/0' }, "is not allowed to take the pod range 0.0.0.0/0: it is not in the cluster's"],
  [{ podCIDR: '203.0.113.5/32' }, "is not allowed to take the pod range 203.0.113.5/32: it is not in the cluster's"],
  [{ podCIDR: '10.96.0.0/24' }, "is not allowed to take the pod range 10.96.0.0/24: it is not in the cluster's"],
  [
    { podCIDR: '203.0.113.5/32', podCIDRs: ['10.244.1.0/24'] },
    "is not allowed to take the pod range 203.0.113.5/32: it is not in the cluster's",
  ],
  [{ podCIDR: '10.244.0.0/16' }, 'is not allowed to take the pod range 10.244.0.0/16: another node has part of it'],
  [{ podCIDR: '10.244.2.128/25' }, 'is not allowed to take the pod range 10.244.2.128/25: another node has part of it'],
  [{ podCIDR: '10.244.2.1/24' }, 'is not allowed to take the pod range 10.244.2.1/24: another node has part of it'],
];

for (const [spec, reason] of rangeRows)
  test(`a node that takes ${JSON.stringify(spec)} ${reason === '' ? 'gets it' : reason}`, async (t) => {
    const h = await cluster();
    const changed = (await h.patch('/api/v1/nodes/n1', 'merge', { spec }, { user })) as Answer;
    await h.remove('/api/v1/nodes/n1');
    const created = (await h.post('/api/v1/nodes', { metadata: { name: 'n1' }, spec }, { user })) as Answer;
    for (const answer of [changed, created])
      if (reason === '') t.is(answer.kind, 'Node', answer.message);
      else t.is(reasonOf(answer), reason);
  });

test('the very range of another node is refused as before, so that an agent tries the next one', async (t) => {
  const h = await cluster();
  const answer = (await h.patch(
    '/api/v1/nodes/n1',
    'merge',
    { spec: { podCIDR: '10.244.2.0/24' } },
    { user },
  )) as Answer;
  t.is(answer.code, 422);
  t.regex(answer.message ?? '', /spec\.podCIDR: Invalid value: "10\.244\.2\.0\/24"/);
});

const podRows: readonly (readonly [pod: string, address: string, allowed?: 'allowed'])[] = [
  ['mine', '10.244.1.7', 'allowed'],
  ['mine', '10.244.2.7'],
  ['mine', '192.0.2.1'],
  ['mine', '203.0.113.5'],
  ['mine', '010.244.1.7'],
  ['host', '192.0.2.1', 'allowed'],
  ['host', '192.0.2.2'],
  ['host', '10.244.2.7'],
];

for (const [pod, address, allowed] of podRows)
  test(`a node ${allowed ?? 'is not allowed'} to give its pod ${pod} the address ${address}`, async (t) => {
    const h = await cluster();
    await h.patch('/api/v1/nodes/n1', 'merge', { spec: { podCIDR: '10.244.1.0/24' } }, { user });
    const addresses = [{ type: 'InternalIP', address: '192.0.2.1' }];
    await h.patch('/api/v1/nodes/n1/status', 'merge', { status: { addresses } }, { user });
    const status = { podIP: address, podIPs: [{ ip: address }] };
    const answer = (await h.patch(`${pods}/${pod}/status`, 'merge', { status }, { user })) as Answer;
    if (allowed !== undefined) return t.is(answer.kind, 'Pod', answer.message);
    return t.is(reasonOf(answer), `cannot give a pod the address ${JSON.stringify(address)}, which is not its own`);
  });

test('a node without ranges has another network, of which nothing is known', async (t) => {
  const h = await cluster();
  const status = { podIP: '172.16.0.9', podIPs: [{ ip: '172.16.0.9' }] };
  t.is((await h.patch(`${pods}/mine/status`, 'merge', { status }, { user })).kind, 'Pod');
});
