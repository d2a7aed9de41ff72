/** Decides whether the API of an APIService is available, and what its condition says. */
import {
  type APIService,
  type APIServiceCondition,
  type EndpointSlice,
  findCondition,
  readyEndpoints,
  type Service,
  setCondition,
  timeText,
} from '../../api/index.ts';

/** The Service that an APIService names, as its objects show it. */
export interface Backend {
  readonly service: Service | undefined;
  readonly slices: readonly EndpointSlice[];
}

type Draft = Omit<APIServiceCondition, 'lastTransitionTime'>;

const unavailable = (reason: string, message: string): Draft => ({
  type: 'Available',
  status: 'False',
  reason,
  message,
});

/**
 * Why the Service cannot serve the API, as its objects show; undefined: nothing speaks against it, so one may try.
 */
export function obstacleOf(api: APIService, { service, slices }: Backend): Draft | undefined {
  const { namespace = '', name = '', port = 443 } = api.spec?.service ?? {};
  const where = `service/${name} in ${JSON.stringify(namespace)}`;
  if (service === undefined) return unavailable('ServiceNotFound', `${where} is not present`);
  if ((service.spec.type ?? 'ClusterIP') !== 'ClusterIP') return undefined;
  const found = service.spec.ports?.find((candidate) => candidate.port === port);
  if (found === undefined) return unavailable('ServicePortError', `${where} is not listening on port ${String(port)}`);
  if (slices.length === 0) return unavailable('EndpointsNotFound', `cannot find endpointslices for ${where}`);
  const portName = found.name ?? '';
  const served = slices.some(
    (slice) =>
      (slice.ports ?? []).some((candidate) => (candidate.name ?? '') === portName) && readyEndpoints(slice).length > 0,
  );
  return served
    ? undefined
    : unavailable(
        'MissingEndpoints',
        `endpointslices for ${where} have no addresses with port name ${JSON.stringify(portName)}`,
      );
}

const localCondition: Draft = {
  type: 'Available',
  status: 'True',
  reason: 'Local',
  message: 'Local APIServices are always available',
};

/** The outcome of asking the service itself; `failure` undefined: it answered. */
export function probedCondition(failure: string | undefined): Draft {
  return failure === undefined
    ? { type: 'Available', status: 'True', reason: 'Passed', message: 'all checks passed' }
    : unavailable('FailedDiscoveryCheck', failure);
}

/** The condition to report, or that only a request to the service can decide. */
type Check = { readonly type: 'known'; readonly condition: Draft } | { readonly type: 'probe' };

/** `backend` is undefined for an API that names no Service: it is served here. */
export function planCheck(api: APIService, backend: Backend | undefined): Check {
  const known = backend === undefined ? localCondition : obstacleOf(api, backend);
  return known === undefined ? { type: 'probe' } : { type: 'known', condition: known };
}

/** The status to write; undefined: it says so already. */
export function planStatus(api: APIService, next: Draft, now: number): APIService['status'] | undefined {
  const current = findCondition(api.status?.conditions, 'Available');
  if (current?.status === next.status && current.reason === next.reason && current.message === next.message)
    return undefined;
  return { conditions: setCondition(api.status?.conditions, next, timeText(now)) };
}
