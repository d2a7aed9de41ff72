import test from 'ava';
import type { LogIndex } from '../base/index.ts';
import { Members, put, write } from './membership/members.suite.ts';
import { differsAt, type Moment } from './moments.ts';
import { StoreError, verifyBackup } from './index.ts';

const moments = (...digests: readonly (readonly [number, string])[]): readonly Moment[] =>
  digests.map(([index, digest]): Moment => [index as LogIndex, digest]);

test('members differ at the first entry that both passed with other digests', (t) => {
  t.is(differsAt([moments([64, 'a'], [128, 'b']), moments([128, 'b'], [192, 'c'])]), undefined);
  t.is(Number(differsAt([moments([64, 'a'], [128, 'b'], [192, 'x']), moments([128, 'c'], [192, 'y'])])), 128);
});

test('hashes of members are compared with what no revision names', async (t) => {
  const members = new Members(['a', 'b', 'c']);
  await members.startAll();
  const { store } = members.leader();
  for (let i = 0; i < 200; i++) await members.during(store.transact(write(put(`/k/${i}`))));
  const compared = await members.during(store.members.compareHashes());
  t.true(compared.equal);
  t.is(compared.differsAt, undefined);
  t.deepEqual(compared.unanswered, []);
});

test('a key that a transaction writes twice is refused, and nothing is written', async (t) => {
  const members = new Members(['a']);
  const store = await members.start('a');
  const twice = write(put('/k', 'one', { expiresAt: 1 }), put('/other'), put('/k', 'two'));
  const { code, message } = await t.throwsAsync(store.transact(twice), { instanceOf: StoreError });
  t.is(code, 'malformed');
  t.regex(message, /\/k is written twice in one transaction/);
  t.is(store.count(''), 0);
});

test('a backup of a large object with sixty kept versions is read again, in pieces of 1 MiB', async (t) => {
  const members = new Members(['a'], { overrides: { segmentBytes: 16 * 1024 * 1024 } });
  const store = await members.start('a');
  const value = 'x'.repeat(1536 * 1024 - 200);
  for (let i = 0; i < 60; i++) await members.during(store.transact(write(put('/core/configmaps/n/hot', value))));
  const pieces: Uint8Array[] = [];
  await members.during(
    (async () => {
      for await (const piece of store.backup()) pieces.push(piece);
    })(),
  );
  t.true(Math.max(...pieces.map(({ length }) => length)) <= 1024 * 1024 + 8);
  t.is((await verifyBackup(pieces)).revision, store.revision);
});
