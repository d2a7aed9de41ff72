/** Lists all containers of a pod spec with their field paths. */
import type { Container, PodSpec, Sent } from '../../../objects/index.ts';

/** Every container of a pod spec with its path: init, regular, ephemeral. */
export function containersWithPaths(spec: Sent<PodSpec>, path: string): (readonly [Sent<Container>, string])[] {
  const lists: [string, readonly Sent<Container>[] | undefined][] = [
    ['initContainers', spec.initContainers],
    ['containers', spec.containers],
    ['ephemeralContainers', spec.ephemeralContainers],
  ];
  return lists.flatMap(([field, containers]) =>
    (containers ?? []).map((container, index) => [container, `${path}.${field}[${index}]`] as const),
  );
}
