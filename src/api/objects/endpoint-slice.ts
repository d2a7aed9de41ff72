/** Rules about EndpointSlices that every component shares. */
import type { Endpoint, EndpointSlice } from './generated/discovery-v1.ts';
import type { StoredMeta } from './stored.ts';
import type { View } from './views.ts';

/** The label by which a slice names its Service. */
export const serviceNameLabel = 'kubernetes.io/service-name';

/** The annotation of endpoints and slices that says when the change began that they show. */
export const endpointsTrigger = 'endpoints.kubernetes.io/last-change-trigger-time';

/** The name of the slice's Service, in the slice's own namespace. */
export function serviceOfSlice(slice: { readonly metadata: Pick<StoredMeta, 'labels'> }): string | undefined {
  return slice.metadata.labels?.[serviceNameLabel];
}

/** Whether traffic may go to the endpoint; one that does not say is ready. */
export function isEndpointReady({ conditions }: Pick<View<Endpoint>, 'conditions'>): boolean {
  return conditions?.ready !== false;
}

/**
 * Whether the endpoint still answers while it terminates: it takes traffic where no endpoint is ready. One that does
 * not say serves.
 */
export function isServingWhileTerminating({ conditions }: Pick<View<Endpoint>, 'conditions'>): boolean {
  return conditions?.terminating === true && conditions.serving !== false;
}

/** The slice's endpoints that traffic may go to. */
export function readyEndpoints<E extends View<Endpoint>>(slice: {
  readonly endpoints?: readonly E[] | null | undefined;
}): readonly E[] {
  return (slice.endpoints ?? []).filter(isEndpointReady);
}

/** The slices of a Service, whoever made them. */
export function slicesOfService<S extends Pick<EndpointSlice, 'metadata'>>(
  slices: readonly S[],
  service: { readonly namespace: string; readonly name: string },
): readonly S[] {
  return slices.filter(
    (slice) => slice.metadata.namespace === service.namespace && serviceOfSlice(slice) === service.name,
  );
}
