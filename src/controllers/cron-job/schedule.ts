/** Cron schedules: when the next start is due, in the zone of the schedule. */
import { Cron } from 'croner';

/** When a schedule is due. Times are ms since 1970. */
export interface Schedule {
  /** The first time after `from`; undefined when there is none. */
  next(from: number): number | undefined;
}

const durationUnits: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000 };

/** `@every 1h30m`: a plain period. */
function everySchedule(text: string): Schedule {
  const parts = [...text.matchAll(/(\d+)([hms])/g)];
  const periodMs = parts.reduce(
    (sum, [, count = '0', unit = 's']) => sum + Number(count) * (durationUnits[unit] ?? 0),
    0,
  );
  if (periodMs < 1_000) throw new Error(`the period ${text} is too short`);
  return { next: (from) => Math.floor(from / 1_000) * 1_000 + periodMs };
}

/** Reads a cron text (five fields, a macro, or `@every`). `?` means any value. Throws when it makes no sense. */
export function parseSchedule(text: string, timeZone: string | undefined): Schedule {
  const prefixed = /^(?:CRON_)?TZ=(\S+)\s+(.*)$/.exec(text);
  const zone = prefixed?.[1] ?? timeZone ?? 'UTC';
  const pattern = (prefixed?.[2] ?? text).trim();
  if (pattern.startsWith('@every ')) return everySchedule(pattern.slice('@every '.length));
  const cron = new Cron(pattern.replaceAll('?', '*'), { timezone: zone, paused: true });
  return { next: (from) => cron.nextRun(new Date(from))?.getTime() };
}

/** Steps that are counted one by one before the rest is estimated. */
const stepsMax = 200;

interface DueTime {
  /** The latest due time in (since, now]; undefined when there is none. */
  readonly latest: number | undefined;
  /** How many due times lie in that span, at most about. */
  readonly missed: number;
}

/** The latest time that was due after `since`, even if many were missed. */
export function latestDue(schedule: Schedule, since: number, now: number): DueTime {
  let latest: number | undefined;
  let missed = 0;
  let from = since;
  for (;;) {
    const next = schedule.next(from);
    if (next === undefined || next > now) return { latest, missed };
    latest = next;
    missed += 1;
    from = next;
    if (missed % stepsMax === 0) {
      // Very many were missed: jump close to now, in whole spans of what was seen so far.
      const span = Math.max(1_000, (next - since) / missed);
      from = next + Math.max(0, Math.floor((now - next) / span) - stepsMax) * span;
    }
    if (missed > 100 * stepsMax) return { latest, missed };
  }
}

/** A time as a clock in that zone shows it (RFC 3339). */
export function zonedText(at: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    timeZoneName: 'longOffset',
    hour: '2-digit',
  }).formatToParts(at);
  const offset = /([+-])(\d\d):(\d\d)/.exec(parts.find(({ type }) => type === 'timeZoneName')?.value ?? '');
  const [text = '', sign = '+', hours = '0', minutes = '0'] = offset ?? [];
  const shift = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return `${new Date(at + shift).toISOString().slice(0, 19)}${shift === 0 ? 'Z' : text}`;
}
