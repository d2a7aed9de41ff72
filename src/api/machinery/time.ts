/** Times of the API (metav1.Time, metav1.MicroTime) and how tables show the time since. */
import { Memo } from '../../base/index.ts';

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(Z|[+-]\d{2}:\d{2})$/;

/** An instant with the precision that micro times need. */
interface Instant {
  readonly ms: number;
  /** Digits below the second, cut to six. */
  readonly micros: string;
}

/** The objects of a moment carry its time many times over, so the newest is remembered. */
let newest: { readonly text: string; readonly instant: Instant | undefined } = { text: '', instant: undefined };

function parseInstant(text: string): Instant | undefined {
  if (text !== newest.text) newest = { text, instant: instantOf(text) };
  return newest.instant;
}

function instantOf(text: string): Instant | undefined {
  const parts = rfc3339.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = parts;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`);
  if (Number.isNaN(ms) || !dayExists(Number(year), Number(month), Number(day)) || hour === '24') return undefined;
  return { ms, micros: fraction.padEnd(6, '0').slice(0, 6) };
}

function dayExists(year: number, month: number, day: number): boolean {
  return day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Milliseconds since 1970 of an RFC 3339 time; undefined without one, and when the text is none. */
export function parseTime(text: string | null | undefined): number | undefined {
  if (text === undefined || text === null) return undefined;
  const instant = parseInstant(text);
  return instant === undefined ? undefined : instant.ms + Math.floor(Number(instant.micros) / 1000);
}

let newestSecond = { second: Number.NaN, text: '' };

/** metav1.Time: UTC, whole seconds (the rest is cut off). */
export function timeText(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== newestSecond.second)
    newestSecond = { second, text: `${new Date(second * 1000).toISOString().slice(0, 19)}Z` };
  return newestSecond.text;
}

/** metav1.MicroTime: UTC, six digits. */
export function microTimeText(ms: number): string {
  const millis = String(Math.floor(ms) - Math.floor(ms / 1000) * 1000).padStart(3, '0');
  return `${timeText(ms).slice(0, 19)}.${millis}000Z`;
}

/** Objects carry the same few times, of their creation and their managers, through all their writes. */
const canonicalTimes = new Memo<string, string | undefined>({ bytesMax: 1024 * 1024 });

/** A client's metav1.Time as the server writes it; undefined when the text is no RFC 3339 time. */
export function canonicalTime(text: string): string | undefined {
  return canonicalTimes.of(text, rewritten);
}

function rewritten(text: string): string | undefined {
  const instant = parseInstant(text);
  return instant === undefined ? undefined : timeText(instant.ms);
}

/** A client's metav1.MicroTime as the server writes it; undefined when the text is no RFC 3339 time. */
export function canonicalMicroTime(text: string): string | undefined {
  const instant = parseInstant(text);
  return instant === undefined ? undefined : `${timeText(instant.ms).slice(0, 19)}.${instant.micros}Z`;
}

/** Time units as whole counts of a span in milliseconds. */
function spanOf(ms: number): { seconds: number; minutes: number; hours: number; days: number } {
  const seconds = Math.trunc(ms / 1000);
  const minutes = Math.trunc(seconds / 60);
  const hours = Math.trunc(minutes / 60);
  return { seconds, minutes, hours, days: Math.trunc(hours / 24) };
}

const pair = (big: string, small: number, unit: string): string => (small === 0 ? big : `${big}${small}${unit}`);

/** A span as tables print it: two units at most, coarser the longer it is. Clocks may be off by a second. */
export function durationText(spanMs: number): string {
  const { seconds, minutes, hours, days } = spanOf(spanMs);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return pair(`${minutes}m`, seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  if (hours < 8) return pair(`${hours}h`, minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (days < 8) return pair(`${days}d`, hours % 24, 'h');
  if (days < 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  return days < 365 * 8 ? pair(`${years}y`, days % 365, 'd') : `${years}y`;
}

/** The age cell of a table: time since an RFC 3339 instant, `<unknown>` without one. */
export function ageText(since: string | null | undefined, nowMs: number): string {
  const ms = parseTime(since);
  return ms === undefined ? '<unknown>' : durationText(nowMs - ms);
}
