import test from 'ava';
import { isGlobalUnicast, type KubeObject } from '../../api/index.ts';
import { bodyJson, startDoor } from '../testing/index.ts';

test("a node's false word about an address leads neither to this machine nor to a metadata service", async (t) => {
  const door = startDoor();
  const node = (address: string): KubeObject => ({
    kind: 'Node',
    apiVersion: 'v1',
    metadata: { name: 'node-1', uid: 'n' },
    status: { addresses: [{ type: 'InternalIP', address }] },
  });
  const pod = (podIP: string): KubeObject => ({
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name: 'p', namespace: 'n', uid: 'u' },
    spec: { nodeName: 'node-1', containers: [{ name: 'c' }] },
    status: { podIP },
  });
  for (const address of [
    '127.0.0.1',
    '127.1.2.3',
    '::1',
    '::ffff:127.0.0.1',
    '169.254.169.254',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    'localhost',
    '',
  ]) {
    door.view.put('', 'nodes', node(address));
    door.view.put('', 'pods', pod(address));
    for (const path of ['/api/v1/nodes/node-1:6443/proxy/', '/api/v1/namespaces/n/pods/p:6443/proxy/'])
      t.like(
        bodyJson(await door.ask('GET', path)),
        { code: 400, message: 'address not allowed' },
        `${path} to ${address}`,
      );
  }
});

test("an endpoint's address is checked as a pod's is", async (t) => {
  const door = startDoor();
  door.view.put('', 'services', {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name: 's', namespace: 'n', uid: 's' },
    spec: { ports: [{ port: 80 }] },
  });
  for (const address of ['127.0.0.1', '::1', '169.254.169.254', '0.0.0.0', '224.0.0.1', 'localhost']) {
    door.view.put('discovery.k8s.io', 'endpointslices', {
      kind: 'EndpointSlice',
      apiVersion: 'discovery.k8s.io/v1',
      metadata: { name: 's-1', namespace: 'n', uid: 'e', labels: { 'kubernetes.io/service-name': 's' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address] }],
      ports: [{ port: 6443 }],
    });
    t.like(
      bodyJson(await door.ask('GET', '/api/v1/namespaces/n/services/s/proxy/')),
      { code: 400, message: 'address not allowed' },
      address,
    );
  }
});

test('the name of what is asked through a proxy has three parts at most', async (t) => {
  const door = startDoor();
  for (const [path, what] of [
    ['nodes', 'node'],
    ['namespaces/n/pods', 'pod'],
    ['namespaces/n/services', 'service'],
  ] as const) {
    t.like(bodyJson(await door.ask('GET', `/api/v1/${path}/ftp:a:1/proxy/`)), {
      code: 400,
      message: `invalid ${what} request "ftp:a:1"`,
    });
  }
});

test('a node of which no address is known cannot be reached', async (t) => {
  const door = startDoor();
  door.view.put('', 'nodes', {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: { name: 'a', uid: 'n' },
    status: { addresses: [{ type: 'Hostname', address: 'a' }] },
  });
  t.like(bodyJson(await door.ask('GET', '/api/v1/nodes/a/proxy/')), {
    code: 500,
    message: 'Internal error occurred: no preferred addresses found; known addresses: [{Hostname a}]',
  });
});

test('addresses that others can reach are let through', (t) => {
  for (const address of ['10.244.0.3', '192.168.1.1', '100.64.0.1', 'fd00::1', '2001:db8::1'])
    t.true(isGlobalUnicast(address), address);
});
