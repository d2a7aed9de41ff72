/** The check of frames that come over the bus. */
import { isObject } from '../base/index.ts';
import type { Frame } from './frame.ts';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isFlag: Check = (value) => typeof value === 'boolean';
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(fields).every(([name, check]) => check(value[name]));
const valuesOf =
  (check: Check): Check =>
  (value) =>
    isObject(value) && Object.values(value).every(check);

const isCrash = shape({ address: isText, messageType: isText, error: isText, at: isNumber, count: isNumber });
const isRow = shape({
  address: isText,
  parent: optional(isText),
  state: optional(isText),
  restarts: optional(isNumber),
  lastCrash: optional(isCrash),
});
const isCounts: Check = (value) =>
  Array.isArray(value) && value.length === 4 && isText(value[0]) && value.slice(1).every(isNumber);
const isFigures = shape({
  residentBytes: isNumber,
  heapBytes: isNumber,
  cpuSeconds: isNumber,
  loopLagMs: isNumber,
  diskFreeBytes: optional(isNumber),
  diskBytes: optional(isNumber),
});
const isShard = shape({ shard: isText, owner: isText, epoch: isNumber, movingTo: optional(isText) });
const isStore = shape({
  member: isText,
  role: isText,
  leader: optional(isText),
  term: isNumber,
  commitIndex: isNumber,
  appliedIndex: isNumber,
  revision: isNumber,
  keys: isNumber,
  logBytes: isNumber,
  lastSyncMs: isNumber,
  voters: optional(listOf(isText)),
  learners: optional(listOf(isText)),
  alarms: optional(listOf(shape({ type: isText, message: isText }))),
  progress: optional(valuesOf(isNumber)),
});

const isFrame = shape({
  process: isText,
  role: (value) => value === 'member' || value === 'node',
  startedAt: isNumber,
  sequence: isNumber,
  at: isNumber,
  reset: optional(isFlag),
  silent: optional(isFlag),
  put: optional(listOf(isRow)),
  gone: optional(listOf(isText)),
  counts: optional(listOf(isCounts)),
  figures: optional(isFigures),
  store: optional(isStore),
  shards: optional(listOf(isShard)),
});

/**
 * A frame from a wire, or undefined for anything else: agents on other machines send frames, and no member may fall
 * over one.
 */
export function parseFrame(value: unknown): Frame | undefined {
  return isFrame(value) ? (value as Frame) : undefined;
}
