/**
 * Admission: what the cluster has to say about a write after it is known who asks and before it is stored.
 *
 * An ordered list of plug-ins, one file each, as kube-apiserver has them by default. Each is a plain object of one or
 * two functions over an AdmissionRequest; most answer at once, from the local replica, and only those that must wait
 * return a promise, so that a write usually runs from admission to its transaction without giving way to another.
 *
 *   mutating, in order  ->  prepare and validate the object  ->  validating, in order  ->  transaction
 */
export { admissionChain } from './chain.ts';
export {
  type AdmissionConfiguration,
  type EventLimit,
  eventLimitTypes,
  type ImagePolicy,
  type PodSecurityDefaults,
} from './configuration.ts';
export type { AdmissionPlugin } from '../ports.ts';
export type { AdmissionRequest } from './request.ts';
