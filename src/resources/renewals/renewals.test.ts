import fc from 'fast-check';
import test from 'ava';
import type { Lease } from '../../api/index.ts';
import { type Revision, silentLogger, silentMetrics } from '../../base/index.ts';
import { decode, encode, SimulatedNetwork, subjectsOf } from '../../bus/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import type { Compare } from '../../state/index.ts';
import { type Harness, startHarness } from '../testing/harness.ts';
import { Contact } from './contact.ts';
import { openNodeRenewals } from './node-renewals.ts';
import { leaseBehindMs, RenewalBook } from './renewal-book.ts';
import { leaseKey, writeRenewals } from './renewal-writing.ts';

const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
const start = Date.UTC(2026, 0, 1);
const owner: Compare = { key: '/ownership/shards/01', revision: 0 as Revision };

async function cluster(nodes: readonly string[]): Promise<Harness> {
  const h = await startHarness();
  await h.post('/api/v1/namespaces', { metadata: { name: 'kube-node-lease' } });
  for (const name of nodes)
    await h.post(leases, { metadata: { name }, spec: { holderIdentity: name, leaseDurationSeconds: 5 } });
  return h;
}
const specOf = (h: Harness, node: string): Lease['spec'] | undefined =>
  h.store.get(leaseKey(node))?.object<Lease>().spec;
const due = (node: string, at = start) => ({ node, at, leaseDurationSeconds: 15 });

test('a Lease is handed out again when it is behind, with the latest renewal, and not when there was none', (t) => {
  const book = new RenewalBook();
  const renew = (node: string, now: number): void => {
    book.take(node, { at: start + now, leaseMs: 1_500 }, now);
  };
  renew('a', 0);
  renew('b', 10);
  t.deepEqual(
    book.takeDue(10, 10).map(({ node, at }) => [node, at - start]),
    [
      ['a', 0],
      ['b', 10],
    ],
  );
  renew('a', 1_000);
  renew('a', 1_900);
  t.deepEqual(book.takeDue(1_999, 10), []);
  t.deepEqual(book.takeDue(2_010, 10), [{ node: 'a', at: start + 1_900, leaseDurationSeconds: 7 }]);
  t.is(book.heardAt('a'), 1_900);
  t.is(book.heardAt('c'), undefined);
});

test('no Lease is further behind than is promised, however few are written at a time', (t) => {
  const beat = fc.record({ node: fc.integer({ min: 0, max: 30 }), waitMs: fc.integer({ min: 0, max: 300 }) });
  fc.assert(
    fc.property(fc.array(beat, { maxLength: 200 }), (beats) => {
      const book = new RenewalBook();
      const renewed = new Map<string, number>();
      const written = new Map<string, number>();
      let now = 0;
      const look = (): void => {
        for (const { node, at } of book.takeDue(now, 8)) written.set(node, at);
      };
      for (const { node, waitMs } of beats) {
        for (const end = now + waitMs; now < end; now += 25) look();
        renewed.set(String(node), start + now);
        book.take(String(node), { at: start + now, leaseMs: 1_500 }, now);
      }
      for (const end = now + leaseBehindMs(31) + 250; now < end; now += 25) look();
      t.deepEqual(new Map([...written].sort()), new Map([...renewed].sort()));
    }),
  );
});

test('a node that is silent for long is forgotten', (t) => {
  const book = new RenewalBook();
  book.take('a', { at: start, leaseMs: 1_500 }, 0);
  book.takeDue(0, 10);
  book.takeDue(11 * 60_000, 10);
  t.is(book.heardAt('a'), undefined);
});

test('while a member is cut off itself no node falls silent, and each has half of its time after that', (t) => {
  const contact = new Contact(5_000);
  t.is(contact.heardAt(1_000, 9_000), 1_000);
  t.is(contact.heardAt(undefined, 9_000), undefined);
  contact.lost();
  t.is(contact.heardAt(1_000, 9_000), 6_500);
  t.is(contact.heardAt(1_000, 60_000), 57_500);
  t.is(contact.heardAt(undefined, 60_000), 57_500, 'one that registered a moment before, too');
  contact.found(60_000);
  t.is(contact.heardAt(1_000, 62_000), 57_500, 'its silence goes on from here');
  t.is(contact.heardAt(61_000, 62_000), 61_000);
});

test('Leases are written together; what else they say stays', async (t) => {
  const h = await cluster(['a', 'b']);
  const { revision } = h.store;
  t.is(await writeRenewals({ store: h.store, fence: owner }, [due('a'), due('b'), due('gone')]), 2);
  t.is(h.store.revision, (revision + 1) as Revision);
  const written = { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: '2026-01-01T00:00:00.000000Z' };
  t.deepEqual(specOf(h, 'a'), written);
  const shown = await h.get(`${leases}/b`);
  t.is(shown.metadata.resourceVersion, String(revision + 1));
  t.is(shown.metadata.managedFields?.[0]?.manager, 'test');
});

test('a Lease that is written again and again is stored as the API would store it', async (t) => {
  const h = await cluster([]);
  const metadata = {
    name: 'odd',
    labels: { spec: 'x' },
    annotations: { spec: '"spec":{"renewTime":"never"}', renewTime: 'Grüße', 'troupe.dev/note': '{"spec":{}}' },
  };
  const spec = { holderIdentity: 'odd', leaseDurationSeconds: 5, leaseTransitions: 3 };
  await h.post(leases, { metadata, spec });
  for (const at of [start, start + 1_000]) await writeRenewals({ store: h.store, fence: owner }, [due('odd', at)]);
  const written = h.store.get(leaseKey('odd'));
  const renewTime = '2026-01-01T00:00:01.000000Z';
  t.deepEqual(written?.object<Lease>().spec, { ...spec, leaseDurationSeconds: 15, renewTime });
  t.like(written?.object<Lease>().metadata, { ...metadata, resourceVersion: String(h.store.revision) });
  // The same write through the API gives the same bytes but for the revision and the manager.
  const text = (): string => new TextDecoder().decode(h.store.get(leaseKey('odd'))?.bytes);
  const told = text();
  await h.patch(`${leases}/odd`, 'merge', { spec: { renewTime: '2026-01-01T00:00:02.000000Z' } });
  const plain = (json: string): string =>
    json.replace(/"resourceVersion":"\d+"/, '').replace(/"managedFields":\[.*\]\},"spec"/, '"spec"');
  t.is(plain(text()), plain(told.replace('00:01.000', '00:02.000')));
});

test('a Lease of another holder, and one that shows a later renewal, are left alone', async (t) => {
  const h = await cluster(['a', 'b']);
  await h.patch(`${leases}/a`, 'merge', { spec: { holderIdentity: 'candidate' } });
  await h.patch(`${leases}/b`, 'merge', { spec: { renewTime: '2026-01-01T00:00:01.000000Z' } });
  t.is(await writeRenewals({ store: h.store, fence: owner }, [due('a'), due('b')]), 0);
});

test('a writer who comes between keeps what it wrote, and the other Leases are written', async (t) => {
  const h = await cluster(['a', 'b']);
  h.store.beforeTransact = () => {
    h.store.apply([], [{ type: 'delete', key: leaseKey('a') }]);
  };
  t.is(await writeRenewals({ store: h.store, fence: owner }, [due('a'), due('b')]), 1);
  t.is(specOf(h, 'a'), undefined);
  t.is(specOf(h, 'b')?.leaseDurationSeconds, 15);
});

test('who does not own the shard any more writes nothing', async (t) => {
  const h = await cluster(['a']);
  const fence = { ...owner, revision: 7 as Revision };
  await t.throwsAsync(writeRenewals({ store: h.store, fence }, [due('a')]), { message: /another owner/ });
  t.is(specOf(h, 'a')?.renewTime, undefined);
});

test('each member hears all nodes, one of them answers and writes, and another goes on where it ends', async (t) => {
  const h = await cluster(['n.1']);
  const time = new SimulatedTime(start, 20);
  const network = new SimulatedNetwork(time);
  const subjects = subjectsOf('c');
  let writer = 'one';
  const open = (member: string) =>
    openNodeRenewals({
      store: h.store,
      bus: network.client(member),
      subjects,
      clock: time,
      timers: time,
      log: silentLogger,
      metrics: silentMetrics,
      silentMs: 5_000,
      fence: () => (writer === member ? owner : undefined),
    });
  const members = ['one', 'two'].map(open);
  const agent = network.client('agent');
  const say = (renewal: unknown): void => {
    agent.publish(subjects.nodeRenewal('n.1'), encode(renewal));
  };
  const ask = async (): Promise<unknown> => {
    const asked = agent.request(subjects.nodeRenewal('n.1'), encode({ at: time.now(), leaseMs: 1_500 }), {
      deadlineMs: 1_000,
    });
    await time.run(10);
    return decode((await asked).payload);
  };
  t.deepEqual(await ask(), { known: true });
  await time.run(500);
  t.is(specOf(h, 'n.1')?.renewTime, '2026-01-01T00:00:00.000000Z');
  writer = 'two';
  say({ at: 'now' });
  say({ at: time.now(), leaseMs: 1_500 });
  await time.run(3_000);
  t.is(specOf(h, 'n.1')?.renewTime, '2026-01-01T00:00:00.510000Z');
  for (const { heardAt } of members) t.true((heardAt('n.1') ?? 0) > 0);
  await h.remove(`${leases}/n.1`);
  t.deepEqual(await ask(), { known: false });
  for (const { close } of members) close();
});

test('a client that is no node renews its Lease through the API as ever', async (t) => {
  const h = await startHarness();
  const election = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
  await h.post(election, { metadata: { name: 'n' }, spec: { holderIdentity: 'n' } });
  t.is(await writeRenewals({ store: h.store, fence: owner }, [due('n')]), 0);
  t.is(h.store.get('/coordination.k8s.io/leases/default/n')?.object<Lease>().spec.renewTime, undefined);
});
