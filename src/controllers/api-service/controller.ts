/** Watches whether aggregated APIs answer (Kubernetes' available controller). */
import { type APIService, resources, type Service, serviceNameLabel } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isOf,
  keyOf,
  type ReconcileResult,
  writeStatus,
} from '../runtime/index.ts';
import { slicesOf } from '../endpoint-slice/slices.ts';
import { type Backend, planCheck, planStatus, probedCondition } from './reconcile.ts';

/** Fetches an aggregated API's discovery document. Resolves with the failure; undefined: it answered. */
export type ApiProbe = (api: APIService) => Promise<string | undefined>;

/** A service that answered, or failed, is asked again after this long (Kubernetes' default). */
const probeMs = 30_000;

/** Reports in each APIService's status whether its API is available. */
export function apiServiceController(probe: ApiProbe): Controller {
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
    .list<APIService>(resources.apiServices)
    .filter((api) => api.spec?.service?.name === service && api.spec.service.namespace === namespace)
    .map(keyOf);
}

async function reconcile(key: string, ports: ControllerPorts, probe: ApiProbe): Promise<ReconcileResult | undefined> {
  const api = ports.view.get<APIService>(resources.apiServices, undefined, key);
  if (api === undefined || api.metadata.deletionTimestamp !== undefined) return undefined;
  const check = planCheck(api, backendOf(api, ports));
  const failure = check.type === 'probe' ? await probe(api) : undefined;
  const condition = check.type === 'probe' ? probedCondition(failure) : check.condition;
  const status = planStatus(api, condition, ports.clock.now());
  if (status !== undefined) await writeStatus(ports, resources.apiServices, api, status);
  return check.type === 'probe' ? { requeueAfterMs: probeMs } : undefined;
}

function backendOf(api: APIService, { view }: ControllerPorts): Backend | undefined {
  if (api.spec?.service === undefined) return undefined;
  const { namespace = '', name = '' } = api.spec.service;
  return {
    service: view.get<Service>(resources.services, namespace, name),
    slices: slicesOf(view, { namespace, name }),
  };
}
