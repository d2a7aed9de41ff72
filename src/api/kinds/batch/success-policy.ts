/** Validates successPolicy of a Job. */

import type { JobSpec, Sent, SuccessPolicyRule } from '../../objects/index.ts';
import { byteLength, type FieldError, invalid, required, tooLong, tooMany } from '../../machinery/index.ts';
import { each, nonNegative } from '../checks.ts';
import { countIndexes } from './indexes.ts';

const rulesMax = 20;
const indexesBytesMax = 64 * 1024;

/** Errors of an indexed job's successPolicy. */
export function successPolicyErrors(spec: Sent<JobSpec>, path: string): FieldError[] {
  const rules = spec.successPolicy?.rules ?? [];
  const rulesPath = `${path}.rules`;
  return [
    ...(rules.length === 0
      ? [required(rulesPath, 'at least one rules must be specified when the successPolicy is specified')]
      : []),
    ...(rules.length > rulesMax ? [tooMany(rulesPath, rules.length, rulesMax)] : []),
    ...each(rulesPath, rules, (rule, at) => ruleErrors(rule, at, spec.completions ?? 0)),
  ];
}

function ruleErrors(
  { succeededCount, succeededIndexes }: Sent<SuccessPolicyRule>,
  path: string,
  completions: number,
): FieldError[] {
  if (succeededCount === undefined && succeededIndexes === undefined)
    return [required(path, 'at least one of succeededCount or succeededIndexes must be specified')];
  const errors: FieldError[] = [];
  const indexesPath = `${path}.succeededIndexes`;
  const indexes = succeededIndexes === undefined ? undefined : countIndexes(succeededIndexes, completions);
  if (succeededIndexes !== undefined && byteLength(succeededIndexes) > indexesBytesMax)
    errors.push(tooLong(indexesPath, succeededIndexes, indexesBytesMax));
  if (typeof indexes === 'string')
    errors.push(invalid(indexesPath, succeededIndexes, `error parsing succeededIndexes: ${indexes}`));
  if (succeededCount === undefined) return errors;
  const countPath = `${path}.succeededCount`;
  errors.push(...nonNegative(countPath, succeededCount));
  if (succeededCount > completions)
    errors.push(
      invalid(
        countPath,
        succeededCount,
        `must be less than or equal to ${completions} (the number of specified completions)`,
      ),
    );
  const named = typeof indexes === 'number' ? indexes : 0;
  if (indexes !== undefined && succeededCount > named) {
    errors.push(
      invalid(
        countPath,
        succeededCount,
        `must be less than or equal to ${named} (the number of indexes in the specified succeededIndexes field)`,
      ),
    );
  }
  return errors;
}
