import { setImmediate, setTimeout } from 'node:timers/promises';
import test from 'ava';
import { silentLogger, silentMetrics } from '../base/index.ts';
import { decode, encode, inboxPrefixOf, subjectsOf } from '../bus/index.ts';
import type { OpenStream } from '../protocol/index.ts';
import { openNatsDoor } from './nats/nats-door.ts';
import { ReplyGuard } from './nats/reply-guard.ts';
import type { BodySink, ClientCertificate, MessageSocket } from './request.ts';
import type { ProxyExchange } from './streams/index.ts';
import { bind, bodyText, type DoorHarness, role, startDoor, streamOf } from './testing/index.ts';

const account = { kind: 'ServiceAccount', apiVersion: 'v1', metadata: { name: 'web', namespace: 'apps', uid: 'sa-1' } };
const metadata = (name: string, uid: string): object => ({ name, namespace: 'apps', uid });
const pod = {
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: metadata('p', 'pod-1'),
  spec: { nodeName: 'node-1', containers: [{ name: 'c' }] },
  status: { podIP: '192.0.2.3' },
};
/** What the token is bound to. */
const holder = { kind: 'Pod', apiVersion: 'v1', metadata: metadata('holder', 'pod-2'), spec: {} };
const secret = { kind: 'Secret', apiVersion: 'v1', metadata: metadata('s', 'secret-1'), type: 'Opaque' };

/** A Service of the pod. */
const service = {
  kind: 'Service',
  apiVersion: 'v1',
  metadata: metadata('s', 'service-1'),
  spec: { ports: [{ port: 80 }] },
};
const slice = {
  kind: 'EndpointSlice',
  apiVersion: 'discovery.k8s.io/v1',
  metadata: { ...metadata('s-1', 'slice-1'), labels: { 'kubernetes.io/service-name': 's' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['192.0.2.3'] }],
  ports: [{ port: 80 }],
};

const nodeStatus = { addresses: [{ type: 'InternalIP', address: '192.0.2.1' }] };

/** A pod or a Service that begins its answer, or takes the connection over, and leaves it open. */
const backend: ProxyExchange = ({ upgrade }) =>
  Promise.resolve({
    status: 200,
    headers: {},
    body: (sink: BodySink) => {
      sink.write(new TextEncoder().encode('a'));
    },
    upgrade: upgrade === undefined ? undefined : { protocol: '', run: () => undefined },
  });

/** A door whose node's agent opens each stream and leaves it open, as do the pods. */
function startWorld(): DoorHarness {
  const door = startDoor({ exchange: backend });
  const { view } = door;
  view.put('', 'nodes', { kind: 'Node', apiVersion: 'v1', metadata: { name: 'node-1', uid: 'n' }, status: nodeStatus });
  for (const [resource, object] of [
    ['serviceaccounts', account],
    ['pods', pod],
    ['pods', holder],
    ['secrets', secret],
  ] as const)
    view.put('', resource, object);
  view.put('', 'services', service);
  view.put('discovery.k8s.io', 'endpointslices', slice);
  role(view, 'all', [{ apiGroups: [''], resources: ['*'], verbs: ['*'] }]);
  bind(view, 'all', {
    role: 'all',
    subjects: [
      { kind: 'ServiceAccount', name: 'web', namespace: 'apps' },
      { kind: 'User', name: 'carol' },
    ],
  });
  const bus = door.network.client('agent');
  bus.subscribe(subjectsOf('test').nodeStream('node-1'), ({ payload, reply }) => {
    const open = decode(payload) as OpenStream;
    const answer = { status: 200, headers: { 'content-type': 'text/plain' } };
    bus.publish(reply ?? '', encode({ type: 'opened', toAgent: bus.inbox(), answer }));
    bus.publish(open.toDoor, encode({ type: 'data', seq: 1, channel: 1, data: new TextEncoder().encode('a') }));
  });
  return door;
}

const pods = '/api/v1/namespaces/apps/pods/p';
/** Every kind of answer that lasts. */
const answers: Readonly<Record<string, string>> = {
  watch: '/api/v1/namespaces/apps/configmaps?watch=true',
  'logs that are followed': `${pods}/log?follow=true`,
  'a proxied stream': '/api/v1/nodes/node-1/proxy/metrics',
  "a pod's proxied answer": `${pods}/proxy/`,
  "a Service's proxied answer": '/api/v1/namespaces/apps/services/s/proxy/',
  "a pod's proxied socket": `${pods}/proxy/socket`,
  exec: `${pods}/exec?command=a&stdout=true`,
  attach: `${pods}/attach?stdout=true`,
  'a forwarded port': `${pods}/portforward?ports=80`,
};
const overSockets = new Set(['exec', 'attach', 'a forwarded port', "a pod's proxied socket"]);

const podOf = { version: 'v1', resource: 'pods', namespace: 'apps', name: 'p' };
/** The same over NATS. */
const overNats: Readonly<Record<string, object>> = {
  'a watch over NATS': { verb: 'watch', version: 'v1', resource: 'configmaps', namespace: 'apps' },
  'logs over NATS': { verb: 'get', ...podOf, subresource: 'log', query: { follow: 'true' } },
  'exec over NATS': { verb: 'create', ...podOf, subresource: 'exec', query: { command: 'a', stdout: 'true' } },
};

/** Whether it comes to hold. Signatures are checked on threads, which no simulated time waits for. */
async function until(holds: () => boolean): Promise<boolean> {
  for (let waits = 0; waits < 5_000 && !holds(); waits += 1) await setTimeout(1);
  return holds();
}

/** Opens a stream over NATS. */
async function openOverNats(door: DoorHarness, name: string, token: string): Promise<() => boolean> {
  const { clock, timers } = door.time;
  const common = { log: silentLogger, metrics: silentMetrics };
  const replies = new ReplyGuard({ clock, ...common });
  openNatsDoor({ handler: door.handler, bus: door.bus, subjects: subjectsOf('test'), timers, replies, ...common });
  const client = door.network.client('client');
  const reply = `${inboxPrefixOf('system:serviceaccount:apps:web')}.1`;
  const told: {
    readonly end?: boolean;
    readonly error?: unknown;
    readonly status?: number;
    readonly body?: unknown;
  }[] = [];
  client.subscribe(reply, ({ payload }) => told.push(decode(payload) as (typeof told)[number]));
  const headers = { Authorization: `Bearer ${token}` };
  client.publish(subjectsOf('test').api, encode(overNats[name]), { reply, headers });
  if (!(await until(() => told.length > 0))) throw new Error('nobody answered');
  if ((told[0]?.status ?? 0) >= 300) throw new Error(JSON.stringify(told[0]));
  return () => told.some(({ end, error }) => end === true || error !== undefined);
}

/** A token, or the certificate of a client. */
type Credential = { readonly user: string } | { readonly certificate: ClientCertificate };

/** Opens an answer; the function says whether it has ended. */
async function open(door: DoorHarness, name: string, credential: Credential): Promise<() => boolean> {
  if (name in overNats) return openOverNats(door, name, 'user' in credential ? credential.user : '');
  const upgrade = {
    to: 'websocket',
    protocols: ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'SPDY/3.1+portforward.k8s.io'],
  };
  const asked = { ...credential, upgrade: overSockets.has(name) ? upgrade : undefined };
  const answer = await door.ask('GET', answers[name] ?? '', asked);
  if (!overSockets.has(name)) {
    if (typeof answer.body !== 'function') throw new Error(bodyText(answer));
    const sink = streamOf(answer);
    return () => sink.ended;
  }
  let closed = false;
  const socket: MessageSocket = {
    send: () => true,
    onMessage: () => undefined,
    hold: () => undefined,
    onDrain: () => undefined,
    onClose: () => undefined,
    close: () => {
      closed = true;
    },
  };
  answer.upgrade?.run(socket);
  return () => closed || answer.upgrade === undefined;
}

interface Loss {
  readonly name: string;
  readonly boundObject?: { readonly kind: string; readonly name: string; readonly uid: string };
  /** How long the token holds; five seconds pass before the loss. */
  readonly tokenSeconds?: number;
  /** The same for a certificate, which the client then shows in the token's place. */
  readonly certificateSeconds?: number;
  readonly happens: (door: DoorHarness) => void;
}

/** Every way in which a credential or a right ends. */
const losses: readonly Loss[] = [
  {
    name: 'its role',
    happens: ({ view }) => {
      role(view, 'all', []);
    },
  },
  {
    name: 'its account',
    happens: ({ view }) => {
      view.put('', 'serviceaccounts', { ...account, metadata: { ...account.metadata, uid: 'sa-2' } });
    },
  },
  {
    name: 'the pod that its token is bound to',
    boundObject: { kind: 'Pod', name: 'holder', uid: 'pod-2' },
    happens: ({ view }) => {
      view.put('', 'pods', { ...holder, metadata: metadata('holder', 'pod-3') });
    },
  },
  {
    name: 'the Secret that its token is bound to',
    boundObject: { kind: 'Secret', name: 's', uid: 'secret-1' },
    happens: ({ view }) => {
      view.put('', 'secrets', { ...secret, metadata: metadata('s', 'secret-2') });
    },
  },
  {
    name: 'the time of its token',
    tokenSeconds: 8,
    happens: () => undefined,
  },
  {
    name: 'its role, with a certificate',
    certificateSeconds: 600,
    happens: ({ view }) => {
      role(view, 'all', []);
    },
  },
  {
    name: 'the time of its certificate',
    certificateSeconds: 8,
    happens: () => undefined,
  },
];

/** Five seconds, in which timers, and what they begin on the event loop, are done. */
async function pass(door: DoorHarness): Promise<void> {
  for (let i = 0; i < 50; i += 1) {
    door.time.pass(100);
    for (let turn = 0; turn < 3; turn += 1) await setImmediate();
  }
}

async function credentialFor(door: DoorHarness, loss: Loss): Promise<Credential> {
  if (loss.certificateSeconds !== undefined) {
    const notAfter = door.time.ms + loss.certificateSeconds * 1000;
    return { certificate: { commonName: 'carol', organizations: [], fingerprint: 'f', notBefore: 0, notAfter } };
  }
  const { token } = await door.credentials.issueToken({
    namespace: 'apps',
    serviceAccount: 'web',
    serviceAccountUid: 'sa-1',
    audiences: [],
    expirationSeconds: loss.tokenSeconds ?? 600,
    boundObject: loss.boundObject === undefined ? undefined : { apiVersion: 'v1', ...loss.boundObject },
  });
  return { user: token };
}

for (const name of [...Object.keys(answers), ...Object.keys(overNats)])
  for (const loss of losses) {
    // Only tokens are shown over NATS.
    if (name in overNats && loss.certificateSeconds !== undefined) continue;
    test(`an answer ends within five seconds after its user lost ${loss.name}: ${name}`, async (t) => {
      const door = startWorld();
      const hasEnded = await open(door, name, await credentialFor(door, loss));
      await pass(door);
      t.false(hasEnded(), 'it lasts');
      loss.happens(door);
      await pass(door);
      t.true(await until(hasEnded));
    });
  }

test('agents and administrators, too, lose what a certificate opened when it ends', async (t) => {
  for (const organizations of [['system:nodes'], ['system:masters']]) {
    const door = startWorld();
    const notAfter = door.time.ms + 8_000;
    const certificate = { commonName: 'system:node:node-1', organizations, fingerprint: 'f', notBefore: 0, notAfter };
    const url = '/api/v1/services?watch=true';
    const sink = streamOf(await door.ask('GET', url, { certificate }));
    await pass(door);
    t.false(sink.ended);
    await pass(door);
    t.true(await until(() => sink.ended), organizations.join());
    t.is((await door.ask('GET', url, { certificate })).status, 401, 'the connection may live on');
  }
});
