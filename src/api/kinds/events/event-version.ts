/** Converts Events between core/v1 and events.k8s.io/v1. */

import type { JsonObject } from '../../object.ts';

/** Fields that events.k8s.io/v1 names differently than core/v1, where events are stored. */
const renamed: readonly (readonly [string, string])[] = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
];

function rename(
  object: Readonly<Record<string, unknown>>,
  names: ReadonlyMap<string, string>,
  apiVersion: string,
): JsonObject {
  const result: JsonObject = {};
  for (const [field, value] of Object.entries(object))
    result[names.get(field) ?? field] = field === 'apiVersion' ? apiVersion : value;
  return result;
}

const toCore = new Map(renamed);
const fromCore = new Map(renamed.map(([versioned, core]) => [core, versioned]));

/** An events.k8s.io/v1 Event as the core/v1 Event that is stored. */
export const coreEventOf = (object: Readonly<Record<string, unknown>>): JsonObject => rename(object, toCore, 'v1');

/** The way back. */
export const versionedEventOf = (object: Readonly<Record<string, unknown>>): JsonObject =>
  rename(object, fromCore, 'events.k8s.io/v1');
