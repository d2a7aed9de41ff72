import test from 'ava';
import fc from 'fast-check';
import {
  type Deployment,
  isActive,
  type Pod,
  type ReplicaSet,
  resources,
  StatusError,
  timeText,
} from '../../api/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { isAvailable, templateHash } from '../workload/index.ts';
import { replicaSetController } from '../replica-set/controller.ts';
import { deploymentController } from './controller.ts';
import { annotations, boundsOf, replicasOf, rollbackTo } from './deployment.ts';

const revision = annotations.revision;

function template(image: string): object {
  return {
    metadata: { creationTimestamp: null, labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image }] },
  };
}

function deployment(
  spec: Record<string, unknown> = {},
): Record<string, unknown> & { metadata: Record<string, unknown> } {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'ns' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: template('web:1'),
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      ...spec,
    },
  };
}

interface World {
  readonly cluster: MemoryCluster;
  readonly harness: Harness;
  current(): Deployment;
  sets(): readonly ReplicaSet[];
  pods(): readonly Pod[];
  change(spec: object): Promise<void>;
  makeReady(pod: Pod): Promise<void>;
}

function world(): World {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [deploymentController(), replicaSetController()]);
  const current = (): Deployment => cluster.view.get<Deployment>(resources.deployments, 'ns', 'web') as Deployment;
  return {
    cluster,
    harness,
    current,
    sets: () => cluster.view.list<ReplicaSet>(resources.replicaSets, 'ns'),
    pods: () => cluster.view.list<Pod>(resources.pods, 'ns'),
    change: async (spec) => {
      await cluster.client.patch(
        { ...resources.deployments, namespace: 'ns', name: 'web' },
        { type: 'merge', body: { spec } },
      );
    },
    makeReady: async (pod) => {
      const status = {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: timeText(cluster.now) }],
      };
      await cluster.client.update(
        { ...resources.pods, namespace: 'ns', name: pod.metadata.name },
        { ...cluster.view.get<Pod>(resources.pods, 'ns', pod.metadata.name), status },
        { subresource: 'status' },
      );
    },
  };
}

async function readyAll(w: World): Promise<void> {
  for (;;) {
    await w.harness.settle();
    const waiting = w.pods().filter((pod) => pod.status?.phase === undefined);
    if (waiting.length === 0) return;
    for (const pod of waiting) await w.makeReady(pod);
  }
}

test('a new deployment gets a set named after its template, annotated with revision 1 and its size', async (t) => {
  const w = world();
  await w.cluster.make(
    resources.deployments,
    deployment({ strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: '100%' } } }),
  );
  await w.harness.settle();
  const [set] = w.sets();
  t.regex(set?.metadata.name ?? '', /^web-[bcdfghjklmnpqrstvwxz2456789]{5,10}$/);
  t.deepEqual(set?.metadata.annotations, { [revision]: '1', [annotations.desired]: '2', [annotations.max]: '3' });
  t.is(w.pods().length, 2);
  const { metadata, status } = w.current();
  t.is(metadata.annotations?.[revision], '1');
  t.is(status?.replicas, 2);
  t.is(status?.unavailableReplicas, 2);
  t.deepEqual(status?.conditions?.map((condition) => [condition.type, condition.status, condition.reason]).sort(), [
    ['Available', 'True', 'MinimumReplicasAvailable'],
    ['Progressing', 'True', 'ReplicaSetUpdated'],
  ]);
});

test('a rollout ends with the new set alone, and says so', async (t) => {
  const w = world();
  await w.cluster.make(resources.deployments, deployment({ replicas: 5 }));
  await readyAll(w);
  await w.change({ template: template('web:2') });
  await readyAll(w);
  t.deepEqual(
    w
      .sets()
      .map((set) => replicasOf(set))
      .sort(),
    [0, 5],
  );
  const progressing = w.current().status?.conditions?.find((condition) => condition.type === 'Progressing');
  t.is(progressing?.reason, 'NewReplicaSetAvailable');
  t.is(w.current().metadata.annotations?.[revision], '2');
  t.true(
    w.cluster.events.some(
      (event) =>
        event.reason === 'ScalingReplicaSet' && /^Scaled up replica set web-\w+ from 0 to 2$/.test(event.message),
    ),
  );
});

test('going back to an old template uses its set again under a new revision, with its history noted', async (t) => {
  const w = world();
  await w.cluster.make(resources.deployments, deployment());
  await readyAll(w);
  await w.change({ template: template('web:2') });
  await readyAll(w);
  await w.change({ template: template('web:1') });
  await readyAll(w);
  t.is(w.sets().length, 2);
  const active = w.sets().find((set) => replicasOf(set) === 2);
  t.is(active?.metadata.annotations?.[revision], '3');
  t.is(active?.metadata.annotations?.[annotations.history], '1');
  t.is(w.current().metadata.annotations?.[revision], '3');
});

test('revisions beyond 2^53 are counted exactly', async (t) => {
  const w = world();
  await w.cluster.make(resources.deployments, deployment());
  await readyAll(w);
  const [set] = w.sets();
  await w.cluster.client.patch(
    { ...resources.replicaSets, namespace: 'ns', name: set?.metadata.name ?? '' },
    { type: 'merge', body: { metadata: { annotations: { [revision]: '3546343826724305832' } } } },
  );
  await w.change({ template: template('web:2') });
  await readyAll(w);
  t.is(w.current().metadata.annotations?.[revision], '3546343826724305833');
});

test('a recreate ends every old pod before the first new one', async (t) => {
  const w = world();
  await w.cluster.make(resources.deployments, deployment({ replicas: 3, strategy: { type: 'Recreate' } }));
  await readyAll(w);
  w.cluster.view.onChange(() => {
    const images = new Set(w.pods().map((pod) => pod.spec.containers[0]?.image));
    t.true(images.size <= 1, 'pods of two templates at once');
  });
  await w.change({ template: template('web:2') });
  await readyAll(w);
  t.deepEqual(
    w.pods().map((pod) => pod.spec.containers[0]?.image),
    ['web:2', 'web:2', 'web:2'],
  );
});

test('scaling in the middle of a rollout gives each set its share', async (t) => {
  const w = world();
  await w.cluster.make(
    resources.deployments,
    deployment({
      replicas: 10,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } },
    }),
  );
  await readyAll(w);
  await w.change({ template: template('web:2') });
  await w.harness.settle();
  t.deepEqual(
    w
      .sets()
      .map(replicasOf)
      .sort((a, b) => a - b),
    [5, 8],
  );
  await w.change({ replicas: 30 });
  await w.harness.settle();
  t.deepEqual(
    w
      .sets()
      .map(replicasOf)
      .sort((a, b) => a - b),
    [13, 20],
  );
});

test('a paused deployment is scaled but not rolled out', async (t) => {
  const w = world();
  await w.cluster.make(resources.deployments, deployment());
  await readyAll(w);
  await w.change({ paused: true, template: template('web:2'), replicas: 4 });
  await readyAll(w);
  t.deepEqual(w.sets().map(replicasOf), [4]);
  t.is(
    w.current().status?.conditions?.find((condition) => condition.type === 'Progressing')?.reason,
    'DeploymentPaused',
  );
  await w.change({ paused: false });
  await readyAll(w);
  t.deepEqual(w.sets().map(replicasOf).sort(), [0, 4]);
});

test('a rollout that makes no progress runs into its deadline', async (t) => {
  const w = world();
  await w.cluster.make(resources.deployments, deployment({ progressDeadlineSeconds: 10 }));
  await w.harness.settle();
  await w.harness.advance(12_000);
  const progressing = w.current().status?.conditions?.find((condition) => condition.type === 'Progressing');
  t.is(progressing?.status, 'False');
  t.is(progressing?.reason, 'ProgressDeadlineExceeded');
});

test('old sets beyond the history limit are deleted', async (t) => {
  const w = world();
  await w.cluster.make(resources.deployments, deployment({ revisionHistoryLimit: 1 }));
  for (const image of ['web:2', 'web:3', 'web:4']) {
    await readyAll(w);
    await w.change({ template: template(image) });
  }
  await readyAll(w);
  t.is(w.sets().length, 2);
});

test('a set that holds the name by chance makes the deployment take another', async (t) => {
  const w = world();
  await w.cluster.make(resources.deployments, deployment());
  await readyAll(w);
  const [own] = w.sets();
  const stranger = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: own?.metadata.name, namespace: 'other' },
  };
  t.truthy(stranger);
  const second = world();
  await second.cluster.make(resources.replicaSets, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: own?.metadata.name, namespace: 'ns' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { x: 'y' } },
      template: { metadata: { labels: { x: 'y' } }, spec: { containers: [] } },
    },
  });
  await second.cluster.make(resources.deployments, deployment());
  await readyAll(second);
  t.is(second.current().status?.collisionCount, 1);
  t.is(second.sets().length, 2);
});

test('a rolling update never has too few available pods nor too many pods, whatever the order of events', async (t) => {
  const strategy = fc.record({
    replicas: fc.integer({ min: 1, max: 6 }),
    maxSurge: fc.integer({ min: 0, max: 3 }),
    maxUnavailable: fc.integer({ min: 0, max: 3 }),
    choices: fc.array(fc.nat(1000), { minLength: 30, maxLength: 30 }),
  });
  await fc.assert(
    fc.asyncProperty(strategy, async ({ replicas, maxSurge, maxUnavailable, choices }) => {
      fc.pre(maxSurge + maxUnavailable > 0);
      const w = world();
      await w.cluster.make(
        resources.deployments,
        deployment({ replicas, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } }),
      );
      await readyAll(w);
      const bounds = boundsOf(w.current());
      let broken = '';
      w.cluster.view.onChange(() => {
        const active = w.pods().filter(isActive);
        const available = active.filter((pod) => isAvailable(pod, 0, w.cluster.now)).length;
        if (active.length > replicas + bounds.maxSurge) broken = `${String(active.length)} pods`;
        if (available < replicas - bounds.maxUnavailable) broken = `${String(available)} available`;
      });
      await w.change({ template: template('web:2') });
      let turn = 0;
      const pick = (count: number): number => (choices[turn++ % choices.length] ?? 0) % count;
      for (let round = 0; round < 60; round++) {
        await w.harness.settle({ pick });
        const waiting = w.pods().filter((pod) => pod.status?.phase === undefined);
        const next = waiting[pick(Math.max(1, waiting.length))];
        if (next === undefined) break;
        await w.makeReady(next);
      }
      if (broken !== '') throw new Error(broken);
      if (w.pods().some((pod) => pod.spec.containers[0]?.image !== 'web:2')) throw new Error('the rollout did not end');
    }),
    { numRuns: 25, seed: 42 },
  );
  t.pass();
});

test('a replica set that the API refuses is named in the condition and in the event', async (t) => {
  const w = world();
  w.cluster.onWrite = (verb, ref) => {
    if (verb === 'create' && ref.resource === 'replicasets') throw new StatusError('Forbidden', 'exceeded quota');
  };
  await w.cluster.make(resources.deployments, deployment());
  await w.harness.settle();
  const message =
    'Failed to create new replica set ' + `"web-${templateHash(w.current().spec.template, undefined)}": exceeded quota`;
  const [condition] = w.current().status?.conditions ?? [];
  t.like(condition, { type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message });
  t.like(w.cluster.events[0], { reason: 'ReplicaSetCreateError', message });
});

const rollbacks: readonly (readonly [to: string, image: string, told: string])[] = [
  ['1', 'web:1', 'DeploymentRollback: Rolled back deployment "web" to revision 1'],
  ['0', 'web:1', 'DeploymentRollback: Rolled back deployment "web" to revision 1'],
  [
    '2',
    'web:2',
    'DeploymentRollbackTemplateUnchanged: The rollback revision contains the same template as current deployment "web"',
  ],
  ['9', 'web:2', 'DeploymentRollbackRevisionNotFound: Unable to find the revision to rollback to.'],
];
for (const [to, image, told] of rollbacks) {
  test(`a deployment of the second revision that is to go back to ${to} runs ${image}`, async (t) => {
    const w = world();
    await w.cluster.client.create(
      { ...resources.deployments, namespace: 'ns' },
      { ...deployment(), metadata: { name: 'web', namespace: 'ns', annotations: { note: 'first' } } },
    );
    await readyAll(w);
    await w.cluster.client.patch(
      { ...resources.deployments, namespace: 'ns', name: 'web' },
      { type: 'merge', body: { metadata: { annotations: { note: 'second' } }, spec: { template: template('web:2') } } },
    );
    await readyAll(w);
    await w.cluster.client.patch(
      { ...resources.deployments, namespace: 'ns', name: 'web' },
      { type: 'merge', body: { metadata: { annotations: { [rollbackTo]: to } } } },
    );
    await readyAll(w);
    t.is(w.current().spec.template.spec.containers[0]?.image, image);
    t.is(w.current().metadata.annotations?.[rollbackTo], undefined);
    t.is(w.current().metadata.annotations?.['note'], image === 'web:1' ? 'first' : 'second');
    t.is(w.current().metadata.annotations?.[revision], image === 'web:1' ? '3' : '2');
    t.true(w.cluster.events.some((event) => `${event.reason}: ${event.message}` === told));
  });
}
