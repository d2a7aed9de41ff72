import test from 'ava';
import { limits, type Revision, silentLogger } from '../base/index.ts';
import {
  AdministrationError,
  CompactedError,
  restoreBackup,
  type StoreMember,
  StoreError,
  type Transaction,
} from './index.ts';
import { Members, put, remove, write } from './membership/members.suite.ts';

/*
 * What nobody should ask of the store: each is refused by a typed error, and the state of every member is what it was.
 */
const text = 'text';
const values = (count: number, bytes: number): Transaction =>
  write(...Array.from({ length: count }, (_, i) => put(`/k/${i}`, 'x'.repeat(bytes))));
const index = { uid: 'uid', labels: {}, fields: {}, owners: [] };
const indexed = (extra: object): Transaction =>
  write({ type: 'put', key: '/k/indexed', value: Buffer.from(text), revisionAt: -1, index: { ...index, ...extra } });

async function hashes(members: Members): Promise<string> {
  const comparison = await members.during(members.leader().store.members.compareHashes());
  return comparison.equal && comparison.unanswered.length === 0
    ? `${comparison.revision} ${Object.values(comparison.hashes)[0]}`
    : JSON.stringify(comparison);
}

async function three(): Promise<{
  readonly members: Members;
  readonly leader: StoreMember;
  readonly follower: StoreMember;
}> {
  const members = new Members(['a', 'b', 'c'], { overrides: { cluster: 'one' } });
  await members.startAll();
  const { name, store: leader } = members.leader();
  const follower = members.stores.get(members.names.find((other) => other !== name) as string) as StoreMember;
  for (let i = 0; i < 20; i++) await members.during(leader.transact(write(put(`/k/${i}`, `v${i}`))));
  await members.during(leader.compact(10 as Revision));
  await members.time.run(1_000);
  return { members, leader, follower };
}

type Case = readonly [what: string, code: string, ask: (store: StoreMember) => unknown];
const beyond = 1_000_000 as Revision;
const cases: readonly Case[] = [
  [
    'a value over the limit',
    'too-large',
    (store) => store.transact(write(put('/k/large', 'x'.repeat(limits.objectBytesMax)))),
  ],
  ['a transaction over the limit', 'too-large', (store) => store.transact(values(4, limits.objectBytesMax - 100))],
  [
    'a key over the limit',
    'too-large',
    (store) => store.transact(write(put(`/k/${'x'.repeat(limits.batchBytesMax)}`))),
  ],
  ['an empty key', 'malformed', (store) => store.transact(write(put('')))],
  ['half of a character in a key', 'malformed', (store) => store.transact(write(put('/k/\ud800')))],
  ['half of a character in the key of a deletion', 'malformed', (store) => store.transact(write(remove('/k/\udc00x')))],
  [
    'half of a character in a compared key',
    'malformed',
    (store) => store.transact({ compares: [{ key: '/k/\ud800', revision: 0 as Revision }], operations: [put('/k/1')] }),
  ],
  ['the mark that ends a prefix in a key', 'malformed', (store) => store.transact(write(put('/k/\uffffx')))],
  ['half of a character in a label', 'malformed', (store) => store.transact(indexed({ labels: { app: '\ud800' } }))],
  [
    'half of a character in the name of a field',
    'malformed',
    (store) => store.transact(indexed({ fields: { '\ud800': 'x' } })),
  ],
  ['half of a character in an owner', 'malformed', (store) => store.transact(indexed({ owners: ['\ud800'] }))],
  ['half of a character in a UID', 'malformed', (store) => store.transact(indexed({ uid: '\ud800' }))],
  ['a read of the future', 'not-reached', (store) => store.range({ prefix: '/k/', revision: beyond })],
  ['a read of what was compacted', 'compacted', (store) => store.range({ prefix: '/k/', revision: 3 as Revision })],
  [
    'a watch after what was compacted',
    'compacted',
    (store) =>
      store.watch(
        { prefix: '/k/', after: 3 as Revision },
        () => undefined,
        () => undefined,
      ),
  ],
  ['a compaction of the future', 'not-reached', (store) => store.compact(beyond)],
  [
    'waiting for a revision that does not come',
    'timeout',
    (store) => store.waitForRevision(beyond, { deadlineMs: 1_000 }),
  ],
  ['a learner whose name is no name', 'bad-name', (store) => store.members.addLearner('a.>')],
  ['a vote for a stranger', 'unknown-member', (store) => store.members.promote('stranger')],
  ['leadership for a stranger', 'unknown-member', (store) => store.members.transferLeadership('stranger')],
];

const codeOf = (error: unknown): string =>
  error instanceof CompactedError
    ? 'compacted'
    : error instanceof StoreError || error instanceof AdministrationError
      ? error.code
      : String(error);

test("impossible requests are refused with their cause's code, and no state changes", async (t) => {
  const { members, leader, follower } = await three();
  const before = await hashes(members);
  for (const [what, code, ask] of cases) {
    for (const store of [leader, follower]) {
      let outcome = 'it was done';
      const asked = (async () => {
        await ask(store);
      })().catch((error: unknown) => {
        outcome = codeOf(error);
      });
      await members.during(asked);
      t.is(outcome, code, `${what} at ${store.status().role}`);
    }
  }
  t.is(await hashes(members), before);
  t.deepEqual(members.failures, []);
});

test('keys of any other characters are the same on every member, before and after a restart', async (t) => {
  const { members, follower } = await three();
  const odd = [
    '/k/\u0000',
    '/k/\n',
    '/k/ ',
    '/k/*>.',
    '/k/ü',
    '/k/\u{1f600}',
    '/k/\ufffd',
    '/k/%00',
    '/k/../x',
    `/k/${'long'.repeat(1_000)}`,
  ];
  for (const key of odd) t.like(await members.during(follower.transact(write(put(key)))), { committed: true });
  await members.time.run(500);
  const before = await hashes(members);
  t.regex(before, /^\d+ \S+$/);
  for (const name of members.names) {
    await members.crash(name);
    await members.start(name);
    await members.time.run(5_000);
    for (const key of odd) t.truthy(members.stores.get(name)?.get(key), JSON.stringify(key));
  }
  t.is(await hashes(members), before);
});

test('a removed member refuses writes, for it knows no leader, and the others do not hear of them', async (t) => {
  const { members, leader } = await three();
  const removed = members.names.find((name) => name !== leader.status().member) as string;
  const store = members.stores.get(removed) as StoreMember;
  await members.during(leader.members.remove(removed));
  await members.time.run(5_000);
  const before = await hashes(members);
  const outcome = store.transact(write(put('/k/stranger'))).then(() => 'it was done', codeOf);
  await members.time.run(limits.proposalMs + 1_000);
  t.is(await outcome, 'no-leader');
  t.is(await hashes(members), before);
});

test('a backup of another cluster is not restored, and the folder stays empty', async (t) => {
  const { members, leader } = await three();
  const pieces: Uint8Array[] = [];
  await members.during(
    (async () => {
      for await (const piece of leader.backup()) pieces.push(piece);
    })(),
  );
  const before = await hashes(members);
  await members.start('x', { voters: ['x'] });
  await members.crash('x');
  const target = {
    disk: members.disk('x'),
    clock: members.time,
    random: members.random,
    member: 'x',
    log: silentLogger,
    folder: '/restored',
    voters: ['x'],
    source: pieces,
  };
  await t.throwsAsync(members.during(restoreBackup({ ...target, cluster: 'two' })), {
    instanceOf: AdministrationError,
    code: 'foreign',
  });
  t.deepEqual(
    [...(await members.disk('x').list('/restored/log')), ...(await members.disk('x').list('/restored/snapshots'))],
    [],
  );
  t.is(await hashes(members), before);
});
