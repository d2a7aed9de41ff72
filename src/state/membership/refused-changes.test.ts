import test from 'ava';
import { AdministrationError, type StoreMember } from '../index.ts';
import { Members, put, write } from './members.suite.ts';

/*
 * Commands at the wrong moment: what they would break is refused with the reason, and the store works on.
 */
const silent = (message: RegExp) => ({ instanceOf: AdministrationError, code: 'silent-member', message });

/** Three members; `dead` is down, and a write has succeeded since. */
async function oneDead() {
  const members = new Members(['a', 'b', 'c'], { seed: 3 });
  await members.startAll();
  const { name: leader, store } = members.leader();
  const [live, dead] = members.names.filter((name) => name !== leader) as [string, string];
  await members.crash(dead);
  await members.time.run(1_000);
  await members.during(store.transact(write(put('/k/1'))));
  return { members, leader, store, live, dead };
}

test('a live member is not removed while another is dead, and the dead one is', async (t) => {
  const { members, store, live, dead } = await oneDead();
  await t.throwsAsync(
    members.during(store.members.remove(live)),
    silent(new RegExp(`removing ${live} would let .*${dead}.* no write could be committed`)),
  );
  t.like(await members.during(store.transact(write(put('/k/2')))), { committed: true });
  t.is(store.members.list().length, 3);
  await members.during(store.members.remove(dead));
  t.like(await members.during(store.transact(write(put('/k/3')))), { committed: true });
  t.deepEqual(
    store.status().voters,
    members.names.filter((name) => name !== dead),
  );
});

test('a change is refused although the voter that it needs has died only just now', async (t) => {
  const members = new Members(['a', 'b', 'c'], { seed: 3 });
  await members.startAll();
  const { name, store } = members.leader();
  const [live, dead] = members.names.filter((other) => other !== name) as [string, string];
  await members.during(store.transact(write(put('/k/0'))));
  await members.crash(dead);
  await t.throwsAsync(members.during(store.members.remove(live)), silent(/no write could be committed/));
  await members.during(store.transact(write(put('/k/1'))));
  t.deepEqual(store.status().voters, ['a', 'b', 'c']);
});

test('a member that is removed is needed by nobody from then on, whatever a power failure takes', async (t) => {
  for (let seed = 1; seed <= 5; seed++) {
    const members = new Members(['a', 'b'], { seed });
    await members.startAll();
    const { name, store } = members.leader();
    const other = members.names.find((each) => each !== name) as string;
    members.disk(name).syncMs = 400;
    await members.during(store.members.remove(other));
    for (const each of members.names) await members.crash(each);
    members.disk(name).syncMs = 0;
    const again = await members.start(name);
    await members.time.run(5_000);
    t.is(again.status().role, 'leader', `seed ${seed}`);
    t.like(await members.during(again.transact(write(put('/k/1')))), { committed: true });
  }
});

test('a learner that died is not promoted, and the only voter works on and opens again', async (t) => {
  const members = new Members(['a'], { seed: 3 });
  const a = await members.start('a');
  await members.during(a.members.addLearner('b'));
  await members.start('b', { voters: [] });
  await members.time.run(2_000);
  await members.during(a.transact(write(put('/k/0'))));
  await members.crash('b');
  await members.time.run(60_000);
  await t.throwsAsync(members.during(a.members.promote('b')), silent(/b does not answer/));
  t.like(await members.during(a.transact(write(put('/k/1')))), { committed: true });
  await members.crash('a');
  const again = await members.start('a');
  t.like(await members.during(again.transact(write(put('/k/2')))), { committed: true });
  await members.during(again.members.remove('b'));
  t.deepEqual(again.status().learners, []);
});

test('a transfer to a voter that is dead is refused, and writes do not wait for it', async (t) => {
  const { members, leader, store, live, dead } = await oneDead();
  const refused = t.throwsAsync(members.during(store.members.transferLeadership(dead)), silent(/does not answer/));
  const begin = members.time.monotonic();
  for (const each of [store, members.stores.get(live) as StoreMember])
    t.like(await members.during(each.transact(write(put('/k/2')))), { committed: true });
  t.true(members.time.monotonic() - begin < 200);
  await refused;
  t.is(members.leader().name, leader);
});

test('a transfer whose target falls silent is given up within an election timeout', async (t) => {
  const members = new Members(['a', 'b', 'c'], { seed: 3 });
  await members.startAll();
  const { name, store } = members.leader();
  const heir = members.names.find((other) => other !== name) as string;
  members.cut.add(heir);
  const begin = members.time.monotonic();
  const refused = t.throwsAsync(members.during(store.members.transferLeadership(heir)), silent(/./));
  await members.during(store.transact(write(put('/k')), { deadlineMs: 10_000 }));
  t.true(members.time.monotonic() - begin < 700, `${members.time.monotonic() - begin} ms`);
  await refused;
});

test('a leader that is cut off steps down in time although a transfer is asked for again and again', async (t) => {
  const members = new Members(['a', 'b', 'c'], { seed: 3 });
  await members.startAll();
  const { name, store } = members.leader();
  const others = members.names.filter((other) => other !== name);
  for (const other of others) members.cut.add(other);
  const begin = members.time.monotonic();
  for (const other of others) store.members.transferLeadership(other).catch(() => undefined);
  while (store.status().role === 'leader' && members.time.monotonic() - begin < 20_000) await members.time.run(10);
  t.true(members.time.monotonic() - begin < 1_200, `${members.time.monotonic() - begin} ms`);
});

test('a member founded alone starts without the second one, and one that is left alone leads at once', async (t) => {
  const members = new Members(['a'], { seed: 4 });
  const a = await members.during(members.start('a'));
  await members.start('b', { voters: [] });
  await members.during(a.members.addLearner('b'));
  await members.time.run(2_000);
  await members.during(a.members.promote('b'));
  await members.time.run(500);
  for (const name of ['a', 'b']) await members.crash(name);
  const again = await members.during(members.start('a'));
  await members.time.run(500);
  t.deepEqual([again.status().voters, again.status().leader], [['a', 'b'], undefined]);
  await members.start('b', { voters: [] });
  await members.time.run(3_000);
  await members.during(again.members.remove('b'));
  await members.time.run(500);
  for (const name of ['a', 'b']) await members.crash(name);
  const alone = await members.during(members.start('a'));
  t.is(alone.status().role, 'leader');
});
