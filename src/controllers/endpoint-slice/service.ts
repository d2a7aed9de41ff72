/** Which pods stand behind a Service, and by which address and port. */
import { type Pod, podAddresses, resources, type Service, type ServicePort } from '../../api/index.ts';
import type { ResourceView } from '../../resources/index.ts';

export const headlessLabel = 'service.kubernetes.io/headless';

/** Whether Troupe fills in the service's endpoints: it has a selector, and is no mere name for something outside. */
export function hasManagedEndpoints(service: Service): boolean {
  return service.spec.type !== 'ExternalName' && service.spec.selector !== undefined;
}

/** Whether a pod is behind the service. */
export function selects(
  service: Service,
  pod: { readonly metadata: { readonly labels?: Readonly<Record<string, string>> | undefined } },
): boolean {
  const wanted = Object.entries(service.spec.selector ?? {});
  return wanted.length > 0 && wanted.every(([name, value]) => pod.metadata.labels?.[name] === value);
}

/** The pods behind the service. */
export function podsBehind(service: Service, view: ResourceView): readonly Pod[] {
  const { namespace } = service.metadata;
  return view
    .facts<Pod>(resources.pods, namespace === undefined ? {} : { namespace })
    .filter(({ index }) => selects(service, { metadata: index }))
    .map((pod) => pod.object());
}

/** Whether a pod may stand behind a service: it has an address and has not ended. */
export function mayServe(pod: Pod, includeTerminating: boolean): boolean {
  const { phase } = pod.status ?? {};
  if (phase === 'Failed' || phase === 'Succeeded' || podAddresses(pod).length === 0) return false;
  return includeTerminating || pod.metadata.deletionTimestamp === undefined;
}

/** The number of the pod's port that a service's port leads to; undefined when the pod has no port of that name. */
export function targetPortOf(pod: Pod, port: ServicePort): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target === 0 ? port.port : target;
  const protocol = port.protocol ?? 'TCP';
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  for (const container of [...pod.spec.containers, ...sidecars]) {
    const found = container.ports?.find(
      (candidate) => candidate.name === target && (candidate.protocol ?? 'TCP') === protocol,
    );
    if (found !== undefined) return found.containerPort;
  }
  return undefined;
}

/** The host name under which the cluster's DNS knows the pod within a headless service. */
export function hostnameIn(service: Service, pod: Pod): string | undefined {
  const { hostname, subdomain } = pod.spec;
  return hostname !== undefined && hostname !== '' && subdomain === service.metadata.name ? hostname : undefined;
}

/** What of a pod its services' endpoints depend on, as one text. */
export function servingText(pod: Pod): string {
  const { metadata, spec, status } = pod;
  const ready = status?.conditions?.find((condition) => condition.type === 'Ready')?.status;
  const labels = Object.entries(metadata.labels ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  return [
    status?.phase,
    ready,
    spec.nodeName,
    spec.hostname,
    spec.subdomain,
    metadata.deletionTimestamp,
    ...podAddresses(pod),
    ...labels,
  ].join('|');
}
