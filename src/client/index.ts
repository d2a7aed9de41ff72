/**
 * `@troupe/client`: the whole API over NATS, for programs in TypeScript and JavaScript.
 *
 *   connect() -> Client ── of(kinds.deployments) -> list, get, create, update, patch, apply, delete, watch
 *                       ├─ informer(…)            a list, a watch, a cache, handlers
 *                       ├─ election(…)            one leader among several, by a Lease
 *                       └─ exec(…), logs(…)
 *
 * Built as a package of its own (dist/client), with types; docs/nats.md has worked examples. Contract: every failure of
 * a request is an ApiError with the API's status, reason and message; a connection that is lost comes back by itself,
 * and what was under way then fails as retryable. Types of the built-in kinds are made from the schema tables; `kindOf`
 * names any other kind.
 */
export { type Client, type ClientOptions, connect, openClient } from './client.ts';
export {
  ApiError,
  type ApplyOptions,
  type Collection,
  type DeleteOptions,
  type Informer,
  type InformerHandlers,
  type InformerOptions,
  type Kind,
  type KindInfo,
  kindOf,
  type KubernetesObject,
  type ListOptions,
  type ListPage,
  type PatchType,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from './core/index.ts';
export { type Election, type ElectionOptions } from './election.ts';
export { kinds } from './kinds/table.ts';
export type * from './kinds/types.ts';
export { type ExecOptions, type ExecResult, type LogOptions } from './pod-streams.ts';
