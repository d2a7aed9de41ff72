/** Validates cron schedules. */

/**
 * Checks the text of a schedule as robfig/cron's standard parser reads it: five fields, or a descriptor such as
 * `@hourly`. Only the text is judged here, in the parser's words; when it is due is the controller's business.
 */
interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const fieldBounds: readonly Bounds[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: days },
];
const descriptors: ReadonlySet<string> = new Set([
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@midnight',
  '@hourly',
]);
const everyPrefix = '@every ';

/** Why a part cannot be read; thrown and caught within this file. */
class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

/** What is wrong with a schedule; undefined when it is good. */
export function scheduleProblem(schedule: string): string | undefined {
  try {
    checkSchedule(schedule);
    return undefined;
  } catch (error) {
    if (error instanceof ScheduleError) return error.message;
    throw error;
  }
}

/** Whether the time zone is one of the IANA database. */
export function isTimeZone(name: string): boolean {
  try {
    const found = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    // The case matters, but not to Intl.
    return !/^[+-]/.test(name) && (found === name || found.toLowerCase() !== name.toLowerCase());
  } catch {
    return false;
  }
}

function checkSchedule(schedule: string): void {
  if (schedule === '') throw new ScheduleError('empty spec string');
  const text = withoutZone(schedule);
  if (text.startsWith('@')) {
    checkDescriptor(text);
    return;
  }
  const fields = text.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== fieldBounds.length)
    throw new ScheduleError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  fieldBounds.forEach((bounds, index) => {
    for (const range of (fields[index] ?? '').split(',')) if (range !== '') checkRange(range, bounds);
  });
}

function withoutZone(schedule: string): string {
  if (!/^(CRON_)?TZ=/.test(schedule)) return schedule;
  const space = schedule.indexOf(' ');
  // Upstream's parser panics on a zone without a schedule; the text of the panic is the error.
  if (space < 0) throw new ScheduleError('invalid schedule format: runtime error: slice bounds out of range [:-1]');
  const zone = schedule.slice(schedule.indexOf('=') + 1, space);
  if (!isTimeZone(zone)) throw new ScheduleError(`provided bad location ${zone}: unknown time zone ${zone}`);
  return schedule.slice(space).trim();
}

function checkDescriptor(text: string): void {
  if (descriptors.has(text)) return;
  if (!text.startsWith(everyPrefix)) throw new ScheduleError(`unrecognized descriptor: ${text}`);
  const duration = text.slice(everyPrefix.length);
  if (
    !/^[+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*$|^[+-]?0$/.test(duration)
  ) {
    throw new ScheduleError(`failed to parse duration ${text}: time: invalid duration ${JSON.stringify(duration)}`);
  }
}

function checkRange(expression: string, bounds: Bounds): void {
  const [range = '', stepText, ...moreSlashes] = expression.split('/');
  const [low = '', high, ...moreHyphens] = range.split('-');
  const any = low === '*' || low === '?';
  const start = any ? bounds.min : numberOf(low, bounds);
  if (!any && moreHyphens.length > 0) throw new ScheduleError(`too many hyphens: ${expression}`);
  let end = any ? bounds.max : high === undefined ? start : numberOf(high, bounds);
  if (moreSlashes.length > 0) throw new ScheduleError(`too many slashes: ${expression}`);
  const step = stepText === undefined ? 1 : numberOf(stepText, { ...bounds, names: [] });
  if (stepText !== undefined && high === undefined) end = bounds.max;
  if (start < bounds.min)
    throw new ScheduleError(`beginning of range (${start}) below minimum (${bounds.min}): ${expression}`);
  if (end > bounds.max) throw new ScheduleError(`end of range (${end}) above maximum (${bounds.max}): ${expression}`);
  if (start > end) throw new ScheduleError(`beginning of range (${start}) beyond end of range (${end}): ${expression}`);
  if (step === 0) throw new ScheduleError(`step of range should be a positive number: ${expression}`);
}

function numberOf(text: string, { min, names }: Bounds): number {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return named + min;
  if (!/^[+-]?\d+$/.test(text))
    throw new ScheduleError(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  const value = Number(text);
  if (value < 0) throw new ScheduleError(`negative number (${value}) not allowed: ${text}`);
  return value;
}
