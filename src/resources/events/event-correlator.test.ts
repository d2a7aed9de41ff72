import test from 'ava';
import { EventCorrelator, NewestMap, type PendingEvent } from './event-correlator.ts';

const event = (
  message: string,
  at: number,
  parts: { readonly uid?: string; readonly reason?: string } = {},
): PendingEvent => ({
  object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', uid: parts.uid ?? 'p' } },
  type: 'Normal',
  reason: parts.reason ?? 'Reason',
  message,
  combined: false,
  at,
});

test('an object has a burst of events and then one every five minutes', (t) => {
  const correlator = new EventCorrelator();
  const passes = (at: number, uid = 'p'): boolean => correlator.correlate(event('same', at, { uid })) !== undefined;
  t.is(Array.from({ length: 30 }, () => passes(0)).filter(Boolean).length, 25);
  t.true(passes(0, 'other'));
  t.false(passes(4 * 60_000));
  t.true(passes(6 * 60_000));
  t.false(passes(6 * 60_000));
});

test('from the tenth different message on they are one, until they stay away for ten minutes', (t) => {
  const correlator = new EventCorrelator();
  const combined = Array.from(
    { length: 12 },
    (_, index) => correlator.correlate(event(`message ${String(index)}`, index))?.combined,
  );
  t.deepEqual(combined, [...Array.from({ length: 9 }, () => false), true, true, true]);
  t.is(correlator.correlate(event('another', 20))?.message, '(combined from similar events): another');
  t.false(correlator.correlate(event('another', 20, { reason: 'Other' }))?.combined);
  t.false(correlator.correlate(event('another', 21 * 60_000))?.combined);
});

test('of very many entries the newest are kept', (t) => {
  const map = new NewestMap<number>();
  for (let index = 0; index < 4_096; index++) map.set(String(index), index);
  map.set('0', 0);
  map.set('one more', 1);
  t.is(map.get('0'), 0);
  t.is(map.get('1'), undefined);
  t.is(map.get('2'), 2);
});
