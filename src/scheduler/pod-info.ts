/** What the scheduler computes once for each version of a pod. */
import {
  controllerOf,
  type HostPort,
  hostPorts,
  type Labels,
  labelSelectorMatches,
  type Pod,
  type PodAffinityTerm,
} from '../api/index.ts';
import { type Amounts, assumedRequestsOf, requestsOf, sameAmounts } from './amounts.ts';

/** A term of pod affinity, ready to be asked. Equal terms have equal keys. */
export interface AffinityTerm {
  readonly key: string;
  readonly topologyKey: string;
  readonly weight: number;
  /** Whether a pod is one the term speaks of. */
  matches(pod: PlacedInfo, namespaceLabels: (namespace: string) => Labels): boolean;
}

/** What the scheduler reads of the pod itself once it has a place. */
interface PlacedPod extends Pick<Pod, 'apiVersion' | 'kind'> {
  readonly metadata: Pick<Pod['metadata'], 'name' | 'namespace' | 'uid' | 'creationTimestamp' | 'deletionTimestamp'>;
  readonly status: Pick<Pod['status'], 'startTime'>;
}

/** What the scheduler knows of a pod, computed once for each version of it. */
export interface PodInfo extends PlacedInfo {
  readonly pod: Pod;
}

/** What it keeps of every pod that has a place: not the pod, of which a large cluster has very many. */
export interface PlacedInfo {
  readonly pod: PlacedPod;
  readonly uid: string;
  readonly key: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly priority: number;
  readonly requests: Amounts;
  /** Requests for scoring: containers without requests count with a usual need. */
  readonly assumed: Amounts;
  readonly hostPorts: readonly HostPort[];
  readonly requiredAffinity: readonly AffinityTerm[];
  readonly requiredAntiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly AffinityTerm[];
  readonly preferredAntiAffinity: readonly AffinityTerm[];
  /** The claims that it names. */
  readonly claims: readonly string[];
  /** The CSI drivers of its inline volumes, one entry for each. */
  readonly inlineDrivers: readonly string[];
  /** The UID of the pod's controller: its siblings are spread. */
  readonly ownerUid: string | undefined;
}

/** What most pods have of most lists: a large cluster has very many pods. */
const none: readonly never[] = Object.freeze([]);
const orNone = (list: readonly string[]): readonly string[] => (list.length === 0 ? none : list);

/** The claims that a pod names; a generic ephemeral volume's claim is named after pod and volume. */
export function claimNames(pod: Pod): readonly string[] {
  const named = (pod.spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
  return [...named, ...ephemeralClaimNames(pod)];
}

/** The claims that are made for a pod, after its volumes. */
export const ephemeralClaimNames = ({ metadata, spec }: Pod): readonly string[] =>
  (spec.volumes ?? []).flatMap(({ name, ephemeral }) => (ephemeral === undefined ? [] : [`${metadata.name}-${name}`]));

const remembered = new WeakMap<Pod, PodInfo>();

export function podInfo(pod: Pod): PodInfo {
  const known = remembered.get(pod);
  if (known !== undefined) return known;
  const info = makePodInfo(pod);
  remembered.set(pod, info);
  return info;
}

function makePodInfo(pod: Pod): PodInfo {
  const { metadata, spec } = pod;
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const required = (terms: readonly PodAffinityTerm[] | undefined): readonly AffinityTerm[] =>
    terms?.map((term) => affinityTerm(term, pod, 1)) ?? none;
  const preferred = (
    terms: readonly { readonly weight: number; readonly podAffinityTerm: PodAffinityTerm }[] | undefined,
  ): readonly AffinityTerm[] => terms?.map((term) => affinityTerm(term.podAffinityTerm, pod, term.weight)) ?? none;
  const [requests, assumed] = [requestsOf(pod), assumedRequestsOf(pod)];
  return {
    pod,
    uid: metadata.uid,
    key: `${metadata.namespace}/${metadata.name}`,
    namespace: metadata.namespace,
    labels: metadata.labels ?? {},
    priority: spec.priority ?? 0,
    requests,
    assumed: sameAmounts(requests, assumed) ? requests : assumed,
    hostPorts: hostPorts(spec),
    claims: orNone(claimNames(pod)),
    inlineDrivers: orNone((spec.volumes ?? []).flatMap(({ csi }) => (csi === undefined ? [] : [csi.driver]))),
    requiredAffinity: required(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    requiredAntiAffinity: required(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferredAffinity: preferred(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAntiAffinity: preferred(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    ownerUid: controllerOf(pod)?.uid,
  };
}

const placedInfos = new WeakMap<PodInfo, PlacedInfo>();

/** What is kept of a pod that has a place. The same for the same info. */
export function placedInfo(info: PodInfo): PlacedInfo {
  const known = placedInfos.get(info);
  if (known !== undefined) return known;
  const { apiVersion, kind, metadata, status } = info.pod;
  const { name, namespace, uid, creationTimestamp, deletionTimestamp } = metadata;
  const made: PlacedInfo = {
    ...info,
    pod: {
      apiVersion,
      kind,
      metadata: { name, namespace, uid, creationTimestamp, deletionTimestamp },
      status: { startTime: status.startTime },
    },
  };
  placedInfos.set(info, made);
  return made;
}

function affinityTerm(term: PodAffinityTerm, pod: Pod, weight: number): AffinityTerm {
  const own = pod.metadata.namespace;
  const namespaces = new Set(term.namespaces ?? []);
  const { namespaceSelector, labelSelector, topologyKey } = term;
  if (namespaces.size === 0 && namespaceSelector === undefined) namespaces.add(own);
  return {
    key: JSON.stringify([
      [...namespaces].sort(),
      namespaceSelector ?? null,
      labelSelector ?? null,
      topologyKey,
      weight,
    ]),
    topologyKey,
    weight,
    matches: (other, namespaceLabels) => {
      const inNamespace =
        namespaces.has(other.namespace) ||
        (namespaceSelector !== undefined && labelSelectorMatches(namespaceSelector, namespaceLabels(other.namespace)));
      return inNamespace && labelSelectorMatches(labelSelector, other.labels);
    },
  };
}
