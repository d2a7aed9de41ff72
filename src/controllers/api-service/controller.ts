import type { ObjectChange } from '../../resources/index.ts';
import { conditionOf, withMetaCondition } from '../conditions.ts';
import {
  type Controller,
  type ControllerPorts,
  isOf,
  keyOf,
  type ReconcileResult,
  writeStatus,
} from '../runtime/index.ts';
import { type EndpointSlice, serviceNameLabel, slicesOf } from '../endpoint-slice/slices.ts';
import { resources } from '../objects.ts';
import type { Service } from '../endpoint-slice/service.ts';
import { type ApiService, localCondition, obstacleOf, probedCondition } from './condition.ts';

/** Asks an aggregated API for its discovery document. Resolves with why it cannot be had; undefined: it answered. */
export type ApiProbe = (api: ApiService) => Promise<string | undefined>;

/** A service that answered, or failed, is asked again after this long (as upstream). */
const probeMs = 30_000;

/** Says of each APIService whether its API can be had. */
export function apiServiceController(probe: ApiProbe | undefined): Controller {
  return {
    name: 'apiservice-available-controller',
    resource: resources.apiServices,
    watches: [resources.apiServices, resources.services, resources.endpointSlices],
    keysFor,
    reconcile: (key, ports) => reconcile(key, ports, probe),
  };
}

function keysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, resources.apiServices)) return change.type === 'put' ? [keyOf(change.object)] : [];
  const service = isOf(change, resources.services)
    ? change.object.metadata.name
    : isOf(change, resources.endpointSlices)
      ? change.object.metadata.labels?.[serviceNameLabel]
      : undefined;
  if (service === undefined) return [];
  const { namespace } = change.object.metadata;
  return ports.view
    .list<ApiService>(resources.apiServices)
    .filter((api) => api.spec?.service?.name === service && api.spec.service.namespace === namespace)
    .map(keyOf);
}

async function reconcile(
  key: string,
  ports: ControllerPorts,
  probe: ApiProbe | undefined,
): Promise<ReconcileResult | undefined> {
  const api = ports.view.get<ApiService>(resources.apiServices, undefined, key);
  if (api === undefined || api.metadata.deletionTimestamp !== undefined) return undefined;
  const asks = api.spec?.service !== undefined;
  const obstacle = asks ? obstacleOf(api, backendOf(api, ports)) : localCondition;
  const next =
    obstacle ??
    probedCondition(
      probe === undefined ? 'this server does not pass requests on to other API servers' : await probe(api),
    );
  const current = conditionOf(api.status?.conditions, 'Available');
  if (current?.status !== next.status || current.reason !== next.reason || current.message !== next.message) {
    await writeStatus(ports, resources.apiServices, api, {
      conditions: withMetaCondition(api.status?.conditions ?? [], next, ports.clock.now()),
    });
  }
  return asks && obstacle === undefined && probe !== undefined ? { requeueAfterMs: probeMs } : undefined;
}

function backendOf(
  api: ApiService,
  ports: ControllerPorts,
): { readonly service: Service | undefined; readonly slices: readonly EndpointSlice[] } {
  const { namespace = '', name = '' } = api.spec?.service ?? {};
  return {
    service: ports.view.get<Service>(resources.services, namespace, name),
    slices: slicesOf(ports.view, { namespace, name }),
  };
}
