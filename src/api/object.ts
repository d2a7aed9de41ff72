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

/** Names one collection. `group` is '' for core. */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}
