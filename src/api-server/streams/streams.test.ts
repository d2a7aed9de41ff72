import test from 'ava';
import { decode, encode, subjectsOf } from '../../bus/index.ts';
import type { OpenStream, StreamFrame } from '../../protocol/index.ts';
import type { MessageSocket } from '../request.ts';
import { bind, bodyJson, type DoorHarness, role, startDoor, streamOf } from '../testing/index.ts';
import { chosenProtocol } from './channel-protocol.ts';

const settled = async (): Promise<void> => {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
};

/** A node's agent that keeps what it gets and says what the test tells it. */
class FakeAgent {
  opened: OpenStream | undefined;
  readonly frames: StreamFrame[] = [];
  #seq = 0;
  readonly #bus;
  constructor(door: DoorHarness, refuse?: object) {
    this.#bus = door.network.client('agent');
    const toAgent = this.#bus.inbox();
    this.#bus.subscribe(toAgent, (message) => {
      this.frames.push(decode(message.payload) as StreamFrame);
    });
    this.#bus.subscribe(subjectsOf('test').nodeStream('node-1'), (message) => {
      this.opened = decode(message.payload) as OpenStream;
      this.#bus.publish(
        message.reply ?? '',
        encode(refuse === undefined ? { type: 'opened', toAgent } : { type: 'refused', status: refuse }),
      );
    });
  }
  data(channel: number, text: string): void {
    this.#seq += 1;
    this.#bus.publish(
      this.opened?.toDoor ?? '',
      encode({ type: 'data', seq: this.#seq, channel, data: new TextEncoder().encode(text) }),
    );
  }
  end(): void {
    this.#seq += 1;
    this.#bus.publish(this.opened?.toDoor ?? '', encode({ type: 'end', seq: this.#seq }));
  }
  skip(): void {
    this.#seq += 1;
  }
}

class FakeSocket implements MessageSocket {
  readonly sent: { channel: number; text: string }[] = [];
  closed: number | undefined;
  #message: (data: Uint8Array, binary: boolean) => void = () => undefined;
  send(data: Uint8Array | string): boolean {
    if (typeof data !== 'string')
      this.sent.push({ channel: data[0] ?? -1, text: new TextDecoder().decode(data.subarray(1)) });
    return true;
  }
  onMessage(listener: (data: Uint8Array, binary: boolean) => void): void {
    this.#message = listener;
  }
  hold(): void {
    // The test sends little.
  }
  onDrain(): void {
    // Never full.
  }
  onClose(): void {
    // The test does not hang up.
  }
  close(code: number): void {
    this.closed = code;
  }
  client(...bytes: readonly number[]): void {
    this.#message(Uint8Array.from(bytes), true);
  }
}

function withPod(door: DoorHarness, nodeName?: string): void {
  door.view.put('', 'pods', {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name: 'p', namespace: 'n', uid: 'u' },
    spec: { ...(nodeName === undefined ? {} : { nodeName }), containers: [{ name: 'c' }] },
  });
  door.view.put('', 'nodes', { kind: 'Node', apiVersion: 'v1', metadata: { name: 'node-1', uid: 'n' } });
}
const websocket = { to: 'websocket', protocols: ['v5.channel.k8s.io'] };

test('a log is streamed from the agent as plain text', async (t) => {
  const door = startDoor();
  withPod(door, 'node-1');
  const agent = new FakeAgent(door);
  const answer = await door.ask('GET', '/api/v1/namespaces/n/pods/p/log?follow=true&tailLines=5');
  t.is(answer.headers['content-type'], 'text/plain');
  t.like(agent.opened, { type: 'logs', pod: 'p', container: 'c', uid: 'u', logs: { follow: true, tailLines: 5 } });
  const sink = streamOf(answer);
  agent.data(1, 'one\n');
  agent.data(1, 'two\n');
  agent.end();
  await settled();
  t.is(sink.text, 'one\ntwo\n');
  t.true(sink.ended);
});

test('what cannot be streamed is refused as Kubernetes does', async (t) => {
  const door = startDoor();
  withPod(door);
  const base = '/api/v1/namespaces/n/pods';
  t.is((await door.ask('GET', `${base}/p/log`)).status, 204);
  t.like(bodyJson(await door.ask('GET', `${base}/none/log`)), { code: 404 });
  t.like(bodyJson(await door.ask('GET', `${base}/p/log?container=zz`)), {
    code: 400,
    message: 'container zz is not valid for pod p',
  });
  t.like(bodyJson(await door.ask('GET', `${base}/p/log?sinceTime=x`)), {
    code: 400,
    message: 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"',
  });
  t.is((await door.ask('GET', `${base}/p/log?sinceTime=null`)).status, 204);
  t.like(bodyJson(await door.ask('GET', `${base}/p/log?tailLines=-1`)), {
    code: 422,
    details: { name: 'p', kind: 'PodLogOptions' },
  });
  t.like(bodyJson(await door.ask('GET', `${base}/p/log?stream=Stdout`)), {
    code: 422,
    details: {
      causes: [{ reason: 'FieldValueForbidden', message: 'Forbidden: may not be specified', field: 'stream' }],
    },
  });
  t.like(bodyJson(await door.ask('POST', `${base}/p/exec?command=ls`)), {
    code: 400,
    message: 'pod p does not have a host assigned',
  });
  withPod(door, 'node-1');
  t.like(bodyJson(await door.ask('GET', `${base}/p/exec?command=ls`)), {
    code: 400,
    message: 'Upgrade request required',
  });
  t.like(bodyJson(await door.ask('POST', `${base}/p/exec?command=ls`, { upgrade: { to: 'h2c', protocols: [] } })), {
    code: 400,
  });
  t.like(bodyJson(await door.ask('GET', `${base}/p/exec?command=ls`, { upgrade: websocket })), {
    code: 500,
    reason: 'InternalError',
  });
});

test('the refusal of an agent is the answer', async (t) => {
  const door = startDoor();
  withPod(door, 'node-1');
  new FakeAgent(door, { reason: 'BadRequest', message: 'container "c" in pod "p" is waiting to start', code: 400 });
  t.like(bodyJson(await door.ask('GET', '/api/v1/namespaces/n/pods/p/log')), {
    code: 400,
    message: 'container "c" in pod "p" is waiting to start',
  });
});

test('exec carries channels both ways, with half close and status', async (t) => {
  const door = startDoor();
  withPod(door, 'node-1');
  const agent = new FakeAgent(door);
  const answer = await door.ask(
    'GET',
    '/api/v1/namespaces/n/pods/p/exec?command=sh&command=-c&stdin=true&stdout=true&stderr=true&container=c',
    { upgrade: websocket },
  );
  t.is(answer.upgrade?.protocol, 'v5.channel.k8s.io');
  t.like(agent.opened, { type: 'exec', command: ['sh', '-c'], stdin: true, tty: false });
  const socket = new FakeSocket();
  answer.upgrade?.run(socket);
  socket.client(0, 104, 105);
  socket.client(255, 0);
  agent.data(1, 'out');
  agent.data(3, '{"status":"Success"}');
  agent.end();
  await settled();
  t.deepEqual(socket.sent, [
    { channel: 1, text: '' },
    { channel: 1, text: 'out' },
    { channel: 3, text: '{"status":"Success"}' },
  ]);
  t.is(socket.closed, 1000);
  t.like(agent.frames[0], { type: 'data', seq: 1, channel: 0 });
  t.deepEqual(agent.frames[1], { type: 'end', seq: 2, channel: 0 });
});

test('lost frames end a stream with a failure', async (t) => {
  const door = startDoor();
  withPod(door, 'node-1');
  const agent = new FakeAgent(door);
  const answer = await door.ask('GET', '/api/v1/namespaces/n/pods/p/attach?stdout=true', { upgrade: websocket });
  const socket = new FakeSocket();
  answer.upgrade?.run(socket);
  agent.skip();
  agent.data(1, 'late');
  await settled();
  t.like(JSON.parse(socket.sent.at(-1)?.text ?? '{}'), {
    status: 'Failure',
    message: 'frames of the stream were lost',
  });
  t.is(socket.closed, 1000);
});

test('no more frames are under way than the window allows', async (t) => {
  const door = startDoor();
  withPod(door, 'node-1');
  const agent = new FakeAgent(door);
  const answer = await door.ask('GET', '/api/v1/namespaces/n/pods/p/exec?command=cat&stdin=true', {
    upgrade: websocket,
  });
  const socket = new FakeSocket();
  answer.upgrade?.run(socket);
  for (let i = 0; i < 100; i++) socket.client(0, i);
  await settled();
  t.is(agent.frames.length, 64);
  door.network.client('agent-2').publish(agent.opened?.toDoor ?? '', encode({ type: 'acknowledged', seq: 64 }));
  await settled();
  t.is(agent.frames.length, 100);
});

test('the best protocol that the client offers is spoken', (t) => {
  t.is(chosenProtocol(['channel.k8s.io', 'v4.channel.k8s.io', 'v5.channel.k8s.io'])?.name, 'v5.channel.k8s.io');
  t.is(
    chosenProtocol(['base64url.bearer.authorization.k8s.io.abc', 'base64.channel.k8s.io'])?.name,
    'base64.channel.k8s.io',
  );
  t.is(chosenProtocol(['SPDY/3.1+portforward.k8s.io']), undefined);
  t.is(chosenProtocol(['base64.channel.k8s.io'])?.encode(1, new TextEncoder().encode('hi')), '1aGk=');
});

const connections: readonly (readonly [method: string, path: string, options: object])[] = [
  [
    'GET',
    '/api/v1/namespaces/n/pods/p/exec?command=sh&command=-c&stdin=true&container=c',
    { kind: 'PodExecOptions', stdin: true, container: 'c', command: ['sh', '-c'] },
  ],
  ['POST', '/api/v1/namespaces/n/pods/p/attach?stdout=true', { kind: 'PodAttachOptions', stdout: true }],
  ['GET', '/api/v1/namespaces/n/pods/p/portforward?ports=80', { kind: 'PodPortForwardOptions', ports: [80] }],
  ['GET', '/api/v1/namespaces/n/services/s:http/proxy/a/b?c=d', { kind: 'ServiceProxyOptions', path: 'a/b' }],
  ['DELETE', '/api/v1/nodes/none/proxy/', { kind: 'NodeProxyOptions' }],
];
for (const [method, path, options] of connections) {
  test(`admission is asked about ${method} ${path}`, async (t) => {
    const door = startDoor();
    await door.ask(method, path);
    t.deepEqual(
      door.service.calls.map(({ verb, details }) => [verb, details]),
      [['connect', { apiVersion: 'v1', ...options }]],
    );
  });
}

/** A door where alice may do everything with streams of pods, and the pod is there. */
function withRights(): { readonly door: DoorHarness; readonly agent: FakeAgent } {
  const door = startDoor();
  withPod(door, 'node-1');
  const resources = ['pods/exec', 'pods/attach', 'pods/log', 'pods/portforward'];
  role(door.view, 'streams', [{ apiGroups: [''], resources, verbs: ['get', 'create'] }], 'n');
  bind(door.view, 'streams', { namespace: 'n', role: 'streams', subjects: [{ kind: 'User', name: 'alice' }] });
  return { door, agent: new FakeAgent(door) };
}

/** Five seconds: within them a stream must end. */
async function pass(door: DoorHarness): Promise<void> {
  for (let i = 0; i < 50; i++) {
    door.time.pass(100);
    await settled();
  }
}

for (const [name, path] of [
  ['a shell', 'exec?command=sh&stdin=true&stdout=true'],
  ['an attached container', 'attach?stdin=true&stdout=true'],
  ['a forwarded port', 'portforward?ports=80'],
] as const)
  test(`${name} ends within five seconds after its user's binding went`, async (t) => {
    const { door, agent } = withRights();
    const url = `/api/v1/namespaces/n/pods/p/${path}`;
    const [own, other] = [new FakeSocket(), new FakeSocket()];
    for (const [user, socket] of [
      ['alice', own],
      ['admin', other],
    ] as const)
      (await door.ask('GET', url, { user, upgrade: websocket })).upgrade?.run(socket);
    role(door.view, 'unrelated', [], 'n');
    await pass(door);
    own.client(0, 0x61);
    await settled();
    t.is(own.closed, undefined);
    const heard = agent.frames.length;
    role(door.view, 'streams', [], 'n');
    await pass(door);
    t.is(own.closed, 1008);
    t.is(other.closed, undefined);
    const told = agent.frames.slice(heard).map(({ type }) => type);
    t.true(told.includes('end'), 'the agent is told');
    own.client(0, 0x62);
    await settled();
    t.is(agent.frames.length, heard + told.length, 'nothing more of the user reaches the agent');
  });

test("a followed log ends within five seconds after its user's binding went", async (t) => {
  const { door, agent } = withRights();
  const sink = streamOf(await door.ask('GET', '/api/v1/namespaces/n/pods/p/log?follow=true', { user: 'alice' }));
  agent.data(1, 'one\n');
  await pass(door);
  t.false(sink.ended);
  role(door.view, 'streams', [], 'n');
  await pass(door);
  agent.data(1, 'secret\n');
  await settled();
  t.true(sink.ended);
  t.is(sink.text, 'one\n');
});
