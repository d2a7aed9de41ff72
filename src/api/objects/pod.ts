/** Rules about pods that every component shares. */
import { isConditionTrue } from './conditions.ts';
import type { Container, PodSpec, PodStatus } from './generated/core-v1.ts';
import type { ObjectMeta } from './generated/meta-v1.ts';
import type { View } from './views.ts';

type WithStatus = { readonly status?: Pick<View<PodStatus>, 'phase' | 'conditions' | 'podIP' | 'podIPs'> | undefined };
type Deletable = { readonly metadata: Pick<ObjectMeta, 'deletionTimestamp' | 'name'> };

/** Whether the pod has ended for good. */
export function isFinished({ status }: WithStatus): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** Whether the pod counts as a replica of its controller: it has not ended and is not being deleted. */
export function isActive(pod: WithStatus & Deletable): boolean {
  return !isFinished(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Of a pod of the API that stands for a static one of its node: the static one's uid. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** The uid of the static pod that a pod of the API stands for; undefined: it stands for none. */
export function mirroredUid({ metadata }: { readonly metadata?: Pick<ObjectMeta, 'annotations'> }): string | undefined {
  return metadata?.annotations?.[mirrorAnnotation];
}

/** Whether the pod's condition Ready is true. */
export function isReady({ status }: WithStatus): boolean {
  return isConditionTrue(status?.conditions, 'Ready');
}

/** The pod's addresses, the primary one first; none before it has a network. */
export function podAddresses({ status }: WithStatus): readonly string[] {
  const all = (status?.podIPs ?? []).flatMap(({ ip = '' }) => (ip === '' ? [] : [ip]));
  if (all.length > 0) return all;
  return status?.podIP === undefined || status.podIP === '' ? [] : [status.podIP];
}

/** An init container that runs on beside the others (KEP-753). */
export function isSidecar({ restartPolicy }: Pick<View<Container>, 'restartPolicy'>): boolean {
  return restartPolicy === 'Always';
}

type WithContainers = { readonly spec: Pick<PodSpec, 'initContainers' | 'containers' | 'ephemeralContainers'> };

/** Every container of the pod: those that prepare it, its own, and those for looking into it. */
export function allContainers(pod: WithContainers): readonly Container[] {
  return [...nonEphemeralContainers(pod), ...(pod.spec.ephemeralContainers ?? [])];
}

/** The containers that the pod was made with, in the order in which they start. */
export function nonEphemeralContainers({ spec }: WithContainers): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

/** How long the pod's containers may take to stop. */
export function podGraceSeconds({ spec }: { readonly spec: Pick<PodSpec, 'terminationGracePeriodSeconds'> }): number {
  return spec.terminationGracePeriodSeconds ?? 30;
}

/** A port of the node that a pod takes. */
export interface HostPort {
  /** 0.0.0.0: every address of the node. */
  readonly address: string;
  readonly protocol: string;
  readonly port: number;
}

const noPorts: readonly HostPort[] = Object.freeze([]);

/** The ports of the node that the pod's containers and sidecars take. */
export function hostPorts(spec: View<PodSpec>): readonly HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(isSidecar);
  const ports = [...(spec.containers ?? []), ...sidecars].flatMap((container) =>
    (container.ports ?? []).flatMap(({ hostPort: port = 0, hostIP = '', protocol = 'TCP' }): HostPort[] =>
      port === 0 ? [] : [{ address: hostIP === '' ? '0.0.0.0' : hostIP, protocol, port }],
    ),
  );
  return ports.length === 0 ? noPorts : ports;
}

/** Whether two host ports cannot be taken on one node together. */
export function hostPortsClash(one: HostPort, other: HostPort): boolean {
  const sameAddress = one.address === other.address || one.address === '0.0.0.0' || other.address === '0.0.0.0';
  return sameAddress && one.port === other.port && one.protocol === other.protocol;
}
