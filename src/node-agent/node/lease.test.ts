import test from 'ava';
import { type Lease, resources } from '../../api/index.ts';
import { silentLogger } from '../../base/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import { memoryApi } from '../api.fixture.ts';
import { keepLease, type KeptNodeLease } from './lease.ts';

interface World {
  readonly kept: KeptNodeLease;
  readonly time: SimulatedTime;
  readonly api: ReturnType<typeof memoryApi>;
  /** 't' for each renewal that was told, 'a' for one that asked, 'w' for a write of the Lease. */
  readonly said: () => string;
  readonly lease: () => Lease | undefined;
  annotations: Readonly<Record<string, string>>;
  /** What the members answer. */
  answers: boolean;
}

async function world(): Promise<World> {
  const time = new SimulatedTime();
  const api = memoryApi();
  await api.client.create(resources.nodes, { metadata: { name: 'n1' } });
  let said = '';
  const { patch } = api.client;
  Object.assign(api.client, {
    patch: (...args: Parameters<typeof patch>) => {
      said += 'w';
      return patch(...args);
    },
  });
  const world = {
    time,
    api,
    said: () => said,
    lease: () => api.get<Lease>(resources.leases, 'kube-node-lease', 'n1'),
    annotations: {} as Readonly<Record<string, string>>,
    answers: true,
  };
  const tell = (_renewal: unknown, asks: boolean): Promise<boolean> => {
    said += asks ? 'a' : 't';
    return Promise.resolve(!asks || world.answers);
  };
  const kept = keepLease(
    { client: api.client, clock: time, timers: time, log: silentLogger, tell },
    { name: 'n1', leaseMs: 1_500, leaseAnnotations: () => world.annotations },
  );
  await time.run(0);
  return Object.assign(world, { kept });
}

test('a Lease is made through the API; then renewals are told, and now and then asked after', async (t) => {
  const { time, said, lease } = await world();
  t.is(lease()?.spec.holderIdentity, 'n1');
  await time.run(15_000);
  t.is(said(), 'attttatttt');
});

test('where nobody answers the Lease is written, and members that come are found', async (t) => {
  const w = await world();
  w.answers = false;
  await w.time.run(9_000);
  t.is(w.said(), 'awtwtwtwtwaw');
  w.answers = true;
  await w.time.run(9_000);
  t.is(w.said().slice(12), 'twtwtwtwat');
});

test('what else the Lease says is written at once', async (t) => {
  const w = await world();
  await w.time.run(3_000);
  t.is(w.said(), 'at');
  w.annotations = { step: '2' };
  await w.time.run(3_000);
  t.is(w.said(), 'attwt');
  t.deepEqual(w.lease()?.metadata.annotations, { step: '2' });
});

test('a Lease that is gone is made again when the members say so', async (t) => {
  const w = await world();
  await w.time.run(3_000);
  w.api.remove(resources.leases, 'kube-node-lease', 'n1');
  w.answers = false;
  await w.time.run(9_000);
  t.is(w.lease()?.spec.holderIdentity, 'n1');
});

test('members are told at every turn, also while a write waits for an answer that does not come', async (t) => {
  const w = await world();
  await w.time.run(3_000);
  const { patch } = w.api.client;
  Object.assign(w.api.client, { patch: () => new Promise(() => undefined) });
  w.annotations = { step: '2' };
  await w.time.run(6_000);
  t.is(w.said(), 'attttt');
  Object.assign(w.api.client, { patch });
});

test('a way to the members that is open again is used at once, and the turns go on from there', async (t) => {
  const w = await world();
  await w.time.run(4_000);
  t.is(w.said(), 'at');
  w.kept.renew();
  t.is(w.said(), 'att');
  await w.time.run(1_400);
  t.is(w.said(), 'att');
  await w.time.run(200);
  t.is(w.said(), 'attt');
});
