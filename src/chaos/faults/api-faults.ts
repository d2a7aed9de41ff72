/** Clients that mean no good: bodies too deep, too large, broken or endless, and connections that say nothing. */
import { connect, type Socket } from 'node:net';
import { type Call, Unanswered } from '../clients/api-client.ts';
import { type BeginFault, type Effect, once } from './fault.ts';

const deep = 100_000;
const largeBytes = 8 * 1024 * 1024;
const silentSockets = 50;
const answerMs = 15_000;

/** A ConfigMap whose value is this piece of JSON. */
const holding = (value: string): string =>
  `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"hostile"},"data":{"a":${value}}}`;

/** Aliases of aliases: a billion values in a few lines. */
function aliases(): string {
  const nine = (what: string): string => `[${Array.from({ length: 9 }, () => what).join(',')}]`;
  return [...'abcdefghi']
    .map((name, i, all) => `${name}: &${name} ${nine(i === 0 ? 'x' : `*${all[i - 1] ?? ''}`)}`)
    .join('\n');
}

/** Each is refused by a server that defends itself; the names are for the proof. */
function hostileCalls(namespace: string): readonly (Call & { readonly name: string })[] {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const post = { method: 'POST' as const, path, timeoutMs: answerMs };
  const manyKeys = Array.from({ length: 50_000 }, (_, i) => `"k${i}":1`).join(',');
  return [
    { ...post, name: 'deep list', body: '['.repeat(deep) },
    { ...post, name: 'deep object', body: holding('{"a":'.repeat(deep)) },
    { ...post, name: 'large', body: holding(`"${'x'.repeat(largeBytes)}"`) },
    { ...post, name: 'cut off', body: holding('"x"').slice(0, -5) },
    { ...post, name: 'no JSON', body: '\u0000\uffff{' },
    { ...post, name: 'aliases', type: 'application/yaml', body: aliases() },
    { ...post, name: 'broken protobuf', type: 'application/vnd.kubernetes.protobuf', body: 'k8s\u0000\u0001\u0002' },
    { ...post, name: 'many keys', body: holding(`{${manyKeys}}`) },
    { name: 'long path', path: `${path}/${'x'.repeat(10_000)}`, timeoutMs: answerMs },
    { name: 'selector', path: `${path}?labelSelector=${'a,'.repeat(2_000)}`, timeoutMs: answerMs },
  ];
}

export const abuseApi: BeginFault = async ({ api, namespace }): Promise<Effect> => {
  const [url = 'https://127.0.0.1'] = api.urls;
  const sockets = Array.from({ length: silentSockets }, () => silentSocket(new URL(url)));
  try {
    const answers = await Promise.all(
      hostileCalls(namespace).map(async ({ name, ...call }) => ({ name, outcome: await api.call(call) })),
    );
    const taken = answers.filter(({ outcome }) => outcome.type === 'answered' && outcome.status < 300);
    if (taken.length > 0)
      throw new Error(`these hostile bodies were taken: ${taken.map(({ name }) => name).join(', ')}`);
    if (answers.every(({ outcome }) => outcome.type !== 'answered'))
      throw new Unanswered('nobody answers hostile bodies');
    const said = answers.map(
      ({ name, outcome }) => `${name} ${outcome.type === 'answered' ? outcome.status : 'closed'}`,
    );
    return once(`the API at ${url}`, `${silentSockets} silent connections, and refused: ${said.join(', ')}`);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
};

function silentSocket({ hostname, port }: URL): Socket {
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {
    socket.destroy();
  });
  return socket;
}
