/** What every Kubernetes object has, whatever its kind, and how its collection is named. */
import type { ObjectMeta } from './objects/generated/meta-v1.ts';

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };
/** A JSON object that a strategy may still change (before it is stored; stored objects are frozen). */
export type JsonObject = { [key: string]: unknown };

/** A Kubernetes object of any kind. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly [field: string]: unknown;
}

/** The members of an object that are not undefined: for stored objects and documents, in which an absent key counts. */
export function definedMembers<T extends object>(object: T): { [key in keyof T]: Exclude<T[key], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [key in keyof T]: Exclude<T[key], undefined>;
  };
}

/** Names one collection. `group` is '' for core. */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}
