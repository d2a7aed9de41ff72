/** The namespaces, classes and the Service of the API that every cluster has. */
import {
  addressIn,
  allResources,
  familyOf,
  type JsonObject,
  optionalResources,
  parseCidr,
  serviceNameLabel,
} from '../../api/index.ts';
import { assert } from '../../base/index.ts';
import { flowSchemas, priorityLevels, type SpecTable } from './flow-control.ts';
import { rbacObjects } from './rbac-objects.ts';

export const bootstrapNamespaces = ['kube-system', 'default', 'kube-public', 'kube-node-lease'] as const;

/** Where a member serves the API. */
export interface ApiEndpoint {
  readonly address: string;
  readonly port: number;
}

/** What the objects of a new cluster depend on. */
export interface BootstrapSettings {
  /** One range for each family; the first has the address of the API's Service. */
  readonly serviceCidrs: readonly string[];
  /** Where members serve the API; clients are told the first one's port. */
  readonly apiEndpoints: readonly ApiEndpoint[];
  /** Several members keep the endpoints up to date among themselves: what is there is left to them. */
  readonly endpointsKept?: boolean | undefined;
  /** The CA for client certificates, as PEM; other API servers read it to trust the same clients. */
  readonly clientCa?: string | undefined;
  /** The CA of the certificate by which this server speaks for users to other API servers, as PEM. */
  readonly frontProxyCa?: string | undefined;
  /** Group versions that are served beside those that always are. */
  readonly optionalVersions?: readonly string[] | undefined;
  /** Features of Kubernetes that are off unless they are named. */
  readonly features?: readonly string[] | undefined;
}

const flowControl = 'flowcontrol.apiserver.k8s.io/v1';
const systemClasses = [
  [
    'system-cluster-critical',
    2_000_000_000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  ],
  [
    'system-node-critical',
    2_000_001_000,
    'Used for system critical pods that must not be moved from their current node.',
  ],
] as const;

function specObjects(kind: string, table: SpecTable): JsonObject[] {
  const annotations = { 'apf.kubernetes.io/autoupdate-spec': 'true' };
  return Object.entries(table).map(([name, spec]) => ({
    kind,
    apiVersion: flowControl,
    metadata: { name, annotations },
    spec,
  }));
}

/** By what other API servers recognise that this one speaks for a user, and how it says for whom. */
function requestHeaderData(frontProxyCa: string | undefined): JsonObject {
  if (frontProxyCa === undefined) return {};
  return {
    'requestheader-allowed-names': '["front-proxy-client"]',
    'requestheader-client-ca-file': frontProxyCa,
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-username-headers': '["X-Remote-User"]',
  };
}

/** The objects that are made once and then belong to the administrator. */
export function fixedObjects({ serviceCidrs, features }: BootstrapSettings): JsonObject[] {
  return [
    ...rbacObjects(features),
    ...systemClasses.map(([name, value, description]) => ({
      kind: 'PriorityClass',
      apiVersion: 'scheduling.k8s.io/v1',
      metadata: { name },
      value,
      description,
      preemptionPolicy: 'PreemptLowerPriority',
    })),
    ...specObjects('PriorityLevelConfiguration', priorityLevels),
    ...specObjects('FlowSchema', flowSchemas),
    serviceRange(serviceCidrs),
  ];
}

/** The cluster's own ranges of service addresses. */
export function serviceRange(cidrs: readonly string[]): JsonObject {
  return {
    kind: 'ServiceCIDR',
    apiVersion: 'networking.k8s.io/v1',
    metadata: { name: 'kubernetes' },
    spec: { cidrs: [...cidrs] },
  };
}

/** Since which day (YYYY-MM-DD) the use of tokens that lie in Secrets is noted on them. */
export function tokenTracking(since: string): JsonObject {
  return {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name: 'kube-apiserver-legacy-service-account-token-tracking', namespace: 'kube-system' },
    data: { since },
  };
}

/**
 * How other API servers recognise the clients of this one, and this one itself. Kept up to date at every start;
 * undefined: there is nothing to say.
 */
export function authenticationConfig({ clientCa, frontProxyCa }: BootstrapSettings): JsonObject | undefined {
  if (clientCa === undefined) return undefined;
  return {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: { 'client-ca-file': clientCa, ...requestHeaderData(frontProxyCa) },
  };
}

/** Groups whose place in discovery is not the common one: minimum priority of the group. */
const groupPriorities: Readonly<Record<string, number>> = {
  '': 18_000,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'admissionregistration.k8s.io': 16_700,
  'apiextensions.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
  'resource.k8s.io': 15_900,
};
const versionPriorities: Readonly<Record<string, number>> = {
  '/v1': 1,
  'admissionregistration.k8s.io/v1alpha1': 9,
  'autoscaling/v2': 30,
  'flowcontrol.apiserver.k8s.io/v1': 21,
  'resource.k8s.io/v1beta2': 12,
};

/** The APIServices of the groups that are served here. The one that serves APIServices has none of its own. */
export function localApiServices({
  optionalVersions = [],
}: Pick<BootstrapSettings, 'optionalVersions'> = {}): JsonObject[] {
  const seen = new Map<string, { readonly group: string; readonly version: string }>();
  for (const { group, version } of [...allResources(), ...optionalResources(optionalVersions)])
    if (group !== 'apiregistration.k8s.io') seen.set(`${group}/${version}`, { group, version });
  return [...seen].map(([key, { group, version }]) => ({
    kind: 'APIService',
    apiVersion: 'apiregistration.k8s.io/v1',
    metadata: { name: `${version}.${group}`, labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
    spec: {
      ...(group === '' ? {} : { group }),
      version,
      groupPriorityMinimum: groupPriorities[group] ?? 1_000,
      versionPriority: versionPriorities[key] ?? 15,
    },
  }));
}

const kubernetes = { name: 'kubernetes', namespace: 'default' };

/** The API's own Service, at the first address of the first range. */
export function apiService({ serviceCidrs: [range = ''], apiEndpoints: [first] }: BootstrapSettings): JsonObject {
  const network = parseCidr(range);
  assert(network !== undefined, `${range} is a range of addresses`);
  const clusterIP = addressIn(network, 1n);
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { ...kubernetes, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: first?.port ?? 6443 }],
      clusterIP,
      clusterIPs: [clusterIP],
      type: 'ClusterIP',
      sessionAffinity: 'None',
    },
  };
}

/**
 * Where the API is, for pods: what is behind its Service. Kept up to date at every start. An EndpointSlice has one list
 * of ports, so members of one machine, which differ in their ports, have a slice each; the first keeps upstream's name.
 */
export function apiEndpoints(all: readonly ApiEndpoint[]): {
  readonly endpoints: JsonObject;
  readonly slices: readonly JsonObject[];
} {
  const groups = [...Map.groupBy(all, ({ port }) => port)].map(([port, members]) => ({
    port,
    family: familyOf(members[0]?.address ?? ''),
    addresses: members.map(({ address }) => address).sort(),
  }));
  return {
    endpoints: {
      kind: 'Endpoints',
      apiVersion: 'v1',
      metadata: { ...kubernetes, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      subsets: groups.map(({ port, addresses }) => ({
        addresses: addresses.map((ip) => ({ ip })),
        ports: [{ name: 'https', port, protocol: 'TCP' }],
      })),
    },
    slices: groups.map(({ port, family, addresses }, position) => ({
      kind: 'EndpointSlice',
      apiVersion: 'discovery.k8s.io/v1',
      metadata: {
        ...kubernetes,
        name: position === 0 ? kubernetes.name : `${kubernetes.name}-${port}`,
        labels: { [serviceNameLabel]: 'kubernetes' },
      },
      addressType: family,
      endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
      ports: [{ name: 'https', protocol: 'TCP', port }],
    })),
  };
}
