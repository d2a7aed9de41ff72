/** Pod, container and node that a stream is about. */
import { badRequest, type KubeObject, notFound, resources } from '../../api/index.ts';
import type { ResourceView } from '../../resources/index.ts';

/** The container that a stream is about, on the node that runs it. */
interface PodTarget {
  readonly pod: KubeObject;
  readonly container: string;
  /** undefined: the pod is not bound yet. */
  readonly node: string | undefined;
}

/** A container of a pod; '' for the only one. */
interface PodContainer {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
}

interface PodSpec {
  readonly nodeName?: string | undefined;
  readonly containers?: readonly { readonly name: string }[];
  readonly initContainers?: readonly { readonly name: string }[];
  readonly ephemeralContainers?: readonly { readonly name: string }[];
}

export function podOf(view: ResourceView, namespace: string, name: string): KubeObject {
  const pod = view.get<KubeObject>(resources.pods, namespace, name);
  if (pod === undefined) throw notFound(resources.pods, name);
  return pod;
}

/** Finds pod, container and node. Throws Kubernetes' 404 and 400. */
export function podTarget(view: ResourceView, about: PodContainer): PodTarget {
  const pod = podOf(view, about.namespace, about.name);
  const spec = (pod.spec ?? {}) as PodSpec;
  const container = containerOf(spec, about);
  const node = spec.nodeName === undefined || spec.nodeName === '' ? undefined : spec.nodeName;
  return { pod, container, node };
}

function containerOf(spec: PodSpec, about: PodContainer): string {
  const names = (containers: readonly { readonly name: string }[] | undefined): readonly string[] =>
    (containers ?? []).map((container) => container.name);
  const own = names(spec.containers);
  const init = names(spec.initContainers);
  if (about.container !== '') {
    if ([...own, ...init, ...names(spec.ephemeralContainers)].includes(about.container)) return about.container;
    throw badRequest(`container ${about.container} is not valid for pod ${about.name}`);
  }
  if (own.length === 1 && own[0] !== undefined) return own[0];
  const more = init.length === 0 ? '' : ` or one of the init containers: [${init.join(' ')}]`;
  const choice = own.length === 0 ? '' : `, choose one of: [${own.join(' ')}]${more}`;
  throw badRequest(`a container name must be specified for pod ${about.name}${choice}`);
}

/** The bound node, which must exist. Throws 400 for pods that are not bound. */
export function nodeOf(view: ResourceView, target: PodTarget): string {
  if (target.node === undefined)
    throw badRequest(`pod ${target.pod.metadata.name ?? ''} does not have a host assigned`);
  return existingNode(view, target.node);
}

export function existingNode(view: ResourceView, node: string): string {
  if (view.get(resources.nodes, undefined, node) === undefined) throw notFound(resources.nodes, node);
  return node;
}
