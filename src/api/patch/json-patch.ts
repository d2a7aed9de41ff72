/** JSON Patch (RFC 6902) as evanphx/json-patch applies it. */

import { limits, setOwn } from '../../base/index.ts';
import { badRequest, deepClone, deepEqual, ExcessError, tooLarge, unprocessablePatch } from '../machinery/index.ts';

/**
 * JSON patch (RFC 6902) in the dialect of upstream's library (evanphx/json-patch, version 4): `replace` also adds a
 * missing member, indices may count from the end, copying a missing member copies null. A patch that does not fit is a
 * 422.
 */
const operationsMax = 10_000;

type Container = Record<string, unknown> | unknown[];
interface Place {
  readonly container: Container;
  readonly key: string;
}
interface Operation {
  readonly op?: unknown;
  readonly path?: unknown;
  readonly from?: unknown;
  readonly value?: unknown;
}

/**
 * The patched document; neither argument is changed. Throws 400 for what is no patch, 413 for too many operations, 422
 * for what cannot be done.
 */
export function jsonPatch(document: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations))
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${jsonTypeName(operations)} into Go value of type jsonpatch.Patch`,
    );
  if (operations.length > operationsMax)
    throw tooLarge(
      `The allowed maximum operations in a JSON patch is ${operationsMax}, got ${operations.length}`,
      new ExcessError('json-patch', 'operations'),
    );
  let root = deepClone(document);
  let copiedCharacters = 0;
  let movedItems = 0;
  for (const operation of operations as unknown[]) {
    if (typeof operation !== 'object' || operation === null || Array.isArray(operation)) {
      throw badRequest(
        `error decoding patch: json: cannot unmarshal ${jsonTypeName(operation)} into Go value of type ` +
          'jsonpatch.Operation',
      );
    }
    // Copies of copies grow without bound; what they add up to is limited as a body is.
    if ((operation as Operation).op === 'copy')
      copiedCharacters += JSON.stringify(valueAt(placeOf(root, textOf((operation as Operation).from))) ?? null).length;
    if (copiedCharacters > limits.requestBytesMax) throw unprocessablePatch(new ExcessError('json-patch', 'copies'));
    movedItems += itemsBehind(root, operation);
    if (movedItems > limits.patchItemsMovedMax)
      throw tooLarge(
        `A JSON patch may move ${limits.patchItemsMovedMax} items of lists`,
        new ExcessError('json-patch', 'moves'),
      );
    root = applied(root, operation);
  }
  return root;
}

/** How many items of its lists an operation may move: the lengths of those that its paths end in. */
function itemsBehind(root: unknown, { op, path, from }: Operation): number {
  if (op === 'test' || op === 'replace') return 0;
  return lengthAt(root, path) + (op === 'move' ? lengthAt(root, from) : 0);
}

function lengthAt(root: unknown, path: unknown): number {
  if (typeof path !== 'string') return 0;
  try {
    const { container } = placeOf(root, path);
    return Array.isArray(container) ? container.length : 0;
  } catch {
    // The operation fails by itself.
    return 0;
  }
}

/** Of errors: the operation that could not be done, and whether it was a test that found another value. */
const failures = new WeakMap<object, { readonly op: unknown; readonly path: unknown }>();
const failedTests = new WeakSet();

export const isFailedTest = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && failedTests.has(error);

/** Which operation of a patch could not be done, in the words of upstream's library. Undefined: another error. */
export function patchFailure(error: unknown): string | undefined {
  const failed = typeof error === 'object' && error !== null ? failures.get(error) : undefined;
  if (failed === undefined) return undefined;
  if (isFailedTest(error)) return `testing value ${String(failed.path)} failed: test failed`;
  const path = JSON.stringify(failed.path);
  return `${String(failed.op)} operation does not apply: doc is missing path: ${path}: missing value`;
}

function applied(root: unknown, operation: Operation): unknown {
  try {
    return applyOperation(root, operation);
  } catch (error) {
    if (error instanceof Error) failures.set(error, { op: operation.op, path: operation.path });
    throw error;
  }
}

/** What Go's JSON decoder calls the type of a value. */
function jsonTypeName(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function applyOperation(root: unknown, operation: Operation): unknown {
  const path = textOf(operation.path);
  switch (operation.op) {
    case 'add':
      addAt(placeOf(root, path), deepClone(operation.value ?? null));
      return root;
    case 'replace':
      return replaceAt(root, path, operation.value ?? null);
    case 'remove':
      removeAt(placeOf(root, path));
      return root;
    case 'test':
      testAt(root, path, operation.value ?? null);
      return root;
    case 'move': {
      const from = placeOf(root, textOf(operation.from));
      const value = valueAt(from);
      removeAt(from);
      addAt(placeOf(root, path), value ?? null);
      return root;
    }
    case 'copy':
      addAt(placeOf(root, path), deepClone(valueAt(placeOf(root, textOf(operation.from))) ?? null));
      return root;
    default:
      throw unprocessablePatch();
  }
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw unprocessablePatch();
  return value;
}

/** The container that a path's last part names something in. */
function placeOf(root: unknown, path: string): Place {
  const parts = path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const key = parts.pop();
  if (key === undefined) throw unprocessablePatch();
  let at = root;
  for (const part of parts) at = valueAt({ container: containerOf(at), key: part });
  return { container: containerOf(at), key };
}

function containerOf(value: unknown): Container {
  if (typeof value !== 'object' || value === null) throw unprocessablePatch();
  return value as Container;
}

/** The value, undefined for a missing member of an object; an index outside its list is an error. */
function valueAt({ container, key }: Place): unknown {
  if (!Array.isArray(container)) return Object.hasOwn(container, key) ? container[key] : undefined;
  const index = indexOf(key, container.length);
  if (index < 0 || index >= container.length) throw unprocessablePatch();
  return container[index];
}

/** Reads an index; a negative one counts from the end. */
function indexOf(key: string, length: number): number {
  if (!/^-?(0|[1-9][0-9]*)$/.test(key)) throw unprocessablePatch();
  const index = Number(key);
  return index < 0 ? length + index : index;
}

function addAt({ container, key }: Place, value: unknown): void {
  if (!Array.isArray(container)) {
    setOwn(container, key, value);
    return;
  }
  // One place past the end is where `-` and an index equal to the length add.
  const index =
    key === '-' ? container.length : indexOf(key, key.startsWith('-') ? container.length + 1 : container.length);
  if (index < 0 || index > container.length) throw unprocessablePatch();
  container.splice(index, 0, value);
}

function removeAt({ container, key }: Place): void {
  if (Array.isArray(container)) {
    const index = indexOf(key, container.length);
    if (index < 0 || index >= container.length) throw unprocessablePatch();
    container.splice(index, 1);
    return;
  }
  if (!Object.hasOwn(container, key)) throw unprocessablePatch();
  delete container[key];
}

function replaceAt(root: unknown, path: string, value: unknown): unknown {
  if (path === '') return deepClone(containerOf(value));
  const place = placeOf(root, path);
  valueAt(place);
  if (Array.isArray(place.container)) place.container[indexOf(place.key, place.container.length)] = deepClone(value);
  else setOwn(place.container, place.key, deepClone(value));
  return root;
}

function testAt(root: unknown, path: string, value: unknown): void {
  const found = path === '' ? root : valueAt(placeOf(root, path));
  if (deepEqual(found ?? null, value)) return;
  const error = unprocessablePatch();
  failedTests.add(error);
  throw error;
}
