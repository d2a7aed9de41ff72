/** What a node has given to its pods: CPU and memory of each container. A resize changes it when there is room. */
import { type Container, isSidecar, type Pod, type ResourceRequirements } from '../../api/index.ts';

/** `container` with other resources. */
export function withResources<Kind extends Container>(
  container: Kind,
  resources: ResourceRequirements | undefined,
): Kind {
  return { ...container, resources };
}

/** `pod` with each container's resources as `resourcesOf` says. */
export function podWithResources(
  pod: Pod,
  resourcesOf: (container: Container) => ResourceRequirements | undefined,
): Pod {
  const given = (container: Container): Container => withResources(container, resourcesOf(container));
  const { containers, initContainers } = pod.spec;
  const spec = { ...pod.spec, containers: containers.map(given) };
  return { ...pod, spec: initContainers === undefined ? spec : { ...spec, initContainers: initContainers.map(given) } };
}

/**
 * The pod with what its node gave it, as its status tells it: requests by `allocatedResources`, limits by `resources`.
 * A pod whose status says nothing yet gets what it asks for.
 */
export function podAsAllocated(pod: Pod): Pod {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const shown = new Map([...initContainerStatuses, ...containerStatuses].map((status) => [status.name, status]));
  return podWithResources(pod, (container) => {
    const status = shown.get(container.name);
    if (status?.resources === undefined || !isResizable(pod, container)) return container.resources;
    return { ...status.resources, requests: status.allocatedResources ?? status.resources.requests };
  });
}

/** App containers and sidecars can be resized, init containers that end cannot. */
export function isResizable(pod: Pod, container: Container): boolean {
  return isSidecar(container) || pod.spec.containers.some(({ name }) => name === container.name);
}

/** The pods of a node with what each was given. */
export class Allocations {
  readonly #pods = new Map<string, Pod>();
  readonly #waiting = new Map<string, () => void>();

  /** A pod has, from now on, what its spec says. Others may have room then. */
  give(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const had = this.#pods.has(uid);
    this.#pods.set(uid, pod);
    this.#waiting.delete(uid);
    if (had) this.#wake();
  }

  /** A pod needs nothing any more. */
  release(uid: string): void {
    this.#waiting.delete(uid);
    if (this.#pods.delete(uid)) this.#wake();
  }

  /** All pods but one, with what they were given. */
  others(uid: string): readonly Pod[] {
    return [...this.#pods].flatMap(([each, pod]) => (each === uid ? [] : [pod]));
  }

  /** The pods that were taken before this one. */
  before(uid: string): readonly Pod[] {
    const uids = [...this.#pods.keys()];
    const place = uids.indexOf(uid);
    return [...this.#pods.values()].slice(0, place < 0 ? uids.length : place);
  }

  /** `wake` is called once, when something has become free; a later call for the same pod replaces it. */
  whenRoom(uid: string, wake: () => void): void {
    this.#waiting.set(uid, wake);
  }

  #wake(): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
