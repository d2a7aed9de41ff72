/** Lists all containers of a pod spec with their field paths. */

import type { Container, PodSpec } from '../../types/pod-spec.ts';

/** Every container of a pod spec with its path: init, regular, ephemeral. */
export function containersWithPaths(spec: PodSpec, path: string): (readonly [Container, string])[] {
  const lists: [string, readonly Container[] | undefined][] = [
    ['initContainers', spec.initContainers],
    ['containers', spec.containers],
    ['ephemeralContainers', spec.ephemeralContainers],
  ];
  return lists.flatMap(([field, containers]) =>
    (containers ?? []).map((container, index) => [container, `${path}.${field}[${index}]`] as const),
  );
}

/** An init container that keeps running beside the others. */
export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';
