import { encode } from '../../../src/bus/index.ts';
import type { Subjects } from '../../../src/bus/index.ts';
import { type Choice, choiceOf } from './choice.ts';

/** One hostile message: who sends it, where to, and what. */
export interface Frame {
  /**
   * `client`: with the rights of an administrator on NATS. `member`: on the subjects that only the cluster's own
   * processes reach.
   */
  readonly from: 'client' | 'member';
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly awaited: boolean;
}

export interface FuzzWorld {
  readonly subjects: Subjects;
  /** Of a user who may change things in the namespace `fuzz` alone. */
  readonly token: string;
  readonly members: readonly string[];
  readonly node: string;
}

const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', 'fly'];
const resources = [
  'configmaps',
  'pods',
  'secrets',
  'services',
  'deployments',
  'nodes',
  'namespaces',
  'customresourcedefinitions',
  'x',
  '',
];

/** Something like a request at the API's door. */
function requestLike(choice: Choice): object {
  const odd = (usual: unknown): unknown => (choice.chance(0.15) ? choice.value(3) : usual);
  return {
    verb: odd(choice.from(verbs)),
    group: odd(choice.from(['', 'apps', 'core', 'apiextensions.k8s.io'])),
    version: odd('v1'),
    resource: odd(choice.from(resources)),
    ...(choice.chance(0.7) ? { namespace: odd('fuzz') } : {}),
    ...(choice.chance(0.5) ? { name: odd('n') } : {}),
    ...(choice.chance(0.2) ? { subresource: odd(choice.from(['status', 'exec', 'log', 'scale', 'binding'])) } : {}),
    ...(choice.chance(0.2)
      ? { path: odd(choice.from(['/version', '/apis', '/metrics', '//', '/troupe/api/tree', '/%ff'])) }
      : {}),
    ...(choice.chance(0.4) ? { query: odd({ labelSelector: 'a=b', limit: '2', watch: 'true' }) } : {}),
    ...(choice.chance(0.2)
      ? {
          contentType: odd(
            choice.from([
              'application/merge-patch+json',
              'application/apply-patch+yaml',
              'application/vnd.kubernetes.protobuf',
            ]),
          ),
        }
      : {}),
    ...(choice.chance(0.6)
      ? {
          body: odd({
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: odd('n'), namespace: odd('fuzz') },
            data: odd({ a: 'b' }),
          }),
        }
      : {}),
    ...(choice.chance(0.05) ? { uploadBytes: odd(10) } : {}),
  };
}

/** Something like what the cluster's processes tell each other. */
function messageLike(choice: Choice, { members, node }: FuzzWorld): object {
  const odd = (usual: unknown): unknown => (choice.chance(0.3) ? choice.value(3) : usual);
  return choice.from([
    {
      type: odd('register'),
      name: odd('f'),
      instance: odd('a'),
      resources: odd([{ group: '', resource: 'configmaps' }]),
      inbox: odd('_INBOX.fuzz'),
      heartbeatMs: odd(60_000),
      reconcileMs: odd(1_000),
    },
    { type: odd(choice.from(['describe', 'state', 'events'])) },
    { type: odd(choice.from(['log-levels', 'trace'])), actor: odd('x'), traceId: odd('a'.repeat(32)) },
    {
      process: odd(node),
      role: odd('node'),
      startedAt: odd(1),
      sequence: odd(choice.below(5)),
      at: odd(1),
      reset: odd(true),
      put: odd([odd({ address: odd('a'), lastCrash: odd({}) })]),
      gone: odd(['a']),
      counts: odd([odd(['a', 1, 1, 1])]),
      figures: odd({}),
      store: odd({}),
    },
    {
      type: odd(choice.from(['logs', 'exec', 'attach', 'port-forward'])),
      namespace: odd('fuzz'),
      pod: odd('p'),
      uid: odd(''),
      container: odd('c'),
      toDoor: odd('x'),
      command: odd(['a']),
      port: odd(80),
    },
    { type: odd(choice.from(['data', 'end', 'acknowledged'])), seq: odd(1), channel: odd(1), data: odd('x') },
    {
      member: odd(choice.from(members)),
      life: odd('l'),
      host: odd('127.0.0.1'),
      port: odd(1),
      secret: odd('s'),
      ask: odd(false),
    },
    [[{ type: odd('nonsense'), from: odd('x'), to: odd(choice.from(members)), term: odd(1) }]],
    ['x', odd(1), odd(0), odd(2), odd(1), odd(new Uint8Array(3))],
  ] as const);
}

function payloadOf(choice: Choice, like: object): Uint8Array {
  const kind = choice.below(8);
  if (kind === 0) return choice.bytes(200);
  if (kind === 1) return Buffer.from(JSON.stringify(choice.value(4)));
  if (kind === 2) return encode(choice.value(4) ?? null);
  const whole = choice.chance(0.5) ? Buffer.from(JSON.stringify(like)) : Buffer.from(encode(like));
  if (kind === 3) return whole.subarray(0, choice.below(whole.length));
  if (kind === 4) whole[choice.below(whole.length)] = choice.below(256);
  return whole;
}

function headersOf(choice: Choice, token: string): Record<string, string> {
  const odd = (usual: string): string =>
    choice.chance(0.3) ? choice.from(['', '-1', '1e9', 'x', 'NaN', '0x10', 'a'.repeat(500)]) : usual;
  return {
    ...(choice.chance(0.9) ? { Authorization: choice.chance(0.9) ? `Bearer ${token}` : odd('Bearer wrong') } : {}),
    ...(choice.chance(0.2) ? { 'Troupe-Window': odd('2') } : {}),
    ...(choice.chance(0.2) ? { 'Troupe-Deadline-Ms': odd('500') } : {}),
    ...(choice.chance(0.2) ? { 'Troupe-Chunk': odd('0') } : {}),
    ...(choice.chance(0.1) ? { 'Troupe-Chunks': odd('2') } : {}),
    ...(choice.chance(0.1) ? { traceparent: odd('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01') } : {}),
    ...(choice.chance(0.1) ? { 'Troupe-Epoch': odd('participants/f/a/1') } : {}),
    ...(choice.chance(0.1) ? { Accept: odd('application/json;as=Table;g=meta.k8s.io;v=v1') } : {}),
    ...(choice.chance(0.05) ? { 'Impersonate-User': odd('admin') } : {}),
  };
}

/** The hostile message of a seed. */
export function frameOf(seed: number, world: FuzzWorld): Frame {
  const choice = choiceOf(seed);
  const { subjects, members, node } = world;
  const asked = choice.chance(0.5);
  const place = asked
    ? { from: 'client' as const, subject: subjects.api }
    : choice.from([
        { from: 'client' as const, subject: subjects.participants },
        {
          from: 'client' as const,
          subject: subjects.actor(
            choice.from(['configmaps/1/fuzz/n', 'x/0/a/b', 'pods.apps/31/_/a', 'configmaps/999/fuzz/n']),
          ),
        },
        { from: 'member' as const, subject: subjects.nodeStream(node) },
        { from: 'member' as const, subject: subjects.nodeDoor(node, 'x') },
        { from: 'member' as const, subject: subjects.tree(choice.from([...members, node, 'stranger'])) },
        { from: 'member' as const, subject: subjects.treeControl(choice.from([...members, node])) },
        { from: 'member' as const, subject: subjects.treeReset(node) },
        { from: 'member' as const, subject: subjects.alive },
        { from: 'member' as const, subject: subjects.links },
        { from: 'member' as const, subject: subjects.raft(choice.from(members)) },
        { from: 'member' as const, subject: subjects.event('', 'configmaps', { namespace: 'fuzz', name: 'n' }) },
      ]);
  return {
    ...place,
    payload: payloadOf(choice, asked ? requestLike(choice) : messageLike(choice, world)),
    headers: headersOf(choice, world.token),
    awaited: choice.chance(0.7),
  };
}
