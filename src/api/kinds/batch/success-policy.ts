import { byteLength, type FieldError, invalid, required, tooLong, tooMany } from '../../machinery/index.ts';
import { each, nonNegative } from '../checks.ts';
import type { JobSpec, SuccessPolicyRule } from '../types/batch.ts';

const rulesMax = 20;
const indexesBytesMax = 64 * 1024;

/** Errors of an indexed job's successPolicy. */
export function successPolicyErrors(spec: JobSpec, path: string): FieldError[] {
  const rules = spec.successPolicy?.rules ?? [];
  const rulesPath = `${path}.rules`;
  return [
    ...(rules.length === 0 ? [required(rulesPath, 'at least one rules must be specified when the successPolicy is specified')] : []),
    ...(rules.length > rulesMax ? [tooMany(rulesPath, rules.length, rulesMax)] : []),
    ...each(rulesPath, rules, (rule, at) => ruleErrors(rule, at, spec.completions ?? 0)),
  ];
}

function ruleErrors({ succeededCount, succeededIndexes }: SuccessPolicyRule, path: string, completions: number): FieldError[] {
  if (succeededCount === undefined && succeededIndexes === undefined) return [required(path, 'at least one of succeededCount or succeededIndexes must be specified')];
  const errors: FieldError[] = [];
  const indexesPath = `${path}.succeededIndexes`;
  const indexes = succeededIndexes === undefined ? undefined : countIndexes(succeededIndexes, completions);
  if (succeededIndexes !== undefined && byteLength(succeededIndexes) > indexesBytesMax) errors.push(tooLong(indexesPath, succeededIndexes, indexesBytesMax));
  if (typeof indexes === 'string') errors.push(invalid(indexesPath, succeededIndexes, `error parsing succeededIndexes: ${indexes}`));
  if (succeededCount === undefined) return errors;
  const countPath = `${path}.succeededCount`;
  errors.push(...nonNegative(countPath, succeededCount));
  if (succeededCount > completions) errors.push(invalid(countPath, succeededCount, `must be less than or equal to ${completions} (the number of specified completions)`));
  if (typeof indexes === 'number' && succeededCount > indexes) {
    errors.push(invalid(countPath, succeededCount, `must be less than or equal to ${indexes} (the number of indexes in the specified succeededIndexes field)`));
  }
  return errors;
}

/** How many indexes `1,3-5` names, or what is wrong with it. */
function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let count = 0;
  let last = -1;
  for (const range of text.split(',')) {
    const limits = range.split('-');
    if (limits.length > 2) return `cannot parse index interval ${JSON.stringify(range)}: must have at most one "-"`;
    const numbers = limits.map((limit) => (/^\d+$/.test(limit) ? Number(limit) : undefined));
    const [first, second = first] = numbers;
    const bad = limits.find((_limit, index) => numbers[index] === undefined);
    if (first === undefined || second === undefined || bad !== undefined) return `cannot convert string to integer for index: ${JSON.stringify(bad ?? range)}`;
    if (first >= completions || second >= completions) return `too large index: ${JSON.stringify(String(first >= completions ? first : second))}`;
    if (first <= last) return `non-increasing order, previous: ${last}, current: ${first}`;
    if (limits.length === 2 && second <= first) return `non-increasing order, previous: ${first}, current: ${second}`;
    count += second - first + 1;
    last = second;
  }
  return count;
}
