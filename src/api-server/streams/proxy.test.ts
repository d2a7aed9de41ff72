import test from 'ava';
import { isGlobalUnicast, type KubeObject } from '../../api/index.ts';
import { subjectsOf } from '../../bus/index.ts';
import { Query } from '../query.ts';
import { noQueryFacts, requestInfo } from '../request-info.ts';
import { bodyJson, startDoor } from '../testing/index.ts';
import { admitted } from './connection.ts';
import { proxied, type ProxyTarget } from './proxy.ts';

/** What a backend is asked for when `path` is asked of the proxy, and the proxy's answer. */
async function exchanged(
  method: string,
  path: string,
  { podIP = '10.244.0.3', ...answer }: { readonly status: number; readonly headers?: object; readonly podIP?: string },
) {
  const { view, bus, time } = startDoor();
  for (const namespace of ['n', 'proxy-1'])
    view.put('', 'pods', {
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { name: 'proxy-web', namespace, uid: namespace },
      spec: { containers: [{ name: 'c' }] },
      status: { podIP },
    });
  const [bare = '', query = ''] = path.split('?');
  const info = requestInfo(method, bare, noQueryFacts);
  const targets: ProxyTarget[] = [];
  const response = await proxied(
    {
      view,
      bus,
      subjects: subjectsOf('test'),
      timers: time.timers,
      exchange: (target) => {
        targets.push(target);
        return Promise.resolve({ status: answer.status, headers: { ...answer.headers }, body: new Uint8Array(0) });
      },
    },
    {
      http: { method, path: bare, query, headers: {}, body: new Uint8Array(0) },
      user: { name: 'u', groups: [] },
      info,
      query: new Query(query),
      warn: () => undefined,
      mayCreate: undefined,
      audit: undefined,
    },
  );
  const hosts = targets.map(({ host }) => host);
  return { asked: targets.map((target) => `${target.method} ${target.path}`), hosts, response };
}

test('the path of a backend begins behind the subresource, whatever names stand before it', async (t) => {
  for (const [path, asked] of [
    ['/api/v1/namespaces/proxy-1/pods/proxy-web/proxy/a/proxy/b?c=d', '/a/proxy/b?c=d'],
    ['/api/v1/namespaces/n/pods/proxy-web/proxy/', '/'],
    ['/api/v1/namespaces/n/pods/proxy-web/proxy//a//b/', '//a//b/'],
    ['/api/v1/namespaces/n/pods/proxy-web/proxy/%70roxy', '/%70roxy'],
  ] as const)
    t.deepEqual((await exchanged('GET', path, { status: 200 })).asked, [`GET ${asked}`], path);
});

test('admission sees the path of the backend, whatever names stand before it', async (t) => {
  const options: unknown[] = [];
  const info = requestInfo('GET', '/api/v1/namespaces/proxy/pods/proxy/proxy/a/b', noQueryFacts);
  const context = { info, query: new Query(''), user: { name: 'u', groups: [] }, warn: () => undefined };
  const connect = (_target: unknown, about: object): Promise<object> => {
    options.push(about);
    return Promise.resolve(about);
  };
  await admitted({ connect: connect as never }, context as never, { target: {} } as never);
  t.deepEqual(options, [{ apiVersion: 'v1', kind: 'PodProxyOptions', path: 'a/b' }]);
});

test('a redirect of a backend stays behind the proxy in a namespace whose name begins with proxy', async (t) => {
  const prefix = '/api/v1/namespaces/proxy-1/pods/proxy-web/proxy';
  const { response } = await exchanged('GET', `${prefix}/a`, { status: 302, headers: { location: '/b' } });
  t.is(response.headers['location'], `${prefix}/b`);
});

test('only what reads is redirected to the path with a closing slash', async (t) => {
  const path = '/api/v1/namespaces/n/pods/proxy-web/proxy';
  for (const method of ['GET', 'HEAD']) {
    const { asked, response } = await exchanged(method, `${path}?a=b`, { status: 200 });
    t.deepEqual(asked, []);
    t.is(response.status, 301);
    t.is(response.headers['location'], `${path}/?a=b`);
  }
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    t.deepEqual((await exchanged(method, `${path}?a=b`, { status: 200 })).asked, [`${method} /?a=b`]);
});

test('OPTIONS goes through a proxy, and nowhere else', async (t) => {
  const door = startDoor();
  t.like(bodyJson(await door.ask('OPTIONS', '/api/v1/namespaces/n/pods/p/proxy/')), { code: 404, reason: 'NotFound' });
  t.like(bodyJson(await door.ask('OPTIONS', '/api/v1/namespaces/n/pods/p')), { code: 405 });
  t.like(bodyJson(await door.ask('TRACE', '/api/v1/namespaces/n/pods/p/proxy/')), { code: 405 });
});

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

test('a backend is dialled by the address that was checked', async (t) => {
  const { hosts } = await exchanged('GET', '/api/v1/namespaces/n/pods/proxy-web/proxy/', {
    status: 200,
    podIP: '0177.0.0.1', // The system's resolver would read it as 127.0.0.1.
  });
  t.deepEqual(hosts, ['177.0.0.1']);
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
