/**
 * The vocabulary of stored Kubernetes objects.
 *
 * The types come from the schema tables (scripts/object-types.ts): a field that the API always sets is not optional, an
 * object is read-only. `Sent<Pod>` is the same type for what a client sent, `New<Pod>` for what we write, `View<Pod>`
 * for what a rule reads of any of them. Beside them stand the rules about one noun each (pod, node, endpoint slice,
 * conditions), which every component shares.
 */

export type * from './generated/admissionregistration-v1.ts';
export type * from './generated/admissionregistration-v1alpha1.ts';
export type * from './generated/apiextensions-v1.ts';
export type * from './generated/apiregistration-v1.ts';
export type * from './generated/apps-v1.ts';
export type * from './generated/authentication-v1.ts';
export type * from './generated/authorization-v1.ts';
export type * from './generated/autoscaling-v1.ts';
export type * from './generated/autoscaling-v2.ts';
export type * from './generated/batch-v1.ts';
export type * from './generated/certificates-v1.ts';
export type * from './generated/coordination-v1.ts';
export type * from './generated/core-v1.ts';
export type * from './generated/discovery-v1.ts';
export type * from './generated/events-v1.ts';
export type * from './generated/flowcontrol-v1.ts';
export type * from './generated/meta-v1.ts';
export type * from './generated/metrics-v1beta1.ts';
export type * from './generated/networking-v1.ts';
export type * from './generated/node-v1.ts';
export type * from './generated/policy-v1.ts';
export type * from './generated/rbac-v1.ts';
export type * from './generated/resource-v1beta1.ts';
export type * from './generated/scheduling-v1.ts';
export type * from './generated/storage-v1.ts';
export { resources } from './generated/resources.ts';
export { type ConditionFields, findCondition, isConditionTrue, setCondition, withoutCondition } from './conditions.ts';
export {
  endpointsTrigger,
  isEndpointReady,
  isServingWhileTerminating,
  readyEndpoints,
  serviceNameLabel,
  serviceOfSlice,
  slicesOfService,
} from './endpoint-slice.ts';
export { newEvent, referenceTo } from './event.ts';
export { controllerOf, sameResource } from './metadata.ts';
export {
  isLeaving,
  isNodeReady,
  isUnschedulable,
  nodeAddress,
  nodeAddresses,
  podRangesOf,
  zoneLabel,
  zoneOf,
} from './node.ts';
export { isTolerated, nodeSelectorAllows, nodeTermMatches, requiredNodeTerms, tolerates } from './node-placement.ts';
export {
  findVolume,
  hasOtherMode,
  isDefaultClass,
  isReservedFor,
  mismatchOf,
  storageClassNameOf,
  volumeAnnotations,
} from './persistent-volume.ts';
export { deviceFinalizer, isClaimFor, isReservedForPod, podClaimNames, podClaimOf, podConsumer } from './pod-claims.ts';
export {
  allContainers,
  type HostPort,
  hostPorts,
  hostPortsClash,
  isActive,
  isFinished,
  isReady,
  isSidecar,
  mirrorAnnotation,
  mirroredUid,
  nonEphemeralContainers,
  podAddresses,
  podGraceSeconds,
} from './pod.ts';
export { containerResources, podResources, podResourcesInUse } from './pod-resources.ts';
export { qualityOfService } from './quality-of-service.ts';
export { addAmounts, type ResourceAmounts, resourceAmounts } from './resource-amounts.ts';
export { addressNamesOf, canonicalAddress, heldAddress, holdsForService } from './ip-address.ts';
export { isHeadless, needsHealthCheckPort, needsNodePorts } from './service.ts';
export type { StoredObject } from './stored.ts';
export type { New, Sent, View } from './views.ts';
