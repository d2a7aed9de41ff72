import test from 'ava';
import type { JsonObject, KubeObject } from '../src/api/index.ts';
import { makeRequest } from '../src/main/keys/certificate-authority.ts';
import { type Harness, startHarness } from '../src/resources/testing/harness.ts';

/**
 * What only a subresource, or nobody, may write does not come in through the object itself: by a create, a PUT, any
 * patch or server-side apply, with force or without.
 */
interface Row {
  readonly title: string;
  readonly path: string;
  /** The object as its owner makes it. */
  readonly object: JsonObject;
  /** What is tried, merged into the object. */
  readonly tried: JsonObject;
  /** The part of the stored object that must not hold it. */
  readonly part: (object: KubeObject) => unknown;
}

const statusOf = (object: KubeObject): unknown => (object as { readonly status?: unknown }).status ?? {};
const ns = '/api/v1/namespaces/default';
const pod = { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] };
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };

let request = '';
test.before(async () => {
  request = btoa((await makeRequest('CN=somebody')).request);
});

const rows: readonly Row[] = [
  {
    title: 'the address and phase of a pod',
    path: `${ns}/pods`,
    object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: pod },
    tried: { status: { phase: 'Running', podIP: '10.96.0.1', podIPs: [{ ip: '10.96.0.1' }] } },
    part: (object) => {
      const { phase, podIP = '', podIPs = [] } = statusOf(object) as Record<string, unknown>;
      return [phase, podIP, podIPs];
    },
  },
  {
    title: "a Service's load balancer, which draws traffic",
    path: `${ns}/services`,
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'x' },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
    },
    tried: { status: { loadBalancer: { ingress: [{ ip: '203.0.113.5', ipMode: 'VIP' }] } } },
    part: statusOf,
  },
  {
    title: 'the size and phase of a claim',
    path: `${ns}/persistentvolumeclaims`,
    object: {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'x' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    tried: { status: { phase: 'Bound', capacity: { storage: '9Ti' } } },
    part: statusOf,
  },
  {
    title: 'the phase of a volume',
    path: '/api/v1/persistentvolumes',
    object: {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'x' },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } },
    },
    tried: { status: { phase: 'Available', message: 'mine' } },
    part: (object) => (statusOf(object) as { readonly message?: unknown }).message ?? '',
  },
  {
    title: "a certificate request's approval and certificate",
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    get object() {
      return {
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: { name: 'x' },
        spec: {
          request,
          signerName: 'example.com/any',
          usages: ['client auth'],
        },
      };
    },
    tried: {
      status: { conditions: [{ type: 'Approved', status: 'True', reason: 'Me' }], certificate: btoa('x') },
    },
    part: statusOf,
  },
  {
    title: "a certificate request's user",
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    get object() {
      return {
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: { name: 'x' },
        spec: {
          request,
          signerName: 'example.com/any',
          usages: ['client auth'],
        },
      };
    },
    tried: { spec: { username: 'system:admin', groups: ['system:masters'] } },
    part: (object) => {
      const { username, groups = [] } = (object as unknown as { readonly spec: Record<string, unknown> }).spec;
      return [username, groups];
    },
  },
  {
    title: 'the replicas of a Deployment',
    path: '/apis/apps/v1/namespaces/default/deployments',
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'x' },
      spec: { selector: { matchLabels: { a: 'b' } }, template },
    },
    tried: { status: { replicas: 7, readyReplicas: 7 } },
    part: statusOf,
  },
  {
    title: 'what keeps a namespace until it is empty',
    path: '/api/v1/namespaces',
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } },
    tried: { spec: { finalizers: ['example.com/own'] }, status: { phase: 'Terminating' } },
    part: (object) => [
      (object as { readonly spec?: { readonly finalizers?: readonly string[] } }).spec?.finalizers?.includes(
        'kubernetes',
      ),
      statusOf(object),
    ],
  },
  {
    title: 'when an object was made, which one it is, and that it is being deleted',
    path: `${ns}/configmaps`,
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } },
    tried: {
      metadata: {
        creationTimestamp: '2000-01-01T00:00:00Z',
        deletionTimestamp: '2000-01-01T00:00:00Z',
        deletionGracePeriodSeconds: 0,
        selfLink: '/x',
      },
    },
    part: ({ metadata }) => {
      const { creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } = metadata;
      return [creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds];
    },
  },
];

function merged(one: JsonObject, other: JsonObject): JsonObject {
  const all = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const before = all[key];
    all[key] = isObject(value) && isObject(before) ? merged(before, value) : value;
  }
  return all;
}
const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Try = (h: Harness, row: Row) => Promise<KubeObject>;
const at = ({ path }: Row): string => `${path}/x`;

/** On an object that is there. */
const changes: Readonly<Record<string, Try>> = {
  PUT: async (h, row) => h.put(at(row), merged((await h.get(at(row))) as unknown as JsonObject, row.tried)),
  'a merge patch': (h, row) => h.patch(at(row), 'merge', row.tried),
  'a strategic patch': (h, row) => h.patch(at(row), 'strategic', row.tried),
  'a JSON patch': (h, row) =>
    h.patch(
      at(row),
      'json',
      Object.entries(row.tried).flatMap(([key, value]) =>
        key === 'metadata' && isObject(value)
          ? Object.entries(value).map(([field, each]) => ({ op: 'add', path: `/metadata/${field}`, value: each }))
          : [{ op: 'add', path: `/${key}`, value: key === 'spec' ? merged(specOf(row), value as JsonObject) : value }],
      ),
    ),
  'an apply with force': (h, row) =>
    h.patch(at(row), 'apply', merged(row.object, row.tried), { fieldManager: 'thief', force: true }),
};
const specOf = ({ object }: Row): JsonObject => (object['spec'] ?? {}) as JsonObject;

for (const row of rows) {
  for (const [how, change] of Object.entries(changes))
    test(`${row.title}: not by ${how}`, async (t) => {
      const h = await startHarness();
      t.not((await h.post(row.path, row.object)).kind, 'Status');
      const before = row.part(await h.get(at(row)));
      await change(h, row);
      t.deepEqual(row.part(await h.get(at(row))), before);
    });
  for (const [how, create] of [
    ['a create', (h: Harness) => h.post(row.path, merged(row.object, row.tried))],
    [
      'an apply that creates',
      (h: Harness) => h.patch(at(row), 'apply', merged(row.object, row.tried), { fieldManager: 'm' }),
    ],
  ] as const)
    test(`${row.title}: not by ${how}`, async (t) => {
      const [h, plain] = [await startHarness(), await startHarness()];
      await plain.post(row.path, row.object);
      const answer = await create(h);
      if (answer.kind === 'Status') return t.pass('it is refused');
      return t.deepEqual(row.part(await h.get(at(row))), row.part(await plain.get(at(row))));
    });
}

test('the status of a certificate request approves nothing', async (t) => {
  const h = await startHarness();
  const row = rows.find(({ title }) => title.includes('approval'));
  if (row === undefined) throw new Error('the row is gone');
  await h.post(row.path, row.object);
  const conditions = [{ type: 'Approved', status: 'True', reason: 'Me' }];
  await h.patch(`${at(row)}/status`, 'merge', { status: { conditions } });
  const { status } = (await h.get(at(row))) as unknown as { readonly status?: { readonly conditions?: unknown } };
  t.deepEqual(status?.conditions ?? [], []);
});
