/** Decides whether an update of a pod must be evaluated again. */

import type { Container, Sent } from '../objects/index.ts';
import type { CheckedPod } from './violation.ts';

const podAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
const containerAnnotation = 'container.seccomp.security.alpha.kubernetes.io/';

/**
 * Whether an update of a pod touches what the standards speak of: images, containers that come, seccomp annotations.
 */
export function isSignificantChange(pod: CheckedPod, old: CheckedPod): boolean {
  const annotation = (of: CheckedPod, key: string): string | undefined => of.metadata?.annotations?.[key];
  const changed = (container: Sent<Container>, before: Sent<Container> | undefined): boolean => {
    const key = `${containerAnnotation}${container.name ?? ''}`;
    return before === undefined || container.image !== before.image || annotation(pod, key) !== annotation(old, key);
  };
  if (annotation(pod, podAnnotation) !== annotation(old, podAnnotation)) return true;
  for (const field of ['containers', 'initContainers'] as const) {
    const [now, before] = [pod.spec?.[field] ?? [], old.spec?.[field] ?? []];
    if (now.length !== before.length || now.some((container, index) => changed(container, before[index]))) return true;
  }
  const ephemeral = old.spec?.ephemeralContainers ?? [];
  return (pod.spec?.ephemeralContainers ?? []).some((container) =>
    changed(
      container,
      ephemeral.find(({ name }) => name === container.name),
    ),
  );
}
