/** Spreads endpoints over EndpointSlices with as few changes as possible. */
import {
  type Endpoint,
  type EndpointPort,
  type EndpointSlice,
  type ObjectMeta,
  type OwnerReference,
  resources,
  serviceNameLabel,
} from '../../api/index.ts';
import type { ResourceView } from '../../resources/index.ts';
import { stableText } from '../runtime/index.ts';
import { withTriggerTime } from './trigger-time.ts';

/** Endpoints that share their address type and their ports. */
export interface EndpointGroup {
  readonly addressType: string;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

/** What all slices of one owner have in common. */
export interface SliceFrame {
  readonly namespace: string;
  readonly generateName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** When the change began that slices show which are written; see `triggerTime`. */
  readonly trigger?: string | undefined;
  readonly owner: OwnerReference;
  /** Address types that have an empty slice when they have no endpoint. */
  readonly placeholders?: readonly string[];
}

export interface SlicePlan {
  readonly create: readonly object[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
}

export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';

/** All slices of a Service, its own and those of others. */
export function slicesOf(
  view: ResourceView,
  { namespace = '', name }: { readonly namespace?: string | undefined; readonly name: string },
): readonly EndpointSlice[] {
  return view
    .list<EndpointSlice>(resources.endpointSlices, namespace)
    .filter((slice) => slice.metadata.labels?.[serviceNameLabel] === name);
}

/** Endpoints in one slice, Kubernetes' default. */
const endpointsMax = 100;

const identity = (endpoint: Endpoint): string => stableText([endpoint.addresses, endpoint.targetRef]);
const groupKey = (group: Pick<EndpointGroup | EndpointSlice, 'addressType' | 'ports'>): string =>
  `${group.addressType}|${(group.ports ?? []).map(stableText).sort().join(',')}`;

interface Draft {
  readonly slice: EndpointSlice | undefined;
  readonly group: Pick<EndpointGroup, 'addressType' | 'ports'>;
  readonly endpoints: readonly Endpoint[];
}

/** Groups that share their ports are one: two would take the same slices for their own. */
function joined(groups: readonly EndpointGroup[]): readonly EndpointGroup[] {
  return [...Map.groupBy(groups, groupKey).values()].flatMap((same) => {
    const [first] = same;
    return first === undefined ? [] : [{ ...first, endpoints: same.flatMap(({ endpoints }) => endpoints) }];
  });
}

/**
 * Spreads groups of endpoints over slices so that few slices change: an endpoint stays where it is, new ones fill
 * slices with room, and a slice that would go is used for one that would be made.
 */
export function planSlices(
  frame: SliceFrame,
  groups: readonly EndpointGroup[],
  existing: readonly EndpointSlice[],
): SlicePlan {
  const live = existing.filter((slice) => slice.metadata.deletionTimestamp === undefined);
  const drafts: Draft[] = joined(groups)
    .filter((group) => group.endpoints.length > 0)
    .flatMap((group) =>
      draftGroup(
        group,
        live.filter((slice) => groupKey(slice) === groupKey(group)),
      ),
    );
  for (const addressType of frame.placeholders ?? [])
    if (!drafts.some(({ group }) => group.addressType === addressType)) drafts.push(placeholder(addressType, live));
  const used = new Set(drafts.map((draft) => draft.slice));
  const spare = live.filter((slice) => !used.has(slice));
  const create: object[] = [];
  const update: EndpointSlice[] = [];
  for (const draft of drafts) {
    const index = spare.findIndex((slice) => slice.addressType === draft.group.addressType);
    const slice = draft.slice ?? (index < 0 ? undefined : spare.splice(index, 1)[0]);
    const body = sliceBody(frame, draft, slice?.metadata);
    if (slice === undefined) create.push(body);
    else if (differs(slice, body)) update.push({ ...slice, ...body } as EndpointSlice);
  }
  return { create, update, remove: spare };
}

function placeholder(addressType: string, live: readonly EndpointSlice[]): Draft {
  const empty = live.find((slice) => slice.addressType === addressType && (slice.endpoints ?? []).length === 0);
  return { slice: empty, group: { addressType, ports: [] }, endpoints: [] };
}

function draftGroup(group: EndpointGroup, slices: readonly EndpointSlice[]): readonly Draft[] {
  const wanted = new Map(group.endpoints.map((endpoint) => [identity(endpoint), endpoint]));
  const kept = slices.map((slice) => {
    const endpoints: Endpoint[] = [];
    for (const endpoint of slice.endpoints ?? []) {
      const next = wanted.get(identity(endpoint));
      if (next === undefined || endpoints.length >= endpointsMax) continue;
      endpoints.push(next);
      wanted.delete(identity(endpoint));
    }
    return { slice, group, endpoints };
  });
  const rest = [...wanted.values()];
  // The fullest slice with room first: slices stay few.
  for (const draft of [...kept].sort((a, b) => b.endpoints.length - a.endpoints.length)) {
    draft.endpoints.push(...rest.splice(0, endpointsMax - draft.endpoints.length));
  }
  const drafts: Draft[] = kept.filter((draft) => draft.endpoints.length > 0);
  while (rest.length > 0) drafts.push({ slice: undefined, group, endpoints: rest.splice(0, endpointsMax) });
  return drafts;
}

function sliceBody(
  frame: SliceFrame,
  draft: Draft,
  metadata: ObjectMeta | undefined,
): { readonly metadata: object; readonly [field: string]: unknown } {
  const own = Object.keys(frame.annotations ?? {}).length === 0 ? metadata?.annotations : frame.annotations;
  const annotations = withTriggerTime(own, frame.trigger);
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata:
      metadata === undefined
        ? {
            generateName: frame.generateName,
            namespace: frame.namespace,
            labels: frame.labels,
            annotations,
            ownerReferences: [frame.owner],
          }
        : {
            ...metadata,
            labels: frame.labels,
            annotations,
            ownerReferences: metadata.ownerReferences ?? [frame.owner],
          },
    addressType: draft.group.addressType,
    endpoints: draft.endpoints.length === 0 ? null : draft.endpoints,
    ports: draft.group.ports.length === 0 ? null : draft.group.ports,
  };
}

function differs(
  slice: EndpointSlice,
  body: { readonly metadata: object; readonly [field: string]: unknown },
): boolean {
  const shape = (from: { readonly metadata?: unknown; readonly [field: string]: unknown }): string => {
    const metadata = from.metadata as ObjectMeta;
    return stableText([
      metadata.labels,
      withTriggerTime(metadata.annotations, undefined) ?? {},
      metadata.ownerReferences,
      from['endpoints'] ?? [],
      from['ports'] ?? [],
    ]);
  };
  return shape(slice) !== shape(body);
}
