/** Deletes CertificateSigningRequests that are done with. */
import { type CertificateSigningRequest, resources } from '../../api/index.ts';
import {
  type Controller,
  type ControllerPorts,
  deleteObject,
  isOf,
  keyOf,
  type ReconcileResult,
} from '../runtime/index.ts';
import { endOfRequest } from './reconcile.ts';

export function certificateCleaner(): Controller {
  return {
    name: 'certificate-cleaner',
    resource: resources.certificateSigningRequests,
    watches: [resources.certificateSigningRequests],
    keysFor: (change) =>
      isOf(change, resources.certificateSigningRequests) && change.type === 'put' ? [keyOf(change.object)] : [],
    reconcile,
  };
}

async function reconcile(key: string, ports: ControllerPorts): Promise<ReconcileResult | undefined> {
  const request = ports.view.get<CertificateSigningRequest>(resources.certificateSigningRequests, undefined, key);
  if (request === undefined || request.metadata.deletionTimestamp !== undefined) return undefined;
  const waitMs = endOfRequest(request) - ports.clock.now();
  if (waitMs > 0) return { requeueAfterMs: waitMs };
  await deleteObject(ports, resources.certificateSigningRequests, request);
  return undefined;
}
