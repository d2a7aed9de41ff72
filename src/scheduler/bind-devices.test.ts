import test from 'ava';
import { deviceFinalizer, mergePatch, type ResourceClaim, StatusError } from '../api/index.ts';
import type { ObjectRef, Patch, ResourceClient, WriteOptions } from '../resources/index.ts';
import { bindDevices, giveBack } from './bind-devices.ts';
import { aPod } from './cluster.fixture.ts';
import { aDeviceClaim, driver } from './devices/devices.fixture.ts';

/** A client that knows one claim, as the API writes it. */
class OneClaim {
  claim: ResourceClaim | undefined;
  revision = 1;
  writes = 0;
  /** Called before a write: somebody else may be faster. */
  before: () => void = () => undefined;

  constructor(claim: ResourceClaim) {
    this.claim = claim;
  }

  change(patch: object): ResourceClaim {
    const merged = mergePatch(this.claim as never, patch as never) as unknown as ResourceClaim;
    this.revision += 1;
    this.claim = { ...merged, metadata: { ...merged.metadata, resourceVersion: String(this.revision) } };
    return this.claim;
  }

  readonly client = {
    get: () =>
      this.claim === undefined
        ? Promise.reject(new StatusError('NotFound', 'gone'))
        : Promise.resolve(JSON.parse(JSON.stringify(this.claim)) as ResourceClaim),
    patch: (_ref: ObjectRef, { body }: Patch, options?: WriteOptions) => {
      this.before();
      this.writes += 1;
      const { metadata, status } = JSON.parse(JSON.stringify(body)) as {
        readonly metadata: { readonly resourceVersion: string; readonly finalizers?: readonly string[] };
        readonly status?: object;
      };
      if (metadata.resourceVersion !== this.claim?.metadata.resourceVersion)
        return Promise.reject(new StatusError('Conflict', 'changed'));
      const object = this.change(options?.subresource === 'status' ? { status } : { metadata });
      return Promise.resolve({ object, name: object.metadata.name });
    },
  } as Pick<ResourceClient, 'get' | 'patch'> as ResourceClient;
}

const pod = aPod({ name: 'p' });
const own = { resource: 'pods', name: 'p', uid: 'p' };
const other = { resource: 'pods', name: 'q', uid: 'q' };
const allocation = { devices: { results: [{ request: 'r', driver, pool: 'n', device: 'a' }] } };
const elsewhere = { devices: { results: [{ request: 'r', driver, pool: 'n', device: 'b' }] } };
const claim = aDeviceClaim('k', { r: 1 });
const having = (status: ResourceClaim['status']): ResourceClaim => ({
  ...claim,
  metadata: { ...claim.metadata, finalizers: [deviceFinalizer] },
  status,
});

test('a claim gets its devices, is held, and is reserved for the pod', async (t) => {
  const api = new OneClaim(claim);
  t.is(await bindDevices(api, pod, [{ claim, allocation }]), undefined);
  t.deepEqual(api.claim?.status, { allocation, reservedFor: [own] });
  t.deepEqual(api.claim?.metadata.finalizers, [deviceFinalizer]);
  t.is(api.writes, 2);
  t.is(await bindDevices(api, pod, [{ claim, allocation }]), undefined);
  t.is(api.writes, 2);
});

test('a claim that has devices is reserved beside its other users', async (t) => {
  const api = new OneClaim(having({ allocation, reservedFor: [other] }));
  t.is(await bindDevices(api, pod, [{ claim, allocation }]), undefined);
  t.deepEqual(api.claim?.status?.reservedFor, [other, own]);
});

test('a claim that somebody else wrote to meanwhile is looked at again', async (t) => {
  const api = new OneClaim(having({ allocation }));
  api.before = () => {
    api.before = () => undefined;
    api.change({ status: { reservedFor: [other] } });
  };
  t.is(await bindDevices(api, pod, [{ claim, allocation }]), undefined);
  t.deepEqual(api.claim?.status?.reservedFor, [other, own]);
});

/** The claim as it is by then, and why the pod cannot have it. */
const refusals: readonly (readonly [what: string, claim: ResourceClaim | undefined, problem: string])[] = [
  ['has got other devices', having({ allocation: elsewhere }), 'resourceclaim "k" has got other devices meanwhile'],
  ['is gone', undefined, 'resourceclaim "k" is gone'],
  ['is another one', { ...claim, metadata: { ...claim.metadata, uid: 'new' } }, 'resourceclaim "k" is gone'],
  [
    'is being deleted',
    { ...claim, metadata: { ...claim.metadata, deletionTimestamp: 'now' } },
    'resourceclaim "k" is being deleted',
  ],
];
for (const [what, current, problem] of refusals)
  test(`a claim that ${what} is not bound`, async (t) => {
    const api = new OneClaim(claim);
    api.claim = current;
    t.is(await bindDevices(api, pod, [{ claim, allocation }]), problem);
    t.is(api.writes, 0);
  });

test('a pod that is not bound gives back what it had alone, and leaves to others what they use', async (t) => {
  const alone = new OneClaim(having({ allocation, reservedFor: [own] }));
  await giveBack(alone, pod, [claim]);
  t.deepEqual(alone.claim?.status, { reservedFor: [] });
  const shared = new OneClaim(having({ allocation, reservedFor: [own, other] }));
  await giveBack(shared, pod, [claim]);
  t.deepEqual(shared.claim?.status, { allocation, reservedFor: [other] });
  const foreign = new OneClaim(having({ allocation, reservedFor: [other] }));
  await giveBack(foreign, pod, [claim]);
  t.is(foreign.writes, 0);
});
