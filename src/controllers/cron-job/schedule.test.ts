import test from 'ava';
import { latestDue, parseSchedule } from './schedule.ts';

const at = (text: string): number => Date.parse(text);

test('schedules mean what cron means, with zones, macros and periods', (t) => {
  t.is(parseSchedule('*/5 * * * *', undefined).next(at('2026-01-01T00:03:00Z')), at('2026-01-01T00:05:00Z'));
  t.is(parseSchedule('0 9 ? * *', 'Europe/Berlin').next(at('2026-01-01T00:00:00Z')), at('2026-01-01T08:00:00Z'));
  t.is(parseSchedule('@hourly', undefined).next(at('2026-01-01T00:03:00Z')), at('2026-01-01T01:00:00Z'));
  t.is(parseSchedule('@every 1h30m', undefined).next(at('2026-01-01T00:00:00Z')), at('2026-01-01T01:30:00Z'));
  t.throws(() => parseSchedule('not a schedule', undefined));
});

test('the latest due time is found however many were missed', (t) => {
  const everyMinute = parseSchedule('* * * * *', undefined);
  t.deepEqual(latestDue(everyMinute, at('2026-01-01T00:00:00Z'), at('2026-01-01T00:03:30Z')), {
    latest: at('2026-01-01T00:03:00Z'),
    missed: 3,
  });
  t.is(
    latestDue(everyMinute, at('2020-01-01T00:00:00Z'), at('2026-01-01T00:03:30Z')).latest,
    at('2026-01-01T00:03:00Z'),
  );
  t.is(latestDue(everyMinute, at('2026-01-01T00:00:00Z'), at('2026-01-01T00:00:30Z')).latest, undefined);
});
