import { conditionOf } from '../conditions.ts';
import {
  type Controller,
  type ControllerPorts,
  deleteObject,
  isOf,
  keyOf,
  type ReconcileResult,
} from '../runtime/index.ts';
import { resources, timeOf } from '../objects.ts';
import type { SigningRequest } from './signers.ts';

const hourMs = 60 * 60_000;
/** How long requests are kept, by what became of them (as upstream). */
const keptMs = { Approved: hourMs, Denied: hourMs, Failed: hourMs, pending: 24 * hourMs } as const;

/** When the request is to go: some time after its decision, or after it was made when nobody decided. */
export function endOfRequest(request: SigningRequest): number {
  const { conditions = [] } = request.status ?? {};
  const ends = (['Approved', 'Denied', 'Failed'] as const).flatMap((type) => {
    const condition = conditionOf(conditions, type);
    return condition === undefined ? [] : [(timeOf(condition.lastUpdateTime) ?? 0) + keptMs[type]];
  });
  return ends.length === 0 ? (timeOf(request.metadata.creationTimestamp) ?? 0) + keptMs.pending : Math.min(...ends);
}

/** Deletes requests that are done with. */
export function certificateCleaner(): Controller {
  return {
    name: 'certificate-cleaner',
    resource: resources.signingRequests,
    watches: [resources.signingRequests],
    keysFor: (change) =>
      isOf(change, resources.signingRequests) && change.type === 'put' ? [keyOf(change.object)] : [],
    reconcile,
  };
}

async function reconcile(key: string, ports: ControllerPorts): Promise<ReconcileResult | undefined> {
  const request = ports.view.get<SigningRequest>(resources.signingRequests, undefined, key);
  if (request === undefined || request.metadata.deletionTimestamp !== undefined) return undefined;
  const waitMs = endOfRequest(request) - ports.clock.now();
  if (waitMs > 0) return { requeueAfterMs: waitMs };
  await deleteObject(ports, resources.signingRequests, request);
  return undefined;
}
