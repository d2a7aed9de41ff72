/** From an Ingress backend to the addresses of pods. */
import { type EndpointSlice, type IngressBackend, outwardAddress, type Service } from '../api/index.ts';

/** Why something that an Ingress names cannot be used; written as a Warning event on the Ingress. */
export interface Problem {
  readonly reason:
    | 'ServiceNotFound'
    | 'PortNotFound'
    | 'UnsupportedBackend'
    | 'SecretNotFound'
    | 'InvalidCertificate'
    | 'HostTaken'
    | 'PathTaken';
  readonly message: string;
}

/** What a backend leads to. Without addresses its requests are answered 503. */
interface ResolvedBackend {
  /** `namespace/service:port`; the same for all paths that lead there. */
  readonly key: string;
  /** `address:port` of each pod, in a fixed order. */
  readonly addresses: readonly string[];
  readonly problem?: Problem | undefined;
}

/** Looks up what an Ingress names. */
export interface BackendFacts {
  service(namespace: string, name: string): Service | undefined;
  slices(namespace: string, service: string): readonly EndpointSlice[];
}

/**
 * Where the requests for a backend go: to the Service's pods themselves, at the port that the Service's port means
 * there.
 */
export function resolveBackend(namespace: string, backend: IngressBackend, facts: BackendFacts): ResolvedBackend {
  const { service: wanted, resource } = backend;
  if (wanted === undefined) {
    const name = `${resource?.kind ?? ''} ${resource?.name ?? ''}`;
    return {
      key: `${namespace}/${name}`,
      addresses: [],
      problem: { reason: 'UnsupportedBackend', message: `backend ${name} is no Service; only Services are served` },
    };
  }
  const portText = wanted.port?.name ?? String(wanted.port?.number ?? 0);
  const key = `${namespace}/${wanted.name}:${portText}`;
  const refused = (reason: Problem['reason'], message: string): ResolvedBackend => ({
    key,
    addresses: [],
    problem: { reason, message },
  });
  const service = facts.service(namespace, wanted.name);
  if (service === undefined)
    return refused('ServiceNotFound', `service "${wanted.name}" does not exist in namespace "${namespace}"`);
  if (service.spec?.type === 'ExternalName')
    return refused('UnsupportedBackend', `service "${wanted.name}" is an ExternalName: it has no endpoints`);
  const port = service.spec?.ports?.find(
    (each) =>
      (each.protocol ?? 'TCP') === 'TCP' &&
      (wanted.port?.name === undefined ? each.port === wanted.port?.number : each.name === wanted.port.name),
  );
  if (port === undefined) return refused('PortNotFound', `service "${wanted.name}" has no TCP port ${portText}`);
  return { key, addresses: addressesOf(facts.slices(namespace, wanted.name), port.name ?? '') };
}

/** Ready endpoints; when none is ready, those that still serve while they end. */
function addressesOf(slices: readonly EndpointSlice[], portName: string): readonly string[] {
  const ready = new Set<string>();
  const serving = new Set<string>();
  for (const slice of slices) {
    const port = slice.ports?.find(
      (each) => (each.name ?? '') === portName && (each.protocol ?? 'TCP') === 'TCP',
    )?.port;
    if (port === undefined || slice.addressType === 'FQDN') continue;
    for (const {
      addresses: [written = ''],
      conditions = {},
    } of slice.endpoints ?? []) {
      // A slice may be written by anybody who may write Services: it must not lead to what only the node itself can
      // reach.
      const address = outwardAddress(written);
      if (address === undefined) continue;
      const text = slice.addressType === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
      if (conditions.ready !== false) ready.add(text);
      else if (conditions.serving === true) serving.add(text);
    }
  }
  return [...(ready.size > 0 ? ready : serving)].sort();
}
