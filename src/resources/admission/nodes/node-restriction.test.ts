import test from 'ava';
import type { KubeObject } from '../../../api/index.ts';
import { startHarness, type Harness } from '../../testing/harness.ts';

/** What node n1 tries: every row is one write, with the refusal's reason, or '' where it is allowed. */
interface Row {
  readonly title: string;
  readonly refused: string;
  write(
    h: Harness,
    as: { readonly user: { readonly name: string; readonly groups: readonly string[] } },
  ): Promise<KubeObject>;
}

const user = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };
const pods = '/api/v1/namespaces/default/pods';
const mirror = { 'kubernetes.io/config.mirror': 'x' };
const owner = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: '', controller: true };

function podBody(
  spec: object = {},
  owners: readonly object[] | undefined = undefined,
  annotations: object = mirror,
): object {
  return {
    metadata: { name: 'p', annotations, ...(owners === undefined ? {} : { ownerReferences: owners }) },
    spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }], ...spec },
  };
}

/** A mirror pod owned by the node that there is. */
async function mirrorPod(h: Harness, as: object, spec: object = {}, changes: object = {}): Promise<KubeObject> {
  const uid = (await h.get('/api/v1/nodes/n1')).metadata.uid;
  return h.post(pods, podBody(spec, [{ ...owner, uid, ...changes }]), as);
}

const claimTemplate = { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };

const volumes = '/api/v1/persistentvolumes';

function volumeBody(others: readonly string[] = []): object {
  return {
    metadata: { name: 'v', finalizers: ['troupe.dev/local-path', ...others], labels: { 'troupe.dev/node': 'n1' } },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data/v' } },
  };
}

/** A volume that is being deleted, and what is tried on it. */
async function endedVolume(
  h: Harness,
  write: (path: string) => Promise<KubeObject>,
  others: readonly string[] = [],
): Promise<KubeObject> {
  await h.post(volumes, volumeBody(others));
  await h.patch(`${volumes}/v`, 'merge', { metadata: { finalizers: ['troupe.dev/local-path', ...others] } });
  await h.remove(`${volumes}/v`);
  return write(`${volumes}/v`);
}

const rows: readonly Row[] = [
  {
    title: 'creates its Node',
    refused: 'node "n1" is not allowed to modify node "n3"',
    write: (h, as) => h.post('/api/v1/nodes', { metadata: { name: 'n3' } }, as),
  },
  {
    title: 'labels itself with what administrators give',
    refused: 'is not allowed to modify labels: a.node-restriction.kubernetes.io/b, node-restriction.kubernetes.io/a',
    write: (h, as) =>
      h.patch(
        '/api/v1/nodes/n1',
        'merge',
        {
          metadata: {
            labels: { 'node-restriction.kubernetes.io/a': '1', 'a.node-restriction.kubernetes.io/b': '1', own: '1' },
          },
        },
        as,
      ),
  },
  {
    title: 'labels itself with an unknown label of Kubernetes',
    refused: 'is not allowed to modify labels: node-role.kubernetes.io/control-plane, x.k8s.io/y',
    write: (h, as) =>
      h.patch(
        '/api/v1/nodes/n1',
        'merge',
        { metadata: { labels: { 'node-role.kubernetes.io/control-plane': '', 'x.k8s.io/y': '' } } },
        as,
      ),
  },
  {
    title: 'takes away a label of administrators',
    refused: 'is not allowed to modify labels: node-restriction.kubernetes.io/given',
    write: (h, as) =>
      h.patch(
        '/api/v1/nodes/n1',
        'merge',
        { metadata: { labels: { 'node-restriction.kubernetes.io/given': null } } },
        as,
      ),
  },
  {
    title: 'tells its zone, system and own labels',
    refused: '',
    write: (h, as) =>
      h.patch(
        '/api/v1/nodes/n1',
        'merge',
        {
          metadata: {
            labels: {
              'topology.kubernetes.io/zone': 'z',
              'kubernetes.io/os': 'linux',
              'a.node.kubernetes.io/x': '',
              'kubelet.kubernetes.io/y': '',
              own: '',
            },
          },
        },
        as,
      ),
  },
  {
    title: 'changes its taints',
    refused: 'node "n1" is not allowed to modify taints',
    write: (h, as) => h.patch('/api/v1/nodes/n1', 'merge', { spec: { taints: [] } }, as),
  },
  ...['/api/v1/nodes/n1', '/api/v1/nodes/n1/status'].flatMap((path): readonly Row[] => [
    {
      title: `gives itself an owner by ${path}`,
      refused: 'node "n1" is not allowed to modify ownerReferences',
      write: (h, as) =>
        h.patch(path, 'merge', { metadata: { ownerReferences: [{ ...owner, kind: 'Pod', uid: 'gone' }] } }, as),
    },
    {
      title: `gives itself a finalizer by ${path}`,
      refused: 'node "n1" is not allowed to modify finalizers',
      write: (h, as) => h.patch(path, 'merge', { metadata: { finalizers: ['example.com/stay'] } }, as),
    },
  ]),
  {
    title: 'comes with an owner',
    refused: 'node "n1" is not allowed to create itself with ownerReferences',
    write: async (h, as) => {
      await h.remove('/api/v1/nodes/n1');
      const ownerReferences = [{ ...owner, kind: 'Pod', uid: 'gone' }];
      const answer = await h.post('/api/v1/nodes', { metadata: { name: 'n1', ownerReferences } }, as);
      await h.post('/api/v1/nodes', { metadata: { name: 'n1' } });
      return answer;
    },
  },
  {
    title: 'comes with a finalizer',
    refused: 'node "n1" is not allowed to create itself with finalizers',
    write: async (h, as) => {
      await h.remove('/api/v1/nodes/n1');
      const answer = await h.post('/api/v1/nodes', { metadata: { name: 'n1', finalizers: ['example.com/stay'] } }, as);
      await h.post('/api/v1/nodes', { metadata: { name: 'n1' } });
      return answer;
    },
  },
  {
    title: 'writes its status',
    refused: '',
    write: (h, as) =>
      h.patch('/api/v1/nodes/n1/status', 'merge', { status: { conditions: [{ type: 'Ready', status: 'True' }] } }, as),
  },
  {
    title: 'writes the status of another node',
    refused: 'node "n1" is not allowed to modify node "n2"',
    write: (h, as) => h.patch('/api/v1/nodes/n2/status', 'merge', { status: {} }, as),
  },
  {
    title: 'deletes itself',
    refused: 'node "n1" is not allowed to delete node "n1"',
    write: (h, as) => h.remove('/api/v1/nodes/n1', {}, as),
  },
  {
    title: 'creates a pod',
    refused: 'pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods',
    write: (h, as) => h.post(pods, podBody({}, undefined, {}), as),
  },
  {
    title: 'creates a mirror pod for another node',
    refused: 'node "n1" can only create pods with spec.nodeName set to itself',
    write: (h, as) => h.post(pods, podBody({ nodeName: 'n2' }), as),
  },
  {
    title: 'creates a mirror pod without an owner',
    refused: 'node "n1" can only create pods with an owner reference set to itself',
    write: (h, as) => h.post(pods, podBody(), as),
  },
  {
    title: 'creates a mirror pod of two owners',
    refused: 'node "n1" can only create pods with a single owner reference set to itself',
    write: (h, as) =>
      h.post(
        pods,
        podBody({}, [
          { ...owner, uid: 'a' },
          { ...owner, uid: 'b', controller: false },
        ]),
        as,
      ),
  },
  {
    title: 'creates a mirror pod of another node',
    refused: 'node "n1" can only create pods with an owner reference set to itself',
    write: (h, as) => mirrorPod(h, as, {}, { name: 'n2' }),
  },
  {
    title: 'creates a mirror pod that it does not control',
    refused: 'node "n1" can only create pods with a controller owner reference set to itself',
    write: (h, as) => mirrorPod(h, as, {}, { controller: false }),
  },
  {
    title: 'creates a mirror pod that blocks',
    refused: 'node "n1" must not set blockOwnerDeletion on an owner reference',
    write: (h, as) => mirrorPod(h, as, {}, { blockOwnerDeletion: true }),
  },
  {
    title: 'creates a mirror pod of an earlier node of its name',
    refused: 'node n1 UID mismatch: expected old got <uid>',
    write: (h, as) => mirrorPod(h, as, {}, { uid: 'old' }),
  },
  {
    title: 'creates a mirror pod with a service account',
    refused: 'a mirror pod may not reference service accounts',
    write: (h, as) => mirrorPod(h, as, { serviceAccountName: 'default' }),
  },
  {
    title: 'creates a mirror pod with a secret',
    refused: 'node "n1" can not create pods that reference secrets',
    write: (h, as) =>
      mirrorPod(h, as, { volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 's' } }] } }] }),
  },
  {
    title: 'creates a mirror pod with a variable of a config map',
    refused: 'node "n1" can not create pods that reference configmaps',
    write: (h, as) =>
      mirrorPod(h, as, { containers: [{ name: 'c', image: 'i', envFrom: [{ configMapRef: { name: 'm' } }] }] }),
  },
  {
    title: 'creates a mirror pod with a claim',
    refused: 'node "n1" can not create pods that reference persistentvolumeclaims',
    write: (h, as) => mirrorPod(h, as, { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }),
  },
  {
    title: 'creates a mirror pod with a volume that makes a claim',
    refused: 'node "n1" can not create pods that reference persistentvolumeclaims (via ephemeral volumes)',
    write: (h, as) => mirrorPod(h, as, { volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: claimTemplate } }] }),
  },
  {
    title: 'creates a mirror pod with a driver',
    refused: 'node "n1" can not create pods that reference csidrivers (via CSI volumes)',
    write: (h, as) => mirrorPod(h, as, { volumes: [{ name: 'v', csi: { driver: 'example.com' } }] }),
  },
  {
    title: 'creates a mirror pod with the token of an account',
    refused: 'a mirror pod may not use ServiceAccountToken volume projections',
    write: (h, as) => {
      const serviceAccountToken = { path: 'token', expirationSeconds: 3600 };
      return mirrorPod(h, as, { volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken }] } }] });
    },
  },
  { title: 'creates a mirror pod of its own', refused: '', write: (h, as) => mirrorPod(h, as) },
  {
    title: 'changes a pod',
    refused: 'unexpected operation "UPDATE", node "n1" can only create and delete mirror pods',
    write: (h, as) => h.patch(`${pods}/mine`, 'merge', { metadata: { labels: { a: 'b' } } }, as),
  },
  {
    title: 'deletes a pod of another node',
    refused: 'node "n1" can only delete pods with spec.nodeName set to itself',
    write: (h, as) => h.remove(`${pods}/other`, {}, as),
  },
  {
    title: 'deletes a pod of its own',
    refused: '',
    write: (h, as) => h.remove(`${pods}/mine`, { gracePeriodSeconds: 0 }, as),
  },
  {
    title: 'writes the status of a pod of another node',
    refused: 'node "n1" can only update pod status for pods with spec.nodeName set to itself',
    write: (h, as) => h.patch(`${pods}/other/status`, 'merge', { status: {} }, as),
  },
  {
    title: 'writes labels with the status of its pod',
    refused: 'node "n1" cannot update labels through pod status',
    write: (h, as) => h.patch(`${pods}/mine/status`, 'merge', { metadata: { labels: { a: 'b' } } }, as),
  },
  {
    title: 'writes the status of its pod',
    refused: '',
    write: (h, as) => h.patch(`${pods}/mine/status`, 'merge', { status: { phase: 'Running' } }, as),
  },
  {
    title: 'adds an ephemeral container',
    refused: "unexpected pod subresource \"ephemeralcontainers\", only 'status' and 'eviction' are allowed",
    write: (h, as) =>
      h.patch(
        `${pods}/mine/ephemeralcontainers`,
        'strategic',
        { spec: { ephemeralContainers: [{ name: 'd', image: 'i' }] } },
        as,
      ),
  },
  {
    title: 'changes a claim',
    refused: 'may only update PVC status',
    write: (h, as) =>
      h.patch('/api/v1/namespaces/default/persistentvolumeclaims/c', 'merge', { metadata: { labels: { a: 'b' } } }, as),
  },
  {
    title: 'writes the phase of a claim',
    refused: 'node "n1" is not allowed to update fields other than status.quantity and status.conditions',
    write: (h, as) =>
      h.patch('/api/v1/namespaces/default/persistentvolumeclaims/c/status', 'merge', { status: { phase: 'Lost' } }, as),
  },
  {
    title: 'writes how far a volume has grown',
    refused: '',
    write: (h, as) =>
      h.patch(
        '/api/v1/namespaces/default/persistentvolumeclaims/c/status',
        'merge',
        { status: { capacity: { storage: '2Gi' } } },
        as,
      ),
  },
  {
    title: 'lets go of a volume that is being deleted',
    refused: '',
    write: (h, as) => endedVolume(h, (path) => h.patch(path, 'merge', { metadata: { finalizers: null } }, as)),
  },
  {
    title: 'keeps others from holding a volume',
    refused: 'node "n1" is not allowed to change more than the finalizer troupe.dev/local-path',
    write: (h, as) =>
      endedVolume(h, (path) => h.patch(path, 'merge', { metadata: { finalizers: null } }, as), ['example.com/backup']),
  },
  {
    title: 'changes a volume that is being deleted',
    refused: 'node "n1" is not allowed to change more than the finalizer troupe.dev/local-path',
    write: (h, as) =>
      endedVolume(h, (path) => h.patch(path, 'merge', { metadata: { finalizers: null, labels: { a: 'b' } } }, as)),
  },
  {
    title: 'lets go of a volume in use',
    refused: 'may only let go of a PV that is being deleted',
    write: async (h, as) => {
      await h.post(volumes, volumeBody());
      return h.patch(`${volumes}/v`, 'merge', { metadata: { finalizers: null } }, as);
    },
  },
  {
    title: 'writes a lease elsewhere',
    refused: 'can only access leases in the "kube-node-lease" system namespace',
    write: (h, as) =>
      h.post('/apis/coordination.k8s.io/v1/namespaces/default/leases', { metadata: { name: 'n1' } }, as),
  },
  {
    title: 'writes the lease of another node',
    refused: 'can only access node lease with the same name as the requesting node',
    write: (h, as) =>
      h.post('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', { metadata: { name: 'n2' } }, as),
  },
  {
    title: 'writes its lease',
    refused: '',
    write: (h, as) =>
      h.post('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', { metadata: { name: 'n1' } }, as),
  },
  {
    title: 'writes the drivers of another node',
    refused: 'can only access CSINode with the same name as the requesting node',
    write: (h, as) => h.post('/apis/storage.k8s.io/v1/csinodes', { metadata: { name: 'n2' } }, as),
  },
  {
    title: 'writes its drivers',
    refused: '',
    write: (h, as) => h.post('/apis/storage.k8s.io/v1/csinodes', { metadata: { name: 'n1' } }, as),
  },
  {
    title: 'asks for a certificate with what is no request',
    refused: 'unable to parse csr: PEM block type must be CERTIFICATE REQUEST',
    write: (h, as) =>
      h.post(
        '/apis/certificates.k8s.io/v1/certificatesigningrequests',
        {
          metadata: { name: 'r' },
          spec: { request: 'eA==', signerName: 'kubernetes.io/kubelet-serving', usages: ['server auth'] },
        },
        as,
      ),
  },
  {
    title: 'writes a config map, which is no business of this rule',
    refused: '',
    write: (h, as) => h.post('/api/v1/namespaces/default/configmaps', { metadata: { name: 'm' } }, as),
  },
];

async function cluster(): Promise<Harness> {
  const h = await startHarness();
  await h.post('/api/v1/namespaces', { metadata: { name: 'kube-node-lease' } });
  await h.post('/api/v1/nodes', {
    metadata: { name: 'n1', labels: { 'node-restriction.kubernetes.io/given': 'yes' } },
    spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] },
  });
  await h.post('/api/v1/nodes', { metadata: { name: 'n2' } });
  for (const [name, nodeName] of [
    ['mine', 'n1'],
    ['other', 'n2'],
  ])
    await h.post(pods, { metadata: { name }, spec: { nodeName, containers: [{ name: 'c', image: 'i' }] } });
  await h.post('/api/v1/namespaces/default/persistentvolumeclaims', {
    metadata: { name: 'c' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  return h;
}

for (const { title, refused, write } of rows) {
  test(`a node ${refused === '' ? '' : 'that is refused '}${title}`, async (t) => {
    const h = await cluster();
    const answer = (await write(h, { user })) as KubeObject & { readonly message?: string; readonly code?: number };
    if (refused === '') {
      t.not(answer.kind, 'Status', answer.message);
      return;
    }
    t.is(answer.code, 403, answer.message);
    const uid = (await h.get('/api/v1/nodes/n1')).metadata.uid ?? '';
    t.is(answer.message?.replace(uid, '<uid>').replace(/^\S+ "[^"]*" is forbidden: /, ''), refused);
  });
}

test('whoever is in the group of nodes without naming one is refused', async (t) => {
  const h = await cluster();
  const answer = (await h.patch(
    '/api/v1/nodes/n1',
    'merge',
    {},
    { user: { name: 'system:node:', groups: ['system:nodes'] } },
  )) as KubeObject & { readonly message?: string };
  t.is(answer.message, 'nodes "n1" is forbidden: could not determine node from user "system:node:"');
});
