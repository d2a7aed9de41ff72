/** Validates conditions of the common form (metav1.Condition). */

import type { Condition, Sent } from '../objects/index.ts';
import {
  byteLength,
  type FieldError,
  duplicate,
  invalid,
  notSupported,
  qualifiedName,
  required,
  tooLong,
} from '../machinery/index.ts';
import { each, invalids, isSet } from './checks.ts';

const reasonBytesMax = 1024;
const messageBytesMax = 32 * 1024;
const statuses = ['False', 'True', 'Unknown'];
const reasonPattern = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const reasonText =
  'a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric ' +
  "characters or '_,:', " +
  "and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or " +
  "'ReasonA,ReasonB',  or 'ReasonA:ReasonB', " +
  `regex used for validation is '${reasonPattern}')`;

function reasonErrors(path: string, reason: string | undefined): FieldError[] {
  if (!isSet(reason)) return [required(path, 'must be set')];
  return [
    ...(new RegExp(`^${reasonPattern}$`).test(reason) ? [] : [invalid(path, reason, reasonText)]),
    ...(byteLength(reason) > reasonBytesMax ? [tooLong(path, reason, reasonBytesMax)] : []),
  ];
}

/** Errors of conditions of the common form, one of each type. */
export function conditionErrors(path: string, conditions: readonly Sent<Condition>[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return each(path, conditions, (condition, at) => {
    const { type = '', status = '', observedGeneration = 0, message = '' } = condition;
    const errors: FieldError[] = seen.has(type) ? [duplicate(`${at}.type`, type)] : [];
    seen.add(type);
    return [
      ...errors,
      ...invalids(`${at}.type`, type, qualifiedName(type)),
      ...(statuses.includes(status) ? [] : [notSupported(`${at}.status`, status, statuses)]),
      ...(observedGeneration < 0
        ? [invalid(`${at}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero')]
        : []),
      ...(isSet(condition.lastTransitionTime) ? [] : [required(`${at}.lastTransitionTime`, 'must be set')]),
      ...reasonErrors(`${at}.reason`, condition.reason),
      ...(byteLength(message) > messageBytesMax ? [tooLong(`${at}.message`, message, messageBytesMax)] : []),
    ];
  });
}
