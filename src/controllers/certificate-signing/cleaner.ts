/** Deletes CertificateSigningRequests that are done with. */
import {
  type Controller,
  type ControllerPorts,
  deleteObject,
  isOf,
  keyOf,
  type ReconcileResult,
} from '../runtime/index.ts';
import { resources } from '../objects.ts';
import { endOfRequest } from './reconcile.ts';
import type { SigningRequest } from './signers.ts';

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
