/**
 * Messages that cross machines. Types only say what is meant; whoever receives bytes parses them first.
 *
 * - api-request.ts: the NATS door, the same verbs and bodies as HTTP.
 * - participant.ts: external controllers: registration, reconcile requests, heartbeats.
 * - node-stream.ts: logs, exec, attach, port-forward and the kubelet's paths between a door and a node's
 *   agent, with flow control.
 * - stream-window.ts: the numbers, window and gaps of such a stream, the same pure steps at every end of one.
 * - kubelet-rights.ts: the right that is enough for a path of a kubelet, at the door and at the node.
 * - local-volumes.ts: names that members and agents share about volumes on a node's disk.
 * - csi-names.ts: names of CSI volumes in a Node's status, and of their attachments.
 * - address-sets.ts: which pods a NetworkPolicy speaks of, and in which EndpointSlices a node finds their addresses.
 * - usage-report.ts: CPU and memory in use on a node, from its agent to all members.
 * - lease-renewal.ts: signs of life of a node's agent, from it to all members.
 * - node-address.ts: by which address a node is reached from outside.
 * - ingress.ts: which Ingresses Troupe serves, which Secrets they need, and how a node says that it serves them.
 */
export {
  type AddressSet,
  addressSets,
  fingerprint,
  isNamed,
  peersOf,
  policyLabel,
  setLabel,
  selectedPodsOf,
  withPort,
} from './address-sets.ts';
export {
  type ApiReply,
  type ApiRequest,
  type ApiVerb,
  apiVerbs,
  type ControlMessage,
  doorHeaders,
  type StreamMessage,
} from './api-request.ts';
export { attachableName, attachmentName } from './csi-names.ts';
export { kubeletSubresource } from './kubelet-rights.ts';
export { type LeaseRenewal, parseLeaseRenewal, parseRenewalAnswer, type RenewalAnswer } from './lease-renewal.ts';
export { localVolumeFolder, localVolumes } from './local-volumes.ts';
export type {
  ParticipantControl,
  ReconcileAnswer,
  ReconcileRequest,
  RegisteredParticipant,
  Registration,
  RegistrationResource,
} from './participant.ts';
export {
  type AnswerHead,
  type LogOptions,
  type OpenStream,
  streamFrameBytesMax,
  type StreamFrame,
  type StreamOpened,
  type StreamRefused,
  streamWindowFrames,
} from './node-stream.ts';
export {
  defaultClassAnnotation,
  ingressController,
  ingressPortsAnnotation,
  servedIngresses,
  tlsSecretNames,
} from './ingress.ts';
export { parseAnswerHead, parseOpenStream, parseStreamFrame } from './node-stream-parsing.ts';
export { outsideAddresses } from './node-address.ts';
export { Pieces } from './pieces.ts';
export {
  acknowledgeSent,
  type Arrival,
  endWindow,
  mayNumberNext,
  numberNext,
  openWindow,
  receiveNumber,
  type StreamWindow,
  takeMessages,
} from './stream-window.ts';
export {
  type ContainerUsage,
  type MeasuredUsage,
  parseUsageReport,
  type PodUsage,
  type Usage,
  usagePeriodMs,
  type UsageReport,
  type UsageWindow,
} from './usage-report.ts';
