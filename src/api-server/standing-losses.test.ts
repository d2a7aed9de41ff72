import test from 'ava';
import { decode, encode, subjectsOf } from '../bus/index.ts';
import type { OpenStream } from '../protocol/index.ts';
import type { MessageSocket } from './request.ts';
import { bind, bodyText, type DoorHarness, role, startDoor, streamOf } from './testing/index.ts';

const account = { kind: 'ServiceAccount', apiVersion: 'v1', metadata: { name: 'web', namespace: 'apps', uid: 'sa-1' } };
const metadata = (name: string, uid: string): object => ({ name, namespace: 'apps', uid });
const pod = {
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: metadata('p', 'pod-1'),
  spec: { nodeName: 'node-1', containers: [{ name: 'c' }] },
};
/** What the token is bound to. */
const holder = { kind: 'Pod', apiVersion: 'v1', metadata: metadata('holder', 'pod-2'), spec: {} };
const secret = { kind: 'Secret', apiVersion: 'v1', metadata: metadata('s', 'secret-1'), type: 'Opaque' };

const nodeStatus = { addresses: [{ type: 'InternalIP', address: '192.0.2.1' }] };

/** A door whose node's agent opens each stream and leaves it open. */
function startWorld(): DoorHarness {
  const door = startDoor();
  const { view } = door;
  view.put('', 'nodes', { kind: 'Node', apiVersion: 'v1', metadata: { name: 'node-1', uid: 'n' }, status: nodeStatus });
  for (const [resource, object] of [
    ['serviceaccounts', account],
    ['pods', pod],
    ['pods', holder],
    ['secrets', secret],
  ] as const)
    view.put('', resource, object);
  role(view, 'all', [{ apiGroups: [''], resources: ['*'], verbs: ['*'] }]);
  bind(view, 'all', { role: 'all', subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: 'apps' }] });
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
  exec: `${pods}/exec?command=a&stdout=true`,
  attach: `${pods}/attach?stdout=true`,
  'a forwarded port': `${pods}/portforward?ports=80`,
};
const overSockets = new Set(['exec', 'attach', 'a forwarded port']);

/** Opens an answer; the function says whether it has ended. */
async function open(door: DoorHarness, name: string, token: string): Promise<() => boolean> {
  const upgrade = {
    to: 'websocket',
    protocols: ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'SPDY/3.1+portforward.k8s.io'],
  };
  const asked = { user: token, ...(overSockets.has(name) ? { upgrade } : {}) };
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
];

/** Five seconds, in which timers, and what they begin, are done. */
async function pass(door: DoorHarness): Promise<void> {
  for (let i = 0; i < 50; i += 1) {
    door.time.pass(100);
    for (let turn = 0; turn < 3; turn += 1)
      await new Promise((resolve) => {
        setTimeout(resolve, 1);
      });
  }
}

for (const name of Object.keys(answers))
  for (const loss of losses)
    test(`an answer ends within five seconds after its user lost ${loss.name}: ${name}`, async (t) => {
      const door = startWorld();
      const bound = loss.boundObject === undefined ? {} : { boundObject: { apiVersion: 'v1', ...loss.boundObject } };
      const { token } = await door.credentials.issueToken({
        namespace: 'apps',
        serviceAccount: 'web',
        serviceAccountUid: 'sa-1',
        audiences: [],
        expirationSeconds: loss.tokenSeconds ?? 600,
        ...bound,
      });
      const hasEnded = await open(door, name, token);
      await pass(door);
      t.false(hasEnded(), 'it lasts');
      loss.happens(door);
      await pass(door);
      t.true(hasEnded());
    });
