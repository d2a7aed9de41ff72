/**
 * The parts of Kubernetes objects that a node reads, as types, and the few conversions it needs.
 *
 * Contract: types only say what the API has validated already; nothing is checked again here.
 */
export type * from './pod.ts';
export {
  type Endpoint,
  type EndpointSlice,
  type NodeCondition,
  type NetworkPolicy,
  type NodeObject,
  type Service,
  serviceNameLabel,
  type ServicePort,
} from './network.ts';
export { milliCores, quantityNumber } from './quantity.ts';
export { resources, sameResource } from './resources.ts';
