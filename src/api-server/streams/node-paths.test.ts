import test from 'ava';
import { decode, encode, subjectsOf } from '../../bus/index.ts';
import type { OpenStream } from '../../protocol/index.ts';
import { bind, bodyJson, type DoorHarness, role, startDoor, streamOf } from '../testing/index.ts';

/** A door with two nodes and a pod, and the agent of `node-1`, which answers each path with itself. */
function world(): { readonly door: DoorHarness; readonly asked: OpenStream[] } {
  const door = startDoor();
  const status = { addresses: [{ type: 'InternalIP', address: '192.0.2.1' }] };
  for (const name of ['node-1', 'node-2'])
    door.view.put('', 'nodes', { kind: 'Node', apiVersion: 'v1', metadata: { name, uid: name }, status });
  door.view.put('', 'pods', {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name: 'p', namespace: 'n', uid: 'u' },
    spec: { nodeName: 'node-1', containers: [{ name: 'c' }, { name: 'd' }] },
  });
  const bus = door.network.client('agent');
  const asked: OpenStream[] = [];
  bus.subscribe(subjectsOf('test').nodeStream('node-1'), (message) => {
    const open = decode(message.payload) as OpenStream;
    asked.push(open);
    const headers = { 'content-type': 'text/plain', location: '/logs/', 'set-cookie': 'a=b' };
    const answer = { status: open.path === '/odd' ? 101 : 200, headers };
    bus.publish(message.reply ?? '', encode({ type: 'opened', toAgent: bus.inbox(), answer }));
    const data = new TextEncoder().encode(`asked ${open.path ?? ''}`);
    bus.publish(open.toDoor, encode({ type: 'data', seq: 1, channel: 1, data }));
    bus.publish(open.toDoor, encode({ type: 'end', seq: 2 }));
  });
  return { door, asked };
}

test('the proxy of a node asks its agent, with and without the port of the kubelet', async (t) => {
  for (const node of ['node-1', 'node-1:10250']) {
    const { door } = world();
    const response = await door.ask('GET', `/api/v1/nodes/${node}/proxy/metrics/resource?a=b`);
    t.is(response.status, 200);
    t.is(streamOf(response).text, 'asked /metrics/resource?a=b');
    t.is(response.headers['location'], `/api/v1/nodes/${node}/proxy/logs/`);
    t.is(response.headers['set-cookie'], undefined);
    t.is((await door.ask('GET', `/api/v1/nodes/${node}/proxy/odd`)).status, 500);
  }
});

test('a node that is absent is not found, one without an agent is unavailable, and only reads are known', async (t) => {
  const { door } = world();
  t.is((await door.ask('GET', '/api/v1/nodes/none/proxy/pods')).status, 404);
  const away = await door.ask('GET', '/api/v1/nodes/node-2/proxy/pods');
  t.is(away.status, 503);
  t.regex((bodyJson(away) as { message: string }).message, /^error trying to reach service: .*node-2/);
  t.is((await door.ask('POST', '/api/v1/nodes/node-1/proxy/pods')).status, 405);
});

test("a pod's streams are had through the node that it is on", async (t) => {
  const { door, asked } = world();
  const base = '/api/v1/nodes/node-1/proxy';
  t.is((await door.ask('GET', `${base}/containerLogs/n/p/d?tailLines=3&container=c`)).status, 200);
  const upgrade = { to: 'websocket', protocols: ['v5.channel.k8s.io'] };
  t.is((await door.ask('GET', `${base}/exec/n/p/u/c?command=a&output=1`, { upgrade })).status, 101);
  t.like(asked[0], { type: 'logs', container: 'd', logs: { tailLines: 3 } });
  t.like(asked[1], { type: 'exec', container: 'c', command: ['a'], stdout: true, stdin: false });
  t.is((await door.ask('GET', '/api/v1/nodes/node-2/proxy/containerLogs/n/p/c')).status, 404);
});

test('the narrower rights of the kubelet open their paths, and no others', async (t) => {
  const { door } = world();
  const may = (name: string, resource: string, verbs: readonly string[]): void => {
    role(door.view, name, [{ apiGroups: [''], resources: [resource], verbs }]);
    bind(door.view, name, { role: name, subjects: [{ kind: 'User', name: 'alice' }] });
  };
  const status = async (path: string, more: object = {}): Promise<number> =>
    (await door.ask('GET', `/api/v1/nodes/${path}`, { user: 'alice', ...more })).status;
  t.is(await status('node-1/proxy/metrics'), 403);
  may('metrics', 'nodes/metrics', ['get']);
  t.is(await status('node-1/proxy/metrics/cadvisor'), 200);
  t.is(await status('node-1:10250/proxy/metrics'), 200);
  for (const path of [
    'node-1/proxy/pods',
    'node-1/proxy/stats/summary',
    'node-1:9100/proxy/metrics',
    'http:node-1:10250/proxy/metrics',
    'node-1/proxy/%2e%2e/metrics',
  ])
    t.is(await status(path), 403, path);
  may('pods', 'nodes/pods', ['get']);
  t.is(await status('node-1/proxy/pods'), 200);
});

test('who may only read through the proxy of nodes runs nothing by it', async (t) => {
  const { door } = world();
  const upgrade = { to: 'websocket', protocols: ['v5.channel.k8s.io'] };
  const run = async (): Promise<number> =>
    (await door.ask('GET', '/api/v1/nodes/node-1/proxy/exec/n/p/c?command=a', { user: 'alice', upgrade })).status;
  role(door.view, 'reads', [{ apiGroups: [''], resources: ['nodes/proxy'], verbs: ['get'] }]);
  bind(door.view, 'reads', { role: 'reads', subjects: [{ kind: 'User', name: 'alice' }] });
  t.is((await door.ask('GET', '/api/v1/nodes/node-1/proxy/pods', { user: 'alice' })).status, 200);
  t.is(await run(), 403);
  role(door.view, 'reads', [{ apiGroups: [''], resources: ['nodes/proxy'], verbs: ['get', 'create'] }]);
  t.is(await run(), 101);
});
