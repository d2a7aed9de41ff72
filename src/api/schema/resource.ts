/** The facts of a served resource. */

import type { GroupResource } from '../object.ts';

/** A subresource of a resource: `status`, `scale`, `binding`, `log` … */
export interface SubresourceInfo {
  readonly name: string;
  /** Kind that is read and written there, with its group and version (Scale of autoscaling/v1 for instance). */
  readonly kind: string;
  readonly group: string;
  readonly version: string;
  readonly verbs: readonly string[];
  /** Schema type name of that kind; '' where the body is not a schema type (proxy, exec). */
  readonly type: string;
}

/** What the tables say of one served resource. */
export interface ServedResource {
  /** '' for core. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  /** Plural name, as in paths. */
  readonly resource: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  /** Schema type name, `core/v1.Pod`. */
  readonly type: string;
  readonly subresources: readonly SubresourceInfo[];
  /** Where its objects are stored; events.k8s.io/events and core events share one place. */
  readonly storage: GroupResource;
  /** Version in which objects are stored. */
  readonly storageVersion: string;
}
