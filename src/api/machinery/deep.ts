/** Deep copies, freezes and comparisons of JSON values. */
import { setOwn } from '../../base/index.ts';

/** A structural copy of a JSON value: fresh, unfrozen objects and arrays; members that are undefined are left out. */
export function deepClone<T>(value: T): T {
  return cloneValue(value) as T;
}

function cloneValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cloneValue);
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) if (member !== undefined) setOwn(copy, key, cloneValue(member));
  return copy;
}

/** Equality of JSON values. Order of keys does not matter; a member that is undefined counts as absent. */
export function deepEqual(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    for (let index = 0; index < left.length; index++) if (!deepEqual(left[index], right[index])) return false;
    return true;
  }
  return membersEqual(left as Record<string, unknown>, right as Record<string, unknown>, deepEqual);
}

function membersEqual(
  left: Record<string, unknown>,
  right: Record<string, unknown>,
  equal: (left: unknown, right: unknown) => boolean,
): boolean {
  for (const key of Object.keys(left)) if (!equal(left[key], right[key])) return false;
  for (const key of Object.keys(right))
    if (right[key] !== undefined && !Object.hasOwn(left, key) && !equal(undefined, right[key])) return false;
  return true;
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === 'object' && (Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0);
}

/** As `deepEqual`, but null, absent, [] and {} are all the same: what upstream calls semantic equality. */
export function semanticEqual(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (isEmpty(left) && isEmpty(right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => semanticEqual(item, (right as unknown[])[index]));
  }
  return membersEqual(left as Record<string, unknown>, right as Record<string, unknown>, semanticEqual);
}

/**
 * As `deepEqual`, but null, absent and [] are the same: storage keeps no empty lists. An empty struct stays a value of
 * its own.
 */
export function storedEqual(left: unknown, right: unknown): boolean {
  if (Object.is(left, right) || (isNoList(left) && isNoList(right))) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => storedEqual(item, right[index]))
    );
  }
  return membersEqual(left as Record<string, unknown>, right as Record<string, unknown>, storedEqual);
}

const isNoList = (value: unknown): boolean =>
  value === null || value === undefined || (Array.isArray(value) && value.length === 0);

/** Freezes a JSON value through and through and answers it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
