/** Lists of completion indexes. */

/**
 * Lists of completion indexes as a job's fields have them: `1,3-5`, increasing, each below the number of completions.
 * Errors have upstream's texts.
 */
interface IndexInterval {
  readonly first: number;
  readonly last: number;
}

/** An index as Go's Atoi reads it. */
function indexOf(text: string, completions: number): number | string {
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(Number(text)))
    return `cannot convert string to integer for index: ${JSON.stringify(text)}`;
  return Number(text) >= completions ? `too large index: ${JSON.stringify(text)}` : Number(text);
}

/** One interval, or what is wrong with it. */
function parseInterval(text: string, completions: number): IndexInterval | string {
  const [low = '', high, ...more] = text.split('-');
  if (more.length > 0)
    return (
      `the fragment ${JSON.stringify(text)} violates the requirement ` +
      'that an index interval can have at most two ' +
      `parts separated by '-'`
    );
  const first = indexOf(low, completions);
  if (typeof first === 'string') return first;
  const last = high === undefined ? first : indexOf(high, completions);
  if (typeof last === 'string') return last;
  return high !== undefined && first >= last
    ? `non-increasing order, previous: ${first}, current: ${last}`
    : { first, last };
}

/** How many indexes a list names, or what is wrong with it. */
export function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let count = 0;
  let previous: number | undefined;
  for (const part of text.split(',')) {
    const interval = parseInterval(part, completions);
    if (typeof interval === 'string') return interval;
    if (previous !== undefined && previous >= interval.first)
      return `non-increasing order, previous: ${previous}, current: ${interval.first}`;
    count += interval.last - interval.first + 1;
    previous = interval.last;
  }
  return count;
}

/** The first index that both lists name; what cannot be read is passed over. */
export function overlap(left: string, right: string, completions: number): number | undefined {
  const intervals = (text: string): IndexInterval[] =>
    text
      .split(',')
      .map((part) => parseInterval(part, completions))
      .filter((interval) => typeof interval !== 'string');
  const [lefts, rights] = [intervals(left), intervals(right)];
  for (let l = 0, r = 0; ;) {
    const [one, other] = [lefts[l], rights[r]];
    if (one === undefined || other === undefined) return undefined;
    if (one.first <= other.last && other.first <= one.last) return Math.max(one.first, other.first);
    if (one.first <= other.first) l += 1;
    else r += 1;
  }
}
