/** Checks and reads the options of lists and watches. */
import {
  badRequest,
  type FieldError,
  forbidden,
  invalidError,
  notSupported,
  type StatusError,
} from '../../api/index.ts';
import type { ListRequest, WatchOptions } from '../service.ts';

const path = 'resourceVersionMatch';

function listErrors(options: ListRequest & { readonly sendInitialEvents?: boolean | undefined }): FieldError[] {
  const errors: FieldError[] = [];
  const { resourceVersionMatch: match = '', resourceVersion = '' } = options;
  if (match !== '') {
    if (resourceVersion === '')
      errors.push(forbidden(path, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    if ((options.continue ?? '') !== '')
      errors.push(forbidden(path, 'resourceVersionMatch is forbidden when continue is provided'));
    if (match !== 'Exact' && match !== 'NotOlderThan')
      errors.push(notSupported(path, match, ['Exact', 'NotOlderThan', '']));
    if (match === 'Exact' && resourceVersion === '0')
      errors.push(forbidden(path, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (options.sendInitialEvents !== undefined)
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  return errors;
}

function watchErrors(options: WatchOptions): FieldError[] {
  const errors: FieldError[] = [];
  const { resourceVersionMatch: match = '' } = options;
  if (options.sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(forbidden(path, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if (match === '') return errors;
  if (options.sendInitialEvents === undefined)
    errors.push(forbidden(path, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
  if (match !== 'NotOlderThan') errors.push(notSupported(path, match, ['NotOlderThan']));
  if ((options.continue ?? '') !== '')
    errors.push(forbidden(path, 'resourceVersionMatch is forbidden when continue is provided'));
  return errors;
}

function refuse(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidError({ group: 'meta.k8s.io', kind: 'ListOptions', name: '', errors });
}

/** Throws the Invalid that upstream answers to list options that contradict each other. */
export function checkListOptions(options: ListRequest): void {
  refuse(listErrors(options));
}

export function checkWatchOptions(options: WatchOptions): void {
  refuse(watchErrors(options));
}

const digits = /^\d+$/;

/**
 * The number that a resourceVersion stands for: undefined for '' (the newest), 0 for any. Throws 400 for anything else.
 */
export function parseResourceVersion(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (!digits.test(text) || !Number.isSafeInteger(Number(text))) throw badResourceVersion(text);
  return Number(text);
}

function badResourceVersion(text: string): StatusError {
  const reason = digits.test(text) ? 'value out of range' : 'invalid syntax';
  return badRequest(
    `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ` +
      `${JSON.stringify(text)}: ${reason}`,
  );
}
