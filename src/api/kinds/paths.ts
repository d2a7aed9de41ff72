/** Checks of file paths and file modes. */

import { type FieldError, invalid } from '../machinery/index.ts';

/** One error when some part of a path between slashes is `..`. */
export function noBacksteps(path: string, value: string): FieldError[] {
  return value.split('/').includes('..') ? [invalid(path, value, "must not contain '..'")] : [];
}

/** A path below some folder: relative, without `..`. */
export function localDescendingPath(path: string, value: string): FieldError[] {
  const absolute = value.startsWith('/') ? [invalid(path, value, 'must be a relative path')] : [];
  return [...absolute, ...noBacksteps(path, value)];
}

/** The same, and not beginning with `..` in any other way. */
export function localUnreservedPath(path: string, value: string): FieldError[] {
  const errors = localDescendingPath(path, value);
  if (value.startsWith('..') && !value.startsWith('../')) errors.push(invalid(path, value, "must not start with '..'"));
  return errors;
}

/** Unix permission bits. */
export function fileMode(path: string, mode: number | undefined): FieldError[] {
  return mode !== undefined && (mode < 0 || mode > 0o777)
    ? [invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
    : [];
}
