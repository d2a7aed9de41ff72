/**
 * The NATS client itself, over any Bus: what `@troupe/client` publishes and what nodes use to reach the API.
 *
 *   Wire ── requests (requests.ts)   one inbox, one answer each, bodies in pieces
 *        └─ streams (stream.ts)      numbered, acknowledged, ended when silent
 *   queries.ts    the requests of each verb
 *   collection.ts a kind's objects, typed        informer.ts   a copy that is kept up to date
 *
 * Contract: every failure is an ApiError; what is under way when the connection or its member is lost fails at once as
 * retryable; what begins without a connection waits for it. Objects travel as JSON, so that the door passes on the
 * stored bytes without parsing them; bytes of channels travel as msgpack.
 */
export { ApiError } from './api-error.ts';
export {
  type ApplyOptions,
  type Collection,
  collectionOf,
  type DeleteOptions,
  type PatchType,
  type WriteOptions,
} from './collection.ts';
export { CollectionInformer, type Informer, type InformerHandlers, type InformerOptions } from './informer.ts';
export { type Kind, type KindInfo, kindOf, type KubernetesObject } from './kind.ts';
export type { WirePorts } from './ports.ts';
export {
  listObjects,
  type ListOptions,
  type ListPage,
  listQuery,
  patchContentTypes,
  requestOf,
  type WatchEvent,
  type WatchOptions,
  writeQuery,
} from './queries.ts';
export { createWire, type Wire } from './wire.ts';
