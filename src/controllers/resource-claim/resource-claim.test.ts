import test from 'ava';
import {
  deviceFinalizer,
  type Pod,
  type ResourceClaim,
  type ResourceClaimTemplate,
  resources,
} from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { stored } from '../runtime/stored.fixture.ts';
import { planClaim } from './claim-plan.ts';
import { podClaimsController, resourceClaimController } from './controller.ts';
import { planPod, type PodObserved } from './pod-plan.ts';

const { pods, resourceClaims: claims, resourceClaimTemplates: templates } = resources;

interface PodParts {
  readonly status?: object;
  readonly metadata?: object;
  readonly nodeName?: string;
}

const pod = ({ status = {}, metadata = {}, nodeName }: PodParts = {}): Pod =>
  stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'ns', uid: 'u', ...metadata },
    spec: {
      nodeName,
      containers: [],
      resourceClaims: [
        { name: 'gpu', resourceClaimTemplateName: 't' },
        { name: 'shared', resourceClaimName: 's' },
      ],
    },
    status,
  });
const spec = { devices: { requests: [{ name: 'r', deviceClassName: 'c' }] } };
const template = stored<ResourceClaimTemplate>({
  metadata: { name: 't' },
  spec: { metadata: { labels: { a: 'b' } }, spec },
});

interface ClaimParts {
  readonly name?: string;
  readonly status?: object;
  readonly metadata?: object;
}

const claim = ({ name = 's', status = {}, metadata = {} }: ClaimParts = {}): ResourceClaim =>
  stored<ResourceClaim>({
    apiVersion: 'resource.k8s.io/v1beta1',
    kind: 'ResourceClaim',
    metadata: { name, namespace: 'ns', uid: name, ...metadata },
    spec,
    status,
  });
const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u', controller: true };
const made = (name: string, parts: ClaimParts = {}): ResourceClaim =>
  claim({
    ...parts,
    name,
    metadata: {
      ownerReferences: [owner],
      annotations: { 'resource.kubernetes.io/pod-claim-name': 'gpu' },
      ...parts.metadata,
    },
  });

const observed = (parts: Partial<PodObserved> = {}): PodObserved => ({
  pod: pod(),
  template: () => template,
  owned: [],
  claim: () => undefined,
  ...parts,
});

test('a claim is made from the template, under a name of its own that follows from the pod', (t) => {
  const plan = planPod(observed());
  t.is(plan.create.length, 1);
  t.like(plan.create[0]?.object, {
    metadata: {
      generateName: 'p-gpu-',
      labels: { a: 'b' },
      annotations: { 'resource.kubernetes.io/pod-claim-name': 'gpu' },
      ownerReferences: [{ ...owner, blockOwnerDeletion: true }],
    },
    spec,
  });
  const name = plan.create[0]?.name ?? '';
  t.regex(name, /^p-gpu-[a-z0-9]{5}$/);
  t.deepEqual(plan.statuses, [{ name: 'gpu', resourceClaimName: name }]);
  t.is(planPod(observed()).create[0]?.name, name);
  const taken = planPod(observed({ claim: (each) => (each === name ? claim({ name }) : undefined) }));
  t.not(taken.create[0]?.name, name);
});

test('a claim that is there already is not made again, and the status says so', (t) => {
  const plan = planPod(observed({ owned: [made('x')] }));
  t.deepEqual([plan.create, plan.statuses], [[], [{ name: 'gpu', resourceClaimName: 'x' }]]);
  const told = pod({ status: { resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'x' }] } });
  t.is(planPod(observed({ pod: told, owned: [made('x')] })).statuses, undefined);
});

test('a pod is told of a template that there is not', (t) => {
  const plan = planPod(observed({ template: () => undefined }));
  t.deepEqual(plan.create, []);
  t.deepEqual(plan.notes, [
    {
      type: 'Warning',
      reason: 'FailedResourceClaimCreation',
      message: 'PodResourceClaim gpu: resource claim template "t" not found',
    },
  ]);
});

test('a pod that ended or is ending gets no claims', (t) => {
  for (const ending of [pod({ status: { phase: 'Succeeded' } }), pod({ metadata: { deletionTimestamp: 'now' } })])
    t.deepEqual(planPod(observed({ pod: ending })), { create: [], reserve: [], notes: [] });
});

const allocation = { devices: { results: [{ request: 'r', driver: 'd', pool: 'p', device: 'x' }] } };
const user = (name: string, uid = name): object => ({ resource: 'pods', name, uid });

test('a pod that no scheduler placed reserves what was allocated, and nothing else', (t) => {
  const placed = pod({ nodeName: 'n' });
  const shared = claim({ status: { allocation } });
  t.deepEqual(planPod(observed({ pod: placed, claim: () => shared, owned: [made('x')] })).reserve, [shared]);
  const reserved = claim({ status: { allocation, reservedFor: [user('p', 'u')] } });
  t.deepEqual(planPod(observed({ pod: placed, claim: () => reserved, owned: [made('x')] })).reserve, []);
  t.deepEqual(planPod(observed({ claim: () => shared, owned: [made('x')] })).reserve, []);
});

const other = stored<Pod>({ metadata: { name: 'q', uid: 'q' }, spec: {}, status: {} });
const held = { finalizers: [deviceFinalizer] };

/** What is observed, and the next step. */
const rows: readonly (readonly [what: string, claim: ResourceClaim, pods: readonly Pod[], step: object])[] = [
  [
    'a claim stays for the pods that use it',
    claim({ status: { allocation, reservedFor: [user('q')] }, metadata: held }),
    [other],
    { type: 'none' },
  ],
  [
    'a pod that is gone is no user, and the others keep the devices',
    claim({ status: { allocation, reservedFor: [user('q'), user('p', 'u')] }, metadata: held }),
    [other],
    { type: 'status', status: { allocation, reservedFor: [user('q')], devices: undefined } },
  ],
  [
    'without users the devices are given back',
    claim({ status: { allocation, devices: [], reservedFor: [user('p', 'u')] }, metadata: held }),
    [],
    { type: 'status', status: { allocation: undefined, reservedFor: undefined, devices: undefined } },
  ],
  [
    'a pod of the same name is another one',
    claim({ status: { allocation, reservedFor: [user('q', 'old')] }, metadata: held }),
    [other],
    { type: 'status', status: { allocation: undefined, reservedFor: undefined, devices: undefined } },
  ],
  [
    'devices that nobody here allocated stay with the claim',
    claim({ status: { allocation, reservedFor: [user('gone')] } }),
    [],
    { type: 'status', status: { allocation, reservedFor: undefined, devices: undefined } },
  ],
  [
    'users of another kind are left alone',
    claim({ status: { allocation, reservedFor: [{ apiGroup: 'x', resource: 'y', name: 'z', uid: 'z' }] } }),
    [],
    { type: 'none' },
  ],
  [
    'a claim that is given to nobody may go',
    claim({ metadata: { finalizers: ['other', deviceFinalizer] } }),
    [],
    { type: 'release', finalizers: ['other'] },
  ],
  [
    'a claim that is being deleted gives its devices back once nobody uses them',
    claim({ status: { allocation }, metadata: { ...held, deletionTimestamp: 'now' } }),
    [],
    { type: 'status', status: { allocation: undefined, reservedFor: undefined, devices: undefined } },
  ],
  [
    'a claim that was made for a pod goes when that has ended',
    made('x'),
    [pod({ status: { phase: 'Failed' } })],
    { type: 'delete' },
  ],
  ['it stays while the pod runs', made('x'), [pod({ status: { phase: 'Running' } })], { type: 'none' }],
];
for (const [what, observedClaim, observedPods, step] of rows)
  test(what, (t) => {
    const find = (name: string): Pod | undefined => observedPods.find(({ metadata }) => metadata.name === name);
    t.deepEqual(planClaim({ claim: observedClaim, pod: find }) as object, step);
  });

async function start(): Promise<{ readonly cluster: MemoryCluster; readonly harness: Harness }> {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [podClaimsController(), resourceClaimController()]);
  await cluster.make(templates, { metadata: { name: 't', namespace: 'ns' }, spec: { spec } });
  await harness.settle();
  return { cluster, harness };
}

const status = { subresource: 'status' };

test('a claim lives from its pod to the end of it, and its devices are free then', async (t) => {
  const { cluster, harness } = await start();
  const { metadata, ...rest } = pod();
  const made = await cluster.make(pods, { metadata: { name: metadata.name, namespace: 'ns' }, ...rest } as never);
  await harness.settle();
  const [first, ...others] = cluster.view.list<ResourceClaim>(claims, 'ns');
  t.deepEqual(others, []);
  const name = first?.metadata.name ?? '';
  const shown = cluster.view.get<Pod>(pods, 'ns', 'p');
  t.deepEqual(shown?.status.resourceClaimStatuses, [{ name: 'gpu', resourceClaimName: name }]);
  const ref = { ...claims, namespace: 'ns', name };
  await cluster.client.patch(ref, { type: 'merge', body: { metadata: { finalizers: [deviceFinalizer] } } });
  const body = { status: { allocation, reservedFor: [user('p', made.metadata.uid)] } };
  await cluster.client.patch(ref, { type: 'merge', body }, status);
  await harness.settle();
  t.not(cluster.view.get<ResourceClaim>(claims, 'ns', name)?.status?.allocation, undefined);
  const ended = { type: 'merge', body: { status: { phase: 'Succeeded' } } } as const;
  await cluster.client.patch({ ...pods, namespace: 'ns', name: 'p' }, ended, status);
  await harness.settle();
  t.deepEqual(cluster.view.list(claims, 'ns'), []);
});

test('a pod whose template comes later gets its claim then', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [podClaimsController(), resourceClaimController()]);
  const { metadata, ...rest } = pod();
  await cluster.make(pods, { metadata: { name: metadata.name, namespace: 'ns' }, ...rest } as never);
  await harness.settle();
  t.deepEqual(
    cluster.events.map(({ reason }) => reason),
    ['FailedResourceClaimCreation'],
  );
  await cluster.make(templates, { metadata: { name: 't', namespace: 'ns' }, spec: { spec } });
  await harness.settle();
  t.is(cluster.view.list(claims, 'ns').length, 1);
});
