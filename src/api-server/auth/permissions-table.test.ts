import test from 'ava';
import { createAccess } from '../access.ts';
import { FakeView } from '../testing/index.ts';
import type { LocalAuthorizer } from './attributes.ts';

const group = 'rbac.authorization.k8s.io';

/**
 * Pod p (uses ConfigMap used, Secret key, claim data and account sa) is on node-1, pod q on node-2; db
 * is a mirror pod of node-1; volumes that a node made itself; an Ingress shows the Secret shown to clients; a few roles
 * and bindings.
 */
function cluster(): LocalAuthorizer {
  const view = new FakeView();
  const role = (name: string, rules: readonly object[]): void => {
    view.put(group, 'clusterroles', { kind: 'ClusterRole', apiVersion: `${group}/v1`, metadata: { name }, rules });
  };
  const bind = (name: string, subject: object, namespace?: string): void => {
    view.put(group, namespace === undefined ? 'clusterrolebindings' : 'rolebindings', {
      kind: 'Binding',
      apiVersion: `${group}/v1`,
      metadata: { name: `${name}-${namespace ?? 'all'}`, ...(namespace === undefined ? {} : { namespace }) },
      roleRef: { kind: 'ClusterRole', name },
      subjects: [subject],
    });
  };
  role('reader', [{ apiGroups: [''], resources: ['pods', 'configmaps'], verbs: ['get', 'list'] }]);
  role('scaler', [{ apiGroups: ['apps'], resources: ['*/scale'], verbs: ['update'] }]);
  role('one', [
    { apiGroups: [''], resources: ['secrets'], verbs: ['get'], resourceNames: ['only'] },
    { nonResourceURLs: ['/metrics', '/logs/*'], verbs: ['get'] },
  ]);
  bind('reader', { kind: 'User', name: 'ann' }, 'n');
  bind('scaler', { kind: 'Group', name: 'ops' });
  bind('one', { kind: 'ServiceAccount', name: 'robot', namespace: 'n' });
  const pod = (
    name: string,
    nodeName: string,
    spec: object,
    annotations: Readonly<Record<string, string>> = {},
  ): void => {
    view.put('', 'pods', {
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { name, namespace: 'n', uid: name, annotations },
      spec: { nodeName, containers: [], ...spec },
    });
  };
  pod('p', 'node-1', {
    resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }],
    serviceAccountName: 'sa',
    volumes: [
      { name: 'a', configMap: { name: 'used' } },
      { name: 'b', secret: { secretName: 'key' } },
      { name: 'c', persistentVolumeClaim: { claimName: 'data' } },
    ],
  });
  pod('q', 'node-2', {});
  pod(
    'db',
    'node-1',
    {
      serviceAccountName: 'robot',
      imagePullSecrets: [{ name: 'mirrored' }],
      volumes: [
        { name: 'data', ephemeral: {} },
        { name: 'c', configMap: { name: 'mirrored' } },
      ],
    },
    { 'kubernetes.io/config.mirror': 'x' },
  );
  const volume = (name: string, spec: object, labels: Readonly<Record<string, string>> = {}): void => {
    view.put('', 'persistentvolumes', { kind: 'PersistentVolume', apiVersion: 'v1', metadata: { name, labels }, spec });
  };
  volume('mirrored', { claimRef: { namespace: 'n', name: 'db-data' } });
  volume('claimed', { claimRef: { namespace: 'n', name: 'data' } });
  volume('near', {}, { 'troupe.dev/node': 'node-1' });
  volume('far', {}, { 'troupe.dev/node': 'node-2' });
  for (const [name, nodeName] of [
    ['own', 'node-1'],
    ['foreign', 'node-2'],
  ] as const)
    view.put('storage.k8s.io', 'volumeattachments', {
      kind: 'VolumeAttachment',
      apiVersion: 'storage.k8s.io/v1',
      metadata: { name },
      spec: { attacher: 'a', nodeName, source: {} },
    });
  for (const nodeName of ['node-1', 'node-2'])
    view.put('resource.k8s.io', 'resourceslices', {
      kind: 'ResourceSlice',
      apiVersion: 'resource.k8s.io/v1beta1',
      metadata: { name: nodeName },
      spec: { driver: 'd', pool: { name: nodeName, generation: 1, resourceSliceCount: 1 }, nodeName },
    });
  const networking = 'networking.k8s.io';
  for (const [name, controller] of [
    ['troupe', 'troupe.dev/ingress'],
    ['other', 'example.com/other'],
  ] as const)
    view.put(networking, 'ingressclasses', {
      kind: 'IngressClass',
      apiVersion: `${networking}/v1`,
      metadata: { name },
      spec: { controller },
    });
  for (const [ingressClassName, secretName] of [
    ['troupe', 'shown'],
    ['other', 'foreign'],
  ] as const)
    view.put(networking, 'ingresses', {
      kind: 'Ingress',
      apiVersion: `${networking}/v1`,
      metadata: { name: ingressClassName, namespace: 'n' },
      spec: { ingressClassName, tls: [{ secretName }] },
    });
  return createAccess(view).authorizeLocally;
}

const users = {
  root: { name: 'root', groups: ['system:masters'] },
  nobody: { name: 'system:anonymous', groups: ['system:unauthenticated'] },
  ann: { name: 'ann', groups: [] },
  olaf: { name: 'olaf', groups: ['ops'] },
  robot: { name: 'system:serviceaccount:n:robot', groups: ['system:serviceaccounts'] },
  other: { name: 'system:serviceaccount:m:robot', groups: ['system:serviceaccounts'] },
  node: { name: 'system:node:node-1', groups: ['system:nodes'] },
  alone: { name: 'system:node:node-1', groups: [] },
} as const;

/**
 * What nodes write of pods and nodes is narrowed by the NodeRestriction admission. user | verb |
 * group/resource[/subresource], or a path | namespace/name or namespace/?label selector | yes or no.
 */
const rows = `
root   delete secrets n/x yes
root   get /metrics - yes
nobody get /healthz - yes
nobody get /version - yes
nobody get /metrics - no
nobody list pods n/ no
ann    get pods n/p yes
ann    list configmaps n/ yes
ann    get pods m/p no
ann    list pods / no
ann    delete pods n/p no
ann    get pods/log n/p no
ann    get secrets n/only no
olaf   update apps/deployments/scale m/d yes
olaf   update apps/deployments m/d no
olaf   get apps/deployments/scale m/d no
olaf   update batch/jobs/scale m/d no
robot  get secrets n/only yes
robot  get secrets n/other no
robot  list secrets n/ no
robot  get /logs/a - yes
robot  get /logs - no
robot  post /metrics - no
other  get secrets n/only no
node   get configmaps n/used yes
node   get configmaps n/other no
node   get configmaps m/used no
node   get secrets n/key yes
node   list secrets n/ no
node   get secrets n/shown yes
node   list secrets n/shown yes
node   update secrets n/shown no
node   get secrets m/shown no
node   get secrets n/foreign no
node   list networking.k8s.io/ingresses / yes
node   update networking.k8s.io/ingresses n/i no
node   watch networking.k8s.io/servicecidrs / yes
node   create networking.k8s.io/servicecidrs /r no
node   update secrets n/key no
node   get persistentvolumeclaims n/data yes
node   get persistentvolumeclaims n/db-data no
node   patch persistentvolumeclaims/status n/db-data no
node   get persistentvolumes /mirrored no
node   get serviceaccounts n/robot no
node   get secrets n/mirrored no
node   get configmaps n/mirrored no
node   update pods/status n/db yes
node   get persistentvolumes /claimed yes
node   patch persistentvolumes /claimed no
node   patch persistentvolumes /near yes
node   get persistentvolumes /far no
node   patch persistentvolumes /far no
node   delete persistentvolumes /near no
node   watch persistentvolumes /?troupe.dev/node=node-1 yes
node   watch persistentvolumes /?troupe.dev/node=node-2 no
node   list persistentvolumes / no
node   create serviceaccounts/token n/sa yes
node   create serviceaccounts/token n/robot no
node   update pods/status n/p yes
node   update pods/status n/q yes
node   delete pods n/q yes
node   deletecollection pods n/ no
node   create pods/eviction n/q yes
node   get pods/status n/q no
node   update pods n/p no
node   patch nodes/status /node-1 yes
node   patch nodes/status /node-2 yes
node   get nodes/status /node-2 no
node   delete nodes /node-1 no
node   update coordination.k8s.io/leases kube-node-lease/node-1 yes
node   update coordination.k8s.io/leases kube-node-lease/node-2 no
node   update coordination.k8s.io/leases n/node-1 no
node   get storage.k8s.io/volumeattachments /own yes
node   get storage.k8s.io/volumeattachments /none yes
node   get storage.k8s.io/volumeattachments /foreign no
node   get resource.k8s.io/resourceclaims n/gpu yes
node   get resource.k8s.io/resourceclaims n/other no
node   list resource.k8s.io/resourceclaims n/ no
node   update resource.k8s.io/resourceclaims/status n/gpu no
node   get resource.k8s.io/resourceslices /node-1 yes
node   get resource.k8s.io/resourceslices /node-2 no
node   delete resource.k8s.io/resourceslices /node-2 no
node   list resource.k8s.io/resourceslices / no
node   create resource.k8s.io/resourceslices / yes
node   create rbac.authorization.k8s.io/clusterroles / no
alone  get configmaps n/used no
`
  .trim()
  .split('\n')
  .map((row) => row.split(/\s+/));

const authorize = cluster();
for (const [who = '', verb = '', what = '', where = '', expected = ''] of rows) {
  test(`${who} ${expected === 'yes' ? 'may' : 'may not'} ${verb} ${what} ${where}`, (t) => {
    const isResource = !what.startsWith('/');
    const parts = what.split('/');
    const inGroup = parts[0]?.includes('.') === true || ['apps', 'batch'].includes(parts[0] ?? '');
    const [apiGroup = '', resource = '', subresource = ''] = inGroup ? parts : ['', ...parts];
    const [place = '', labelSelector] = where.split('?');
    const [namespace = '', name = ''] = isResource ? place.split('/') : [];
    const asked = {
      user: users[who as keyof typeof users],
      verb,
      isResource,
      group: isResource ? apiGroup : '',
      version: 'v1',
      resource: isResource ? resource : '',
      subresource: isResource ? subresource : '',
      namespace,
      name,
      path: isResource ? '' : what,
      ...(labelSelector === undefined ? {} : { labelSelector }),
    };
    t.is(authorize(asked).allowed, expected === 'yes');
  });
}
