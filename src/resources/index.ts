/**
 * The one write path: what it means to create, read, change, watch and delete an object of any kind.
 *
 * A door hands over a Target (which resource), a body as it came in, and who asks; the service answers the committed
 * record or throws a StatusError with upstream's reason, code, texts and details. It knows no kind by name except where
 * Kubernetes itself makes an exception (namespaces, services' addresses, bindings …): what is particular comes from
 * src/api.
 *
 *   body -> decode, default -> ownership -> admission -> prepare, validate -> allocate -> one store transaction ->
 *   record
 *
 * Every write rests on the version it read: the transaction compares that revision, and when another writer came first
 * it is read and tried again. Reads and watches are answered from the local replica's memory with the stored bytes,
 * unparsed. A ResourceClient is the same API for Troupe's own parts, in process or over the bus; a ResourceView is what
 * they read from.
 *
 *   writing/    create, update, patch       admission/   the plug-ins that may change or refuse a write
 *   deletion/   one object or many          allocation/  addresses and ports        quota/  what a write costs
 *   reading/    lists, page by page         subresources/, conversion/               bootstrap/  the first objects
 *   watching/   events and bookmarks        clients/     the API for Troupe's own parts
 *   stored/     keys, bytes and versions in the store, and the transaction that changes them
 *   events/     what components report about objects
 */
export type {
  CollectionRef,
  DeletionOptions,
  FactsQuery,
  ListQuery,
  ObjectChange,
  ObjectFacts,
  ObjectRef,
  Patch,
  ResourceClient,
  ResourceView,
  WriteOptions,
  Written,
} from './client.ts';
export type {
  DeleteResult,
  ListRequest,
  ListResult,
  RequestBody,
  ResourceService,
  Target,
  Requester,
  RecordEvent,
  SharedEvent,
  WatchOptions,
  WatchSink,
  WriteContext,
  WriteResult,
} from './service.ts';
export { actOn } from './client.ts';
export {
  type AdmissionConfiguration,
  type AdmissionPlugin,
  type AdmissionRequest,
  type EventLimit,
  eventLimitTypes,
  type ImagePolicy,
  type PodSecurityDefaults,
} from './admission/index.ts';
export { builtInCatalogue, type ResourceCatalogue } from './catalogue.ts';
export { webhookAdmission } from './admission/webhooks/index.ts';
export {
  type ApiEndpoint,
  bootstrapObjects,
  controllerRules,
  ownControllerRoles,
  putApiEndpoints,
} from './bootstrap/index.ts';
export { repairAllocations } from './allocation/index.ts';
export { busClient, busView, type BusViewOptions, localClient, storeView } from './clients/index.ts';
export { type AskedDelete, askedDelete, type SettledDelete, settleDeleteOptions } from './deletion/delete-options.ts';
export { type EventRecorder, eventRecorder } from './events/index.ts';
export { factsOf } from './stored/facts.ts';
export { epochFence, grantEpoch, revokeEpoch, revokeEpochs } from './stored/fence.ts';
export { resourceSteps, settleNamespace } from './writing/body.ts';
export { type NodeRenewals, openNodeRenewals } from './renewals/node-renewals.ts';
export { wipeSystemMetadata } from './writing/metadata.ts';
export { type IssuedToken, systemUser, type TokenOrder } from './ports.ts';
export { currentUsage } from './quota/index.ts';
export { createResourceService, type MemberService } from './resource-service.ts';
export { addressOf, type CallOptions, tracedCalls, type WebhookCall } from './webhook-client.ts';
