/** An API operation, independent of the OpenAPI version. */

import type { GroupVersionKind } from '../schema/index.ts';

export type Method = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch';
export type Action =
  | 'get'
  | 'list'
  | 'post'
  | 'put'
  | 'patch'
  | 'delete'
  | 'deletecollection'
  | 'watch'
  | 'watchlist'
  | 'connect'
  | 'discover';

export interface Parameter {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'array';
  readonly in: 'query' | 'path';
}

/** What one method of one path does, before it is written in either version of OpenAPI. */
export interface Operation {
  readonly method: Method;
  readonly action: Action;
  readonly id: string;
  readonly tag: string;
  /** Absent where no kind is meant: discovery. */
  readonly kind?: GroupVersionKind | undefined;
  readonly query: readonly Parameter[];
  /** Schema type of the body; `meta/v1.Patch` for patches. */
  readonly body?: { readonly type: string; readonly required: boolean } | undefined;
  /** Schema type of the answer by status code; 'text' where it is no object. */
  readonly answers: Readonly<Record<string, string>>;
  /** Media types of what is no resource, or a custom one; those of others follow from the action. */
  readonly media?: { readonly consumes: readonly string[]; readonly produces: readonly string[] } | undefined;
}

export interface PathOperations {
  readonly path: string;
  readonly operations: readonly Operation[];
  /** Query parameters that every method of the path takes besides those that all its operations name. */
  readonly query: readonly Parameter[];
}

const strings = (...names: readonly string[]): readonly Parameter[] =>
  names.map((name) => ({ name, type: 'string', in: 'query' }));
const integers = (...names: readonly string[]): readonly Parameter[] =>
  names.map((name) => ({ name, type: 'integer', in: 'query' }));
const booleans = (...names: readonly string[]): readonly Parameter[] =>
  names.map((name) => ({ name, type: 'boolean', in: 'query' }));
const sorted = (...parameters: readonly Parameter[]): readonly Parameter[] =>
  [...parameters].sort((left, right) => (left.name < right.name ? -1 : 1));

const selection = [
  ...strings('continue', 'fieldSelector', 'labelSelector', 'resourceVersion', 'resourceVersionMatch'),
  ...integers('limit', 'timeoutSeconds'),
  ...booleans('sendInitialEvents'),
];
const deletion = [
  ...strings('dryRun', 'propagationPolicy'),
  ...integers('gracePeriodSeconds'),
  ...booleans('ignoreStoreReadErrorWithClusterBreakingPotential', 'orphanDependents'),
];
const writing = strings('dryRun', 'fieldManager', 'fieldValidation');
const listing = sorted(...selection, ...booleans('allowWatchBookmarks', 'watch'));

/** Query parameters by what the operation does. */
export const queryOfAction: Readonly<Record<Action, readonly Parameter[]>> = {
  get: [],
  list: listing,
  watch: listing,
  watchlist: listing,
  post: writing,
  put: writing,
  patch: sorted(...writing, ...booleans('force')),
  delete: sorted(...deletion),
  deletecollection: sorted(...selection, ...deletion),
  connect: [],
  discover: [],
};
