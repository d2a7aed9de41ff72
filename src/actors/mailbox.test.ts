import test from 'ava';
import fc from 'fast-check';
import { type Envelope, Mailbox, type MailboxOptions, type Overflow } from './mailbox.ts';

const envelope = (message: string, at = 0): Envelope<string> => ({ message, at, trace: undefined });
const drained = (mailbox: Mailbox<string>): string[] => {
  const all: string[] = [];
  for (let next = mailbox.take(); next !== undefined; next = mailbox.take()) all.push(next.message);
  return all;
};
const filled = (options: MailboxOptions<string>, messages: readonly string[]): Mailbox<string> => {
  const mailbox = new Mailbox(options);
  for (const message of messages) mailbox.offer(envelope(message));
  return mailbox;
};

test('each overflow policy sheds as it says and counts it', (t) => {
  const shed = (overflow: Overflow): unknown => {
    const mailbox = filled({ mailboxMessagesMax: 2, overflow }, ['a', 'b', 'c']);
    const { dropped, refused } = mailbox;
    return { dropped, refused, left: drained(mailbox) };
  };
  t.deepEqual(shed('reject'), { dropped: 0, refused: 1, left: ['a', 'b'] });
  t.deepEqual(shed('drop-oldest'), { dropped: 1, refused: 0, left: ['b', 'c'] });
  t.deepEqual(shed('drop-newest'), { dropped: 1, refused: 0, left: ['a', 'b'] });
});

test('a coalescing mailbox keeps the place of the first and the content of the last', (t) => {
  const mailbox = filled({ overflow: 'coalesce', mailboxMessagesMax: 2, coalesceKey: (message) => message[0] }, [
    'a1',
    'b1',
    'a2',
    'c1',
  ]);
  t.is(mailbox.coalesced, 1);
  t.is(mailbox.refused, 1);
  t.deepEqual(drained(mailbox), ['a2', 'b1']);
});

test('a question is neither merged with another nor dropped in silence', (t) => {
  const failures: string[] = [];
  const mailbox = new Mailbox<string>({ mailboxMessagesMax: 2, overflow: 'drop-oldest', coalesceKey: () => 'one' });
  for (const name of ['a', 'b', 'c'])
    mailbox.offer({ ...envelope(name), failed: (code) => failures.push(`${name} ${code}`) });
  mailbox.clear();
  t.deepEqual(failures, ['a mailbox-full', 'b stopped', 'c stopped']);
});

test('system messages overtake, and the age of the oldest counts both lanes', (t) => {
  const mailbox = new Mailbox<string>({ priority: (message) => (message.startsWith('!') ? 'system' : 'user') });
  mailbox.offer(envelope('a', 3));
  mailbox.offer(envelope('!b', 5));
  t.is(mailbox.oldestAt, 3);
  t.deepEqual(drained(mailbox), ['!b', 'a']);
  t.is(mailbox.oldestAt, undefined);
});

test('a mailbox never exceeds its bound, keeps the order, and accounts for every message', (t) => {
  const policies = fc.record({
    mailboxMessagesMax: fc.integer({ min: 1, max: 5 }),
    overflow: fc.constantFrom<Overflow>('reject', 'drop-oldest', 'drop-newest', 'coalesce'),
    keyed: fc.boolean(),
  });
  const step = fc.oneof(
    fc.record({ key: fc.integer({ min: 0, max: 3 }), system: fc.boolean() }),
    fc.constant('take' as const),
  );
  fc.assert(
    fc.property(policies, fc.array(step, { maxLength: 60 }), ({ keyed, ...bounds }, steps) => {
      const mailbox = new Mailbox<{ order: number; key: number; system: boolean }>({
        ...bounds,
        ...(keyed ? { coalesceKey: (message) => String(message.key) } : {}),
        priority: (message) => (message.system ? 'system' : 'user'),
      });
      let [offered, taken] = [0, 0];
      const last = { system: -1, user: -1 };
      const take = (): boolean => {
        const next = mailbox.take();
        if (next === undefined) return false;
        const { order, system } = next.message;
        taken += 1;
        // Where a later message takes the place of an earlier one its order is the place's.
        if (bounds.overflow !== 'coalesce') t.true(order > last[system ? 'system' : 'user']);
        last[system ? 'system' : 'user'] = order;
        return true;
      };
      for (const each of steps) {
        if (each === 'take') take();
        else mailbox.offer({ message: { ...each, order: offered++ }, at: 0, trace: undefined });
        t.is(offered, taken + mailbox.length + mailbox.dropped + mailbox.refused + mailbox.coalesced);
        if (!steps.some((one) => one !== 'take' && one.system)) t.true(mailbox.length <= bounds.mailboxMessagesMax);
      }
      while (take());
      t.is(offered, taken + mailbox.dropped + mailbox.refused + mailbox.coalesced);
    }),
  );
});
