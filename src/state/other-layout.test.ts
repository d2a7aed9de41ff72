import test from 'ava';
import { FormatError } from '../base/index.ts';
import type { StoreMessage } from './index.ts';
import { Members, put, write } from './membership/members.suite.ts';

/*
 * While members are upgraded one by one, a newer program may say what an older one cannot read (docs/adr/0018). The
 * older one passes nothing on that it cannot read itself, and stops by name before it applies a history with gaps.
 */
const newer = (data: Uint8Array): Uint8Array => Uint8Array.of(99, ...data.subarray(1));

test('a leader takes no batch of a layout that it cannot read, and leads on', async (t) => {
  const members = new Members(['a', 'b', 'c'], { seed: 5 });
  await members.startAll();
  const { name: leader, store } = members.leader();
  const upgraded = members.names.find((name) => name !== leader) as string;
  let refused = 0;
  members.rewrite = (message: StoreMessage) => {
    if (message.type !== 'propose' || message.from !== upgraded) return message;
    refused += 1;
    return { ...message, data: message.data.map(newer) };
  };
  const waiting = members.stores.get(upgraded)?.transact(write(put('/k/newer')));
  await t.throwsAsync(members.during(waiting as Promise<unknown>), { code: 'timeout' });
  t.true(refused > 0);
  members.rewrite = (message) => message;
  t.deepEqual(members.failures, []);
  await members.during(store.transact(write(put('/k/1'))));
  for (const other of members.stores.values()) t.is(other.count('/k/'), 1);
});

test('a member that is sent an entry that it cannot read stops, and says what it needs', async (t) => {
  const members = new Members(['a', 'b', 'c'], { seed: 5 });
  await members.startAll();
  const { name: leader, store } = members.leader();
  const older = members.names.find((name) => name !== leader) as string;
  members.rewrite = (message: StoreMessage) =>
    message.type === 'append' && message.to === older
      ? {
          ...message,
          entries: message.entries.map((entry) =>
            entry.type === 'data' ? { ...entry, data: newer(entry.data) } : entry,
          ),
        }
      : message;
  await members.during(store.transact(write(put('/k/1'))));
  await members.time.run(500);
  const [failure, ...more] = members.failures;
  t.true(failure instanceof FormatError);
  t.regex(
    String(failure),
    /an entry of the log has format 99, this program reads 1: .* start the version that wrote it/,
  );
  t.deepEqual(more, []);
  await members.during(store.transact(write(put('/k/2'))));
});
