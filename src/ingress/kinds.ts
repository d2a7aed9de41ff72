import type { GroupResource, KubeObject } from '../api/index.ts';

/** The fields of Service, EndpointSlice, Secret and Node that serving Ingresses needs. */
export interface Service extends KubeObject {
  readonly spec?: {
    readonly type?: string;
    readonly ports?: readonly { readonly name?: string; readonly protocol?: string; readonly port: number }[];
  };
}

export interface EndpointSlice extends KubeObject {
  readonly addressType: 'IPv4' | 'IPv6' | 'FQDN';
  readonly endpoints?: readonly Endpoint[] | null;
  readonly ports?: readonly { readonly name?: string; readonly protocol?: string; readonly port?: number }[] | null;
}

export interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
}

export interface Secret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export interface NodeObject extends KubeObject {
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

export const resources = {
  ingresses: { group: 'networking.k8s.io', resource: 'ingresses' },
  ingressClasses: { group: 'networking.k8s.io', resource: 'ingressclasses' },
  services: { group: '', resource: 'services' },
  endpointSlices: { group: 'discovery.k8s.io', resource: 'endpointslices' },
  secrets: { group: '', resource: 'secrets' },
  nodes: { group: '', resource: 'nodes' },
} as const satisfies Record<string, GroupResource>;

export const sameResource = (one: GroupResource, other: GroupResource): boolean =>
  one.resource === other.resource && one.group === other.group;

/** The label by which a slice names its Service. */
export const serviceNameLabel = 'kubernetes.io/service-name';
