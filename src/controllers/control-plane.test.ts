import test from 'ava';
import { allResources, type GroupResource } from '../api/index.ts';
import { type AdmissionPolicy, admissionPolicyController } from './admission-policy/controller.ts';
import { aggregatedRules } from './cluster-role/controller.ts';
import { cronJobController } from './cron-job/controller.ts';
import type { CronJob } from './cron-job/reconcile.ts';
import { latestDue, parseSchedule } from './cron-job/schedule.ts';
import { disruptionController } from './disruption/controller.ts';
import { type Budget, planBudget } from './disruption/reconcile.ts';
import type { Job } from './job/job.ts';
import { Harness, MemoryCluster } from './runtime/memory-cluster.fixture.ts';
import { assignRanges } from './node-addresses/reconcile.ts';
import { type Node, type Pod, resources, type Stored } from './objects.ts';
import { podCollector } from './pod-collector/controller.ts';
import { volumeBinder } from './volume-binder/controller.ts';
import type { Claim, Volume } from './volume-binder/volumes.ts';
import { claimProtectionController, volumeProtectionController } from './volume-protection/controller.ts';

const at = (text: string): number => Date.parse(text);

test('schedules mean what cron means, with zones, macros and periods', (t) => {
  t.is(parseSchedule('*/5 * * * *', undefined).next(at('2026-01-01T00:03:00Z')), at('2026-01-01T00:05:00Z'));
  t.is(parseSchedule('0 9 ? * *', 'Europe/Berlin').next(at('2026-01-01T00:00:00Z')), at('2026-01-01T08:00:00Z'));
  t.is(parseSchedule('@hourly', undefined).next(at('2026-01-01T00:03:00Z')), at('2026-01-01T01:00:00Z'));
  t.is(parseSchedule('@every 1h30m', undefined).next(at('2026-01-01T00:00:00Z')), at('2026-01-01T01:30:00Z'));
  t.throws(() => parseSchedule('not a schedule', undefined));
});

test('the latest due time is found however many were missed', (t) => {
  const everyMinute = parseSchedule('* * * * *', undefined);
  t.deepEqual(latestDue(everyMinute, at('2026-01-01T00:00:00Z'), at('2026-01-01T00:03:30Z')), {
    latest: at('2026-01-01T00:03:00Z'),
    missed: 3,
  });
  t.is(
    latestDue(everyMinute, at('2020-01-01T00:00:00Z'), at('2026-01-01T00:03:30Z')).latest,
    at('2026-01-01T00:03:00Z'),
  );
  t.is(latestDue(everyMinute, at('2026-01-01T00:00:00Z'), at('2026-01-01T00:00:30Z')).latest, undefined);
});

function cronWorld(): {
  cluster: MemoryCluster;
  harness: Harness;
  jobs: () => readonly Job[];
  status: () => CronJob['status'];
  make: (spec: object) => Promise<unknown>;
} {
  const cluster = new MemoryCluster();
  return {
    cluster,
    harness: new Harness(cluster, [cronJobController()]),
    jobs: () => cluster.view.list<Job>(resources.jobs, 'ns'),
    status: () => cluster.view.get<CronJob>(resources.cronJobs, 'ns', 'c')?.status,
    make: async (spec) =>
      cluster.make(resources.cronJobs, {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name: 'c', namespace: 'ns' },
        spec: {
          schedule: '* * * * *',
          concurrencyPolicy: 'Allow',
          jobTemplate: { spec: { template: {} } },
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 1,
          ...spec,
        },
      }),
  };
}

test('a cron job starts a job each minute, named after the minute', async (t) => {
  const { harness, jobs, status, make } = cronWorld();
  await make({});
  await harness.settle();
  await harness.advance(61_000);
  t.deepEqual(
    jobs().map((job) => job.metadata.name),
    [`c-${String(at('2026-01-01T00:01:00Z') / 60_000)}`],
  );
  t.is(status()?.lastScheduleTime, '2026-01-01T00:01:00Z');
  t.is(status()?.active?.length, 1);
  await harness.advance(60_000);
  t.is(jobs().length, 2);
});

test('with Forbid a running job keeps the next from starting; with Replace it is replaced', async (t) => {
  for (const [policy, count] of [
    ['Forbid', 1],
    ['Replace', 1],
  ] as const) {
    const { harness, jobs, make } = cronWorld();
    await make({ concurrencyPolicy: policy });
    await harness.settle();
    await harness.advance(61_000);
    const [first] = jobs();
    await harness.advance(60_000);
    t.is(jobs().length, count);
    t.is(jobs()[0]?.metadata.name === first?.metadata.name, policy === 'Forbid');
  }
});

test('a finished job leaves the active ones, and old ones are deleted', async (t) => {
  const { cluster, harness, jobs, status, make } = cronWorld();
  await make({});
  await harness.settle();
  for (let i = 0; i < 3; i++) {
    await harness.advance(61_000);
    for (const job of jobs())
      await cluster.client.update(
        { ...resources.jobs, namespace: 'ns', name: job.metadata.name },
        {
          ...job,
          status: { completionTime: '2026-01-01T00:01:30Z', conditions: [{ type: 'Complete', status: 'True' }] },
        },
        { subresource: 'status' },
      );
    await harness.settle();
  }
  t.is(jobs().length, 1);
  t.is(status()?.active, undefined);
  t.is(status()?.lastSuccessfulTime, '2026-01-01T00:01:30Z');
});

test('a suspended cron job starts nothing', async (t) => {
  const { harness, jobs, make } = cronWorld();
  await make({ suspend: true });
  await harness.settle();
  await harness.advance(180_000);
  t.deepEqual(jobs(), []);
});

test('a budget allows what is healthy beyond its minimum', (t) => {
  const pod = (name: string, ready: string): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name },
    spec: { containers: [] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }] },
  });
  const budget = (spec: object): Stored => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', uid: 'b', generation: 1 },
    spec,
  });
  const pods = [pod('a', 'True'), pod('b', 'True'), pod('c', 'False')];
  const allowed = (spec: object, count = 0): number =>
    planBudget({ budget: budget(spec) as never, pods, wanted: { type: 'known', count, unmanaged: [] }, now: 0 }).status
      .disruptionsAllowed;
  t.is(allowed({}), 0);
  t.is(allowed({ minAvailable: 1 }), 1);
  t.is(allowed({ minAvailable: 2 }), 0);
  t.is(allowed({ maxUnavailable: 1 }, 3), 0);
  t.is(allowed({ maxUnavailable: '50%' }, 3), 1);
  t.is(allowed({ minAvailable: '50%' }, 3), 0);
});

test('a budget that is a part of what controllers want counts each of them once, leaves bare pods out, and says why it cannot know', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [disruptionController(allResources)]);
  const status = (): Budget['status'] => cluster.view.get<Budget>(resources.podDisruptionBudgets, 'ns', 'b')?.status;
  const owner = (object: Stored): object => ({
    apiVersion: object.apiVersion,
    kind: object.kind,
    name: object.metadata.name,
    uid: object.metadata.uid,
    controller: true,
  });
  const make = async (resource: GroupResource, kind: string, metadata: object, spec: object): Promise<Stored> =>
    cluster.make(resource, {
      apiVersion: resource.group === '' ? 'v1' : `${resource.group}/v1`,
      kind,
      metadata: { namespace: 'ns', ...metadata },
      spec,
    });
  const pod = async (name: string, ownerReferences: readonly object[]): Promise<Stored> =>
    make(resources.pods, 'Pod', { name, labels: { app: 'web' }, ownerReferences }, { containers: [] });
  const deployment = await make(resources.deployments, 'Deployment', { name: 'web' }, { replicas: 4 });
  const set = await make(
    resources.replicaSets,
    'ReplicaSet',
    { name: 'web-1', ownerReferences: [owner(deployment)] },
    { replicas: 3 },
  );
  for (const name of ['a', 'b']) await pod(name, [owner(set)]);
  await pod('bare', []);
  await make(
    resources.podDisruptionBudgets,
    'PodDisruptionBudget',
    { name: 'b' },
    { maxUnavailable: '50%', selector: { matchLabels: { app: 'web' } } },
  );
  await harness.settle();
  t.like(status(), { expectedPods: 4, desiredHealthy: 2 });
  t.true(
    cluster.events.some(
      (event) =>
        event.reason === 'UnmanagedPods' &&
        event.message.startsWith(
          'Pods selected by this PodDisruptionBudget (selector: app=web) were found to be unmanaged.',
        ),
    ),
  );
  const daemons = await make(resources.daemonSets, 'DaemonSet', { name: 'd' }, {});
  await pod('d', [owner(daemons)]);
  await harness.settle();
  t.like(status()?.conditions?.[0], {
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'SyncFailed',
    message: 'daemonsets.apps does not implement the scale subresource',
  });
  t.true(
    cluster.events.some(
      (event) =>
        event.message ===
        'Failed to calculate the number of expected pods: daemonsets.apps does not implement the scale subresource',
    ),
  );
});

test('nodes get the lowest free ranges', (t) => {
  const node = (name: string, podCIDR?: string): Node => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name },
    spec: podCIDR === undefined ? {} : { podCIDR },
  });
  const options = { cidr: '10.244.0.0/22', nodeBits: 24 };
  t.deepEqual(
    [...assignRanges([node('a'), node('b', '10.244.0.0/24'), node('c'), node('d'), node('e')], options)],
    [
      ['a', '10.244.1.0/24'],
      ['c', '10.244.2.0/24'],
      ['d', '10.244.3.0/24'],
    ],
  );
});

test('a policy says which of its expressions do not fit the kinds that it names, once a generation', async (t) => {
  const cluster = new MemoryCluster();
  const spec = {
    matchConstraints: {
      resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['*'], resources: ['deployments'] }],
    },
    validations: [{ expression: 'object.replicas > 1' }],
  };
  const policy = await cluster.client.create<AdmissionPolicy>(resources.admissionPolicies, {
    metadata: { name: 'p', generation: 1 },
    spec,
  });
  const controller = admissionPolicyController(allResources);
  await controller.reconcile(policy.metadata.name, cluster.ports);
  const found = cluster.view.get<AdmissionPolicy>(resources.admissionPolicies, undefined, 'p');
  const warning =
    "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n";
  t.deepEqual(found?.status, {
    observedGeneration: 1,
    typeChecking: { expressionWarnings: [{ fieldRef: 'spec.validations[0].expression', warning }] },
  });
  cluster.onWrite = () => {
    t.fail('nothing changed');
  };
  await controller.reconcile(policy.metadata.name, cluster.ports);
});

test('an aggregated role has the rules of the roles that its selectors choose, each once', (t) => {
  const role = (
    name: string,
    labels: Record<string, string>,
    rules: readonly string[],
  ): Stored & { readonly rules: readonly object[] } => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, uid: name, labels },
    rules: rules.map((verb) => ({ verbs: [verb] })),
  });
  const whole = { ...role('z', {}, []), aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: 'yes' } }] } };
  t.deepEqual(
    aggregatedRules(whole, [
      role('b', { part: 'yes' }, ['list', 'get']),
      role('a', { part: 'yes' }, ['get']),
      role('c', {}, ['watch']),
      whole,
    ]),
    [{ verbs: ['get'] }, { verbs: ['list'] }],
  );
});

test('pods of a node that stays away are given up, terminating pods without a node at once', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [podCollector({ endedPodsMax: 1, quarantineMs: 40_000 })]);
  const pod = (
    name: string,
    parts: object,
    status: object = {},
  ): Record<string, unknown> & { metadata: Record<string, unknown> } => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'ns' },
    spec: { containers: [], ...parts },
    status,
  });
  await cluster.make(resources.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'here' } });
  await cluster.make(resources.pods, pod('kept', { nodeName: 'here' }));
  await cluster.make(resources.pods, pod('lost', { nodeName: 'gone' }));
  for (const name of ['ended-1', 'ended-2'])
    await cluster.make(resources.pods, pod(name, { nodeName: 'here' }, { phase: 'Succeeded' }));
  await cluster.make(resources.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'brief' } });
  await cluster.client.delete({ ...resources.nodes, name: 'brief' });
  await harness.settle();
  const names = (): string[] => cluster.view.list<Pod>(resources.pods).map((one) => one.metadata.name);
  t.deepEqual(names(), ['ended-2', 'kept', 'lost']);
  await harness.advance(41_000);
  t.deepEqual(names(), ['ended-2', 'kept']);
});

test('a claim is bound to the smallest volume that suits, both are kept while in use, and the volume is released', async (t) => {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [volumeBinder(), claimProtectionController(), volumeProtectionController()]);
  const volume = (name: string, storage: string): Record<string, unknown> & { metadata: Record<string, unknown> } => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], persistentVolumeReclaimPolicy: 'Retain' },
  });
  for (const [name, storage] of [
    ['small', '500Mi'],
    ['large', '5Gi'],
    ['right', '2Gi'],
  ] as const)
    await cluster.make(resources.persistentVolumes, volume(name, storage));
  await cluster.make(resources.persistentVolumeClaims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'c', namespace: 'ns' },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: '1Gi' } } },
    status: { phase: 'Pending' },
  });
  await harness.settle();
  const claim = (): Claim | undefined => cluster.view.get<Claim>(resources.persistentVolumeClaims, 'ns', 'c');
  const phase = (name: string): string | undefined =>
    cluster.view.get<Volume>(resources.persistentVolumes, undefined, name)?.status?.phase;
  t.is(claim()?.spec.volumeName, 'right');
  t.deepEqual(claim()?.status, { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' } });
  t.deepEqual([phase('right'), phase('small')], ['Bound', 'Available']);
  await cluster.make(resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'ns' },
    spec: { nodeName: 'n', containers: [], volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] },
  });
  await cluster.client.delete({ ...resources.persistentVolumeClaims, namespace: 'ns', name: 'c' });
  await harness.settle();
  t.truthy(claim());
  await cluster.client.delete({ ...resources.pods, namespace: 'ns', name: 'p' });
  await harness.settle();
  t.is(claim(), undefined);
  t.is(phase('right'), 'Released');
});
