import test from 'ava';
import { createActorSystem } from '../actors/index.ts';
import {
  mergePatch,
  type New,
  type Pod,
  type PodSpec,
  type ResourceClaim,
  resources,
  StatusError,
  type StoredObject,
} from '../api/index.ts';
import { seededRandom, silentLogger, silentMetrics, type Timer } from '../base/index.ts';
import { factsOf, type ObjectChange, type ResourceClient, type ResourceView } from '../resources/index.ts';
import { aNode, aPod } from './cluster.fixture.ts';
import { startScheduler } from './actor.ts';
import { aDeviceClaim, aDeviceClass, aSlice } from './devices/devices.fixture.ts';

/** A few pods and nodes, and a client that only binds, patches and deletes. */
class Cluster {
  ms = 0;
  readonly objects = new Map<string, StoredObject>();
  readonly events: string[] = [];
  readonly patches: unknown[] = [];
  refuseBindings = 0;
  #timers: { at: number; call: () => void }[] = [];
  readonly #listeners = new Set<(change: ObjectChange) => void>();

  readonly view = {
    get: (resource, namespace, name) => this.objects.get(`${resource.resource}/${namespace ?? ''}/${name}`),
    list: (resource) =>
      [...this.objects].filter(([key]) => key.startsWith(`${resource.resource}/`)).map(([, object]) => object),
    facts: (resource, query) => factsOf(resource, this.view.list(resource), query) as never,
    ownedBy: () => [],
    onChange: (listener) => {
      this.#listeners.add(listener);
      return () => {
        this.#listeners.delete(listener);
      };
    },
    synced: () => Promise.resolve(),
  } as ResourceView;

  readonly client = {
    create: (ref: { namespace?: string; name?: string }, body: unknown) => {
      if (this.refuseBindings > 0) {
        this.refuseBindings -= 1;
        return Promise.reject(new StatusError('Conflict', 'busy'));
      }
      const pod = this.view.get<Pod>(resources.pods, ref.namespace, ref.name ?? '') as Pod;
      this.put('pods', { ...pod, spec: { ...pod.spec, nodeName: (body as { target: { name: string } }).target.name } });
      return Promise.resolve(pod);
    },
    get: (ref: { resource: string; namespace?: string; name: string }) =>
      Promise.resolve(this.objects.get(`${ref.resource}/${ref.namespace ?? ''}/${ref.name}`)),
    patch: (ref: { resource: string; namespace?: string; name: string }, patch: { body: unknown }) => {
      if (ref.resource !== 'resourceclaims') {
        this.patches.push({ name: ref.name, ...(patch.body as object) });
        return Promise.resolve({});
      }
      const claim = this.objects.get(`${ref.resource}/${ref.namespace ?? ''}/${ref.name}`);
      const object = mergePatch(claim as never, JSON.parse(JSON.stringify(patch.body)) as never) as never;
      this.put(ref.resource, object);
      return Promise.resolve({ object, name: ref.name });
    },
    delete: (ref: { namespace?: string; name: string }) => {
      this.remove('pods', `pods/${ref.namespace ?? ''}/${ref.name}`);
      return Promise.resolve();
    },
  } as unknown as ResourceClient;

  put(resource: string, object: StoredObject): void {
    const key = `${resource}/${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    const previous = this.objects.get(key);
    this.objects.set(key, object);
    this.#tell({
      type: 'put',
      resource: { group: '', resource },
      object,
      ...(previous === undefined ? {} : { previous }),
    });
  }
  remove(resource: string, key: string): void {
    const object = this.objects.get(key);
    this.objects.delete(key);
    if (object !== undefined) this.#tell({ type: 'delete', resource: { group: '', resource }, object });
  }
  #tell(change: ObjectChange): void {
    for (const listener of this.#listeners) listener(change);
  }
  readonly clock = { now: (): number => this.ms, monotonic: (): number => this.ms };
  readonly timers = {
    after: (delayMs: number, call: () => void): Timer => {
      const timer = { at: this.ms + delayMs, call };
      this.#timers.push(timer);
      return {
        cancel: () => {
          this.#timers = this.#timers.filter((other) => other !== timer);
        },
      };
    },
    every: (): Timer => ({ cancel: () => undefined }),
  };
  async advance(ms: number): Promise<void> {
    const end = this.ms + ms;
    for (;;) {
      for (let i = 0; i < 30; i++)
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      const [next] = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.ms = Math.max(this.ms, next.at);
      next.call();
    }
    this.ms = end;
  }
  node(name: string, cpu = '1', kubeletVersion = 'v1'): void {
    this.put('nodes', aNode(name, { cpu, memory: '1Gi', pods: '10', kubeletVersion }));
  }
  pod(name: string, cpu: string, spec: New<PodSpec> = {}): void {
    this.put('pods', aPod({ name, cpu, spec }));
  }
  placeOf(name: string): string | undefined {
    return this.view.get<Pod>(resources.pods, 'ns', name)?.spec.nodeName;
  }
}

function start(options: Parameters<typeof startScheduler>[2] = {}): {
  cluster: Cluster;
  ref: ReturnType<typeof startScheduler>;
} {
  const cluster = new Cluster();
  const system = createActorSystem({
    name: 'test',
    clock: cluster.clock,
    timers: cluster.timers,
    log: silentLogger,
    metrics: silentMetrics,
    encodeSends: true,
  });
  const event = (_object: unknown, _type: string, reason: string, message: string): void => {
    cluster.events.push(`${reason}: ${message}`);
  };
  return {
    cluster,
    ref: startScheduler(
      system,
      {
        view: cluster.view,
        client: cluster.client,
        clock: cluster.clock,
        random: seededRandom(1),
        log: silentLogger,
        metrics: silentMetrics,
        event,
      },
      options,
    ),
  };
}

test('a pod is bound, and says so; one that does not fit is told why and placed when room is made', async (t) => {
  const { cluster } = start();
  cluster.node('a');
  cluster.pod('first', '1');
  await cluster.advance(10);
  t.is(cluster.placeOf('first'), 'a');
  t.deepEqual(cluster.events, ['Scheduled: Successfully assigned ns/first to a']);
  cluster.pod('second', '1');
  await cluster.advance(10);
  t.is(
    cluster.events.at(-1),
    'FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. ' +
      'preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
  );
  t.like(cluster.patches.at(-1), {
    name: 'second',
    status: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] },
  });
  cluster.remove('pods', 'pods/ns/first');
  await cluster.advance(1_100);
  t.is(cluster.placeOf('second'), 'a');
});

test('a pod that waits is placed when another is resized to less', async (t) => {
  const { cluster } = start();
  cluster.node('a');
  cluster.pod('first', '1');
  await cluster.advance(10);
  cluster.pod('second', '500m');
  await cluster.advance(10);
  t.is(cluster.placeOf('second'), undefined);
  const first = cluster.view.get<Pod>(resources.pods, 'ns', 'first') as Pod;
  const smaller = aPod({ name: 'first', cpu: '400m', spec: { nodeName: 'a' } });
  const given = (cpu: string): object => ({
    containerStatuses: [{ name: 'c', allocatedResources: { cpu }, resources: { requests: { cpu } } }],
  });
  cluster.put('pods', { ...smaller, metadata: first.metadata, status: given('1') } as Pod);
  await cluster.advance(1_100);
  t.is(cluster.placeOf('second'), undefined, 'it still runs with what it had');
  cluster.put('pods', { ...smaller, metadata: first.metadata, status: given('400m') } as Pod);
  await cluster.advance(1_100);
  t.is(cluster.placeOf('second'), 'a');
});

test('a pod is left as it is while there is no node; a new node helps it', async (t) => {
  const { cluster } = start();
  cluster.pod('p', '1');
  await cluster.advance(10);
  t.is(cluster.events.at(-1), 'FailedScheduling: no nodes available to schedule pods');
  t.deepEqual(cluster.patches, []);
  cluster.node('late');
  await cluster.advance(1_100);
  t.is(cluster.placeOf('p'), 'late');
});

test('a node that no agent has spoken for gets no pods', async (t) => {
  const { cluster } = start();
  cluster.node('written', '1', '');
  cluster.pod('p', '1');
  await cluster.advance(10);
  t.deepEqual([cluster.events, cluster.patches], [['FailedScheduling: no nodes available to schedule pods'], []]);
  cluster.node('written');
  await cluster.advance(1_100);
  t.is(cluster.placeOf('p'), 'written');
  cluster.node('written', '2', '');
  cluster.pod('q', '1');
  await cluster.advance(1_100);
  t.is(cluster.placeOf('q'), undefined);
});

test('a binding that fails gives the room back and is tried again', async (t) => {
  const { cluster } = start();
  cluster.node('a');
  cluster.refuseBindings = 1;
  cluster.pod('p', '1');
  await cluster.advance(10);
  t.is(cluster.placeOf('p'), undefined);
  await cluster.advance(1_100);
  t.is(cluster.placeOf('p'), 'a');
});

test('gated pods and pods of other schedulers wait', async (t) => {
  const { cluster } = start();
  cluster.node('a');
  cluster.pod('gated', '100m', { schedulingGates: [{ name: 'g' }] });
  cluster.pod('other', '100m', { schedulerName: 'mine' });
  await cluster.advance(10);
  t.deepEqual([cluster.placeOf('gated'), cluster.placeOf('other')], [undefined, undefined]);
  cluster.pod('gated', '100m');
  await cluster.advance(10);
  t.is(cluster.placeOf('gated'), 'a');
});

test('an urgent pod makes room for itself, and nobody else takes it', async (t) => {
  const { cluster } = start();
  cluster.node('a');
  cluster.pod('low', '1', { priority: 1 });
  await cluster.advance(10);
  cluster.pod('urgent', '1', { priority: 10 });
  cluster.pod('greedy', '1', { priority: 2 });
  await cluster.advance(20_000);
  t.is(cluster.placeOf('urgent'), 'a');
  t.is(cluster.placeOf('greedy'), undefined);
  t.true(cluster.events.includes('Preempted: Preempted by pod urgent on node a'));
});

const nominated = (name: string, cpu: string): Pod => ({
  ...aPod({ name, cpu, spec: { priority: 10 } }),
  status: { nominatedNodeName: 'a' },
});

test('a scheduler that begins keeps the room that was made for a pod', async (t) => {
  const { cluster } = start();
  cluster.node('a');
  const leaving = aPod({ name: 'leaving', cpu: '1', spec: { nodeName: 'a' } });
  cluster.put('pods', {
    ...leaving,
    metadata: { ...leaving.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
  });
  cluster.put('pods', nominated('urgent', '1'));
  await cluster.advance(10);
  cluster.remove('pods', 'pods/ns/leaving');
  cluster.pod('greedy', '1', { priority: 2 });
  await cluster.advance(10);
  t.is(cluster.placeOf('greedy'), undefined);
  await cluster.advance(1_500);
  t.is(cluster.placeOf('urgent'), 'a');
});

test('a pod that no preemption can help any more is not nominated, and keeps no room', async (t) => {
  const { cluster } = start();
  cluster.node('a');
  cluster.put('pods', nominated('urgent', '2'));
  cluster.pod('low', '1', { priority: 1 });
  await cluster.advance(10);
  t.is(cluster.placeOf('low'), 'a');
  t.like(cluster.patches, [{ name: 'urgent', status: { nominatedNodeName: null } }]);
});

test('urgent pods that come together make room on different nodes', async (t) => {
  const { cluster } = start();
  const nodes = ['a', 'b', 'c', 'd', 'e'];
  for (const node of nodes) cluster.node(node);
  for (const node of nodes) cluster.pod(`low-${node}`, '1', { priority: 1 });
  await cluster.advance(10);
  for (const node of nodes) cluster.pod(`urgent-${node}`, '1', { priority: 10 });
  await cluster.advance(1_500);
  t.deepEqual(nodes.map((node) => cluster.placeOf(`urgent-${node}`)).sort(), nodes);
});

test('a paused scheduler binds nothing; a resumed one takes everything over', async (t) => {
  const { cluster, ref } = start();
  cluster.node('a');
  await cluster.advance(10);
  ref.tell({ type: 'pause' });
  cluster.pod('p', '1');
  await cluster.advance(10);
  t.is(cluster.placeOf('p'), undefined);
  ref.tell({ type: 'resume' });
  await cluster.advance(10);
  t.is(cluster.placeOf('p'), 'a');
});

test('a scheduler that is not active when it starts waits until it is told to', async (t) => {
  const { cluster, ref } = start({ active: () => false });
  cluster.node('a');
  cluster.pod('p', '1');
  await cluster.advance(10);
  t.is(cluster.placeOf('p'), undefined);
  ref.tell({ type: 'resume' });
  await cluster.advance(10);
  t.is(cluster.placeOf('p'), 'a');
});

test('others have their turn while a large cluster is taken over, and what they change is seen', async (t) => {
  const { cluster, ref } = start({ active: () => false });
  cluster.node('a', '4');
  for (let i = 0; i < 5; i++) cluster.pod(`p${i}`, '500m', { nodeName: 'a' });
  const { monotonic } = cluster.clock;
  let turns = 0;
  cluster.clock.monotonic = () => monotonic() + 100 * turns++;
  ref.tell({ type: 'resume' });
  cluster.timers.after(0, () => {
    cluster.remove('pods', 'pods/ns/p0');
    cluster.pod('late', '2');
  });
  await cluster.advance(50);
  t.is(cluster.placeOf('late'), 'a');
  cluster.pod('more', '1');
  await cluster.advance(50);
  t.is(cluster.placeOf('more'), undefined);
});

test('a pod waits for the claim that is made for it, and then for a device of its own', async (t) => {
  const { cluster } = start();
  cluster.node('a');
  const claimOf = (name: string): void => {
    const claim = aDeviceClaim(name, { r: 1 });
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name, uid: name.slice(0, 1), controller: true }];
    cluster.put('resourceclaims', { ...claim, metadata: { ...claim.metadata, ownerReferences } });
  };
  cluster.put('deviceclasses', aDeviceClass('c'));
  cluster.put('resourceslices', aSlice('a', ['one']));
  const spec = { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }] };
  cluster.pod('p', '100m', spec);
  cluster.pod('q', '100m', spec);
  await cluster.advance(10);
  t.is(cluster.placeOf('p'), undefined);
  t.deepEqual(cluster.events, []);
  const why = JSON.stringify(cluster.patches.at(-1));
  t.true(why.includes('0/1 nodes are available: resourceclaim for \\"gpu\\" is not made yet.'), why);
  claimOf('p-gpu');
  claimOf('q-gpu');
  for (const name of ['p', 'q']) {
    const pod = cluster.view.get<Pod>(resources.pods, 'ns', name) as Pod;
    const resourceClaimStatuses = [{ name: 'gpu', resourceClaimName: `${name}-gpu` }];
    cluster.put('pods', { ...pod, status: { ...pod.status, resourceClaimStatuses } });
  }
  await cluster.advance(10);
  const [placed, waiting] = cluster.placeOf('p') === undefined ? (['q', 'p'] as const) : (['p', 'q'] as const);
  t.deepEqual([cluster.placeOf(placed), cluster.placeOf(waiting)], ['a', undefined]);
  t.true(cluster.events.some((event) => event.includes('1 cannot allocate all claims')));
  const given = cluster.view.get<ResourceClaim>(resources.resourceClaims, 'ns', `${placed}-gpu`);
  t.like(given?.status, { reservedFor: [{ name: placed }] });
  cluster.put('resourceclaims', aDeviceClaim(`${placed}-gpu`, { r: 1 }));
  await cluster.advance(1_100);
  t.is(cluster.placeOf(waiting), 'a');
});

test('a pod that could not be bound gives its device back, and devices of no use are taken from a pod', async (t) => {
  const { cluster } = start();
  cluster.node('a');
  cluster.put('deviceclasses', aDeviceClass('c'));
  cluster.put('resourceslices', aSlice('a', ['one']));
  cluster.put('resourceclaims', aDeviceClaim('k', { r: 1 }));
  const claim = (): ResourceClaim | undefined => cluster.view.get(resources.resourceClaims, 'ns', 'k');
  cluster.refuseBindings = 1;
  cluster.pod('p', '100m', { resourceClaims: [{ name: 'gpu', resourceClaimName: 'k' }] });
  await cluster.advance(10);
  t.is(cluster.placeOf('p'), undefined);
  t.deepEqual(claim()?.status, { reservedFor: [] });
  // What it had by then is on a node that is gone.
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['gone'] }] as const;
  const allocation = { devices: {}, nodeSelector: { nodeSelectorTerms: [{ matchFields }] } };
  cluster.put('resourceclaims', { ...(claim() as ResourceClaim), status: { allocation } });
  await cluster.advance(1_500);
  t.deepEqual(claim()?.status?.allocation, undefined);
  await cluster.advance(5_000);
  t.is(cluster.placeOf('p'), 'a');
  t.like(claim()?.status, { reservedFor: [{ name: 'p' }] });
});
