/** Services and their EndpointSlices as ports with backends. */
import {
  type Endpoint,
  type EndpointSlice,
  ipv4Number,
  ipv4Text,
  isEndpointReady,
  isServingWhileTerminating,
  parseIpv4Range,
  type Service,
  serviceOfSlice,
  type ServicePort,
} from '../../api/index.ts';

/** An address that answers for a service port. */
export interface Backend {
  readonly address: string;
  readonly port: number;
  readonly local: boolean;
}

/** One port of one service, with all that the rules need. */
export interface ServicePortView {
  readonly namespace: string;
  readonly name: string;
  readonly portName: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  readonly clusterIp: string;
  /** When the Service was created: of several that name one address of the outside the oldest has it. */
  readonly created: string;
  readonly externalIps: readonly string[];
  /** Addresses of its load balancer, and from where they may be used; undefined: from everywhere. */
  readonly balancerIps: readonly string[];
  readonly sourceRanges: readonly string[] | undefined;
  readonly nodePort: number;
  readonly affinitySeconds: number;
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  readonly backends: readonly Backend[];
}

const isIpv4 = (address: string): boolean => ipv4Number(address) !== undefined;

/** All service ports with their backends, in a fixed order. `localNodes`: the nodes on this machine. */
export function servicePorts(
  services: readonly Service[],
  slices: readonly EndpointSlice[],
  localNodes: ReadonlySet<string>,
): readonly ServicePortView[] {
  const byService = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const service = serviceOfSlice(slice);
    if (service === undefined || slice.addressType !== 'IPv4') continue;
    const key = `${slice.metadata.namespace}/${service}`;
    const list = byService.get(key);
    if (list === undefined) byService.set(key, [slice]);
    else list.push(slice);
  }
  const views = services.flatMap((service) =>
    viewsOf(service, byService.get(`${service.metadata.namespace}/${service.metadata.name}`) ?? [], localNodes),
  );
  return views.sort((one, other) => compare(keyOf(one), keyOf(other)));
}

const keyOf = (view: ServicePortView): string =>
  `${view.namespace}/${view.name}/${view.portName}/${view.protocol}/${view.port}`;
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

function viewsOf(
  service: Service,
  slices: readonly EndpointSlice[],
  localNodes: ReadonlySet<string>,
): ServicePortView[] {
  const { spec } = service;
  const clusterIp = spec.clusterIPs?.find(isIpv4) ?? spec.clusterIP ?? '';
  if (spec.type === 'ExternalName' || clusterIp === 'None' || !isIpv4(clusterIp)) return [];
  const balancer = (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) =>
    ip === undefined || ipMode === 'Proxy' ? [] : [ip],
  );
  const affinitySeconds =
    spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : 0;
  return (spec.ports ?? []).map((port) => ({
    namespace: service.metadata.namespace ?? '',
    name: service.metadata.name ?? '',
    portName: port.name ?? '',
    protocol: protocolOf(port),
    port: port.port,
    clusterIp,
    created: service.metadata.creationTimestamp ?? '',
    externalIps: ipv4Only(spec.externalIPs ?? []),
    balancerIps: ipv4Only(balancer),
    sourceRanges: sourceRanges(service),
    nodePort: port.nodePort ?? 0,
    affinitySeconds,
    internalLocal: spec.internalTrafficPolicy === 'Local',
    externalLocal: spec.externalTrafficPolicy === 'Local',
    backends: backendsOf(port, slices, localNodes),
  }));
}

const ipv4Only = (addresses: readonly string[]): readonly string[] => [...new Set(addresses)].filter(isIpv4).sort();

const sourceRangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/**
 * The IPv4 ranges of the field, or of the annotation that it took the place of; undefined where there is no range of
 * any kind.
 */
function sourceRanges({ metadata, spec }: Service): readonly string[] | undefined {
  const given = (spec.loadBalancerSourceRanges ?? metadata.annotations?.[sourceRangesAnnotation]?.split(',') ?? [])
    .map((range) => range.trim())
    .filter((range) => range !== '');
  if (given.length === 0) return undefined;
  return given.flatMap((range) => {
    const cidr = parseIpv4Range(range);
    return cidr === undefined ? [] : [`${ipv4Text(cidr.first)}/${cidr.prefix}`];
  });
}

function protocolOf(port: ServicePort): 'tcp' | 'udp' | 'sctp' {
  return port.protocol === 'UDP' ? 'udp' : port.protocol === 'SCTP' ? 'sctp' : 'tcp';
}

/** Ready endpoints; when none is ready, those that still serve while they end. */
function backendsOf(
  port: ServicePort,
  slices: readonly EndpointSlice[],
  localNodes: ReadonlySet<string>,
): readonly Backend[] {
  const ready = new Map<string, Backend>();
  const serving = new Map<string, Backend>();
  for (const slice of slices) {
    const target = slice.ports?.find(
      (each) => (each.name ?? '') === (port.name ?? '') && (each.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
    )?.port;
    if (target === undefined) continue;
    for (const endpoint of slice.endpoints ?? [])
      addBackends(endpoint, {
        ready,
        serving,
        port: target,
        local: endpoint.nodeName === undefined || localNodes.has(endpoint.nodeName),
      });
  }
  const chosen = ready.size > 0 ? ready : serving;
  return [...chosen.values()].sort((one, other) =>
    compare(`${one.address}:${one.port}`, `${other.address}:${other.port}`),
  );
}

function addBackends(
  endpoint: Endpoint,
  into: {
    readonly ready: Map<string, Backend>;
    readonly serving: Map<string, Backend>;
    readonly port: number;
    readonly local: boolean;
  },
): void {
  for (const address of endpoint.addresses.slice(0, 1)) {
    if (!isIpv4(address)) continue;
    const backend = { address, port: into.port, local: into.local };
    if (isEndpointReady(endpoint)) into.ready.set(`${address}:${into.port}`, backend);
    if (isServingWhileTerminating(endpoint)) into.serving.set(`${address}:${into.port}`, backend);
  }
}
