import test from 'ava';
import fc from 'fast-check';
import type { GroupResource, Pod, ResourceClaim, StoredObject } from '../../api/index.ts';
import { factsOf, type ResourceView } from '../../resources/index.ts';
import { aNode, aPod } from '../cluster.fixture.ts';
import { type Outcome, SchedulingEngine } from '../engine.ts';
import { aDeviceClaim, aDeviceClass, aSlice } from './devices.fixture.ts';

type Bind = Outcome & { readonly type: 'bind' };

/** An engine over a small API, whose writes come when the test says so, or never. */
class Trial {
  now = 0;
  readonly #objects = new Map<string, StoredObject>();
  readonly engine = new SchedulingEngine(
    {
      get: (resource, namespace, name) => this.#objects.get(`${resource.resource}/${namespace ?? ''}/${name}`),
      list: (resource) =>
        [...this.#objects].filter(([key]) => key.startsWith(`${resource.resource}/`)).map(([, object]) => object),
      facts: (resource: GroupResource) => factsOf(resource, []),
    } as Partial<ResourceView> as ResourceView,
    'default-scheduler',
  );
  readonly deciding: Bind[] = [];
  #pods = 0;

  constructor(nodes: number, devices: number) {
    this.put('deviceclasses', aDeviceClass('c'));
    for (let node = 0; node < nodes; node++) {
      const name = `n${String(node)}`;
      this.put('nodes', aNode(name));
      this.engine.syncNode(name, this.now);
      const names = Array.from({ length: devices }, (_, index) => `d${String(index)}`);
      this.put('resourceslices', aSlice(name, names));
    }
    this.put('resourceslices', aSlice('shared', ['s'], { reach: { allNodes: true } }));
    this.engine.devicesChanged(this.now);
  }

  put(resource: string, object: StoredObject): void {
    this.#objects.set(`${resource}/${object.metadata.namespace ?? ''}/${object.metadata.name}`, object);
  }

  list<T>(resource: string): readonly T[] {
    return [...this.#objects].filter(([key]) => key.startsWith(`${resource}/`)).map(([, object]) => object as T);
  }

  #claim(claim: ResourceClaim): void {
    this.put('resourceclaims', claim);
    this.engine.syncDeviceClaim('ns', claim.metadata.name, this.now);
  }

  /** A pod with a claim of its own, or one that a pod before it has too. */
  add(count: number, shares: boolean): void {
    this.#pods += 1;
    const name = `p${String(this.#pods)}`;
    const [known] = this.list<ResourceClaim>('resourceclaims').slice(-1);
    const claim = shares && known !== undefined ? known : aDeviceClaim(`c-${name}`, { r: count });
    if (claim !== known) this.#claim(claim);
    const resourceClaims = [{ name: 'x', resourceClaimName: claim.metadata.name }];
    this.put('pods', aPod({ name, spec: { containers: [], resourceClaims } }));
    this.engine.syncPod('ns', name, this.now);
  }

  decide(): void {
    this.now += 60_000;
    this.engine.queue.flush(this.now);
    const outcome = this.engine.next(this.now, 0);
    if (outcome?.type === 'bind') this.deciding.push(outcome);
  }

  /** The oldest decision is written, as the scheduler's actor does, or is not. */
  settle(written: boolean): void {
    const decision = this.deciding.shift();
    if (decision === undefined) return;
    const { waiting, node, devices } = decision;
    const { pod, uid } = waiting.info;
    const isGone = !this.list<Pod>('pods').some(({ metadata }) => metadata.uid === uid);
    const current = (claim: ResourceClaim): ResourceClaim | undefined =>
      this.list<ResourceClaim>('resourceclaims').find(({ metadata }) => metadata.uid === claim.metadata.uid);
    const isOpen = devices.every(({ claim, allocation }) => {
      const status = current(claim)?.status;
      return status?.allocation === undefined || JSON.stringify(status.allocation) === JSON.stringify(allocation);
    });
    if (written && isOpen) this.#write(devices, uid);
    if (!written || !isOpen || isGone) {
      this.#free(uid);
      this.engine.bindingFailed(waiting, this.now);
    } else {
      this.put('pods', { ...pod, spec: { ...pod.spec, nodeName: node } } as Pod);
      this.engine.syncPod('ns', pod.metadata.name, this.now);
    }
    this.engine.devicesSettled(uid, this.now);
  }

  #write(devices: Bind['devices'], uid: string): void {
    for (const { claim, allocation } of devices) {
      const [known] = this.list<ResourceClaim>('resourceclaims').filter(
        ({ metadata }) => metadata.uid === claim.metadata.uid,
      );
      const reservedFor = [...(known?.status?.reservedFor ?? []), { resource: 'pods', name: uid, uid }];
      this.#claim({ ...claim, status: { allocation, reservedFor } });
      this.check();
    }
  }

  /** A pod ends, or goes before it has a node; what it had alone is free. */
  end(at: number): void {
    const pods = this.list<Pod>('pods');
    const pod = pods[at % Math.max(1, pods.length)];
    if (pod === undefined) return;
    this.#objects.delete(`pods/ns/${pod.metadata.name}`);
    this.engine.syncPod('ns', pod.metadata.name, this.now);
    this.#free(pod.metadata.uid);
  }

  #free(uid: string): void {
    for (const claim of this.list<ResourceClaim>('resourceclaims')) {
      const reservedFor = claim.status?.reservedFor ?? [];
      const others = reservedFor.filter((user) => user.uid !== uid);
      if (others.length === reservedFor.length) continue;
      const { allocation } = claim.status ?? {};
      this.#claim({ ...claim, status: others.length === 0 ? {} : { allocation, reservedFor: others } });
    }
  }

  /** Answers how many devices are given. */
  check(): number {
    const held = this.holders();
    for (const [device, claims] of held)
      if (claims.size > 1) throw new Error(`${device} belongs to ${[...claims].join()}`);
    return held.size;
  }

  /** Devices by the claims that have them, in the API or decided on. */
  holders(): ReadonlyMap<string, ReadonlySet<string>> {
    const held = new Map<string, Set<string>>();
    const note = (claim: ResourceClaim, allocation: NonNullable<ResourceClaim['status']>['allocation']): void => {
      for (const { pool, device } of allocation?.devices.results ?? []) {
        const key = `${pool}/${device}`;
        held.set(key, (held.get(key) ?? new Set()).add(claim.metadata.uid));
      }
    };
    for (const claim of this.list<ResourceClaim>('resourceclaims')) note(claim, claim.status?.allocation);
    for (const { devices } of this.deciding) for (const { claim, allocation } of devices) note(claim, allocation);
    return held;
  }
}

const add = fc.record({
  type: fc.constant('add' as const),
  count: fc.integer({ min: 1, max: 2 }),
  shares: fc.boolean(),
});
const settle = fc.record({ type: fc.constant('settle' as const), written: fc.boolean() });
const step = fc.oneof(
  { weight: 3, arbitrary: add },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('decide' as const) }) },
  { weight: 2, arbitrary: settle },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('end' as const), at: fc.nat({ max: 5 }) }) },
);

test('whatever is decided, written, refused or ended, no two claims have a device', (t) => {
  let given = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), (steps) => {
      const trial = new Trial(2, 2);
      for (const each of steps) {
        if (each.type === 'add') trial.add(each.count, each.shares);
        else if (each.type === 'decide') trial.decide();
        else if (each.type === 'settle') trial.settle(each.written);
        else trial.end(each.at);
        given += trial.check();
      }
    }),
    { numRuns: 300 },
  );
  t.true(given > 1_000, `${String(given)} looks at devices that were given`);
});

test('what a pod leaves is free for the next one', (t) => {
  const trial = new Trial(1, 1);
  for (let round = 0; round < 3; round++) {
    trial.add(2, false);
    trial.decide();
    t.is(trial.deciding.length, 1, `round ${String(round)}`);
    trial.settle(true);
    trial.end(0);
  }
  t.is(trial.holders().size, 0);
});
