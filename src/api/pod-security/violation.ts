/** What checks of the Pod Security Standards share: the checked pod, violations and their texts. */

import type { Container, PodSpec, Sent } from '../objects/index.ts';
import { goQuote } from '../machinery/index.ts';

/** What a check looks at: a pod, or the template of one. */
export interface CheckedPod {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: Sent<PodSpec>;
}

/** Why a check refuses a pod: what is forbidden, and where it was found. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** Looks at one concern of a pod; `minor` is the version of the standards, 1.`minor`. */
export type Check = (pod: CheckedPod) => Violation | undefined;

type SecurityContext = NonNullable<Sent<Container>['securityContext']>;

/** All containers in the order in which messages name them. */
export function containersOf(pod: CheckedPod): readonly Sent<Container>[] {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = pod.spec ?? {};
  return [...initContainers, ...containers, ...ephemeralContainers];
}

/** Names of the containers whose security context (an empty one, where there is none) is bad. */
export function containersWhere(pod: CheckedPod, isBad: (context: SecurityContext) => boolean): readonly string[] {
  return containersOf(pod)
    .filter((container) => isBad(container.securityContext ?? {}))
    .map(nameOf);
}

export function nameOf(container: Sent<Container>): string {
  return container.name ?? '';
}

export function plural(one: string, many: string, count: number): string {
  return count === 1 ? one : many;
}

export function quoted(names: readonly string[]): string {
  return names.map(goQuote).join(', ');
}

/** `container "a"` or `containers "a", "b"`. */
export function containersText(names: readonly string[]): string {
  return `${plural('container', 'containers', names.length)} ${quoted(names)}`;
}

/** `pod and containers "a", "b"`; '' for neither. */
export function settersText(pod: boolean, containers: readonly string[]): string {
  return [...(pod ? ['pod'] : []), ...(containers.length > 0 ? [containersText(containers)] : [])].join(' and ');
}

/** Each text once, sorted. */
export function sortedSet(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)].sort();
}
