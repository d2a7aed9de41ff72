/** Approves the client certificates of nodes. */
import { type CertificateSigningRequest, parseCertificationRequest, resources } from '../../api/index.ts';
import { type Controller, type ControllerPorts, isOf, keyOf, nowText, refOf } from '../runtime/index.ts';
import { type ApprovalCheck, decisionOf, isUndecided } from './reconcile.ts';

/**
 * Approves client certificates of nodes for those who may have them: bootstrapping nodes, and nodes that renew their
 * own.
 */
export function certificateApprover(may: ApprovalCheck): Controller {
  return {
    name: 'csrapproving',
    resource: resources.certificateSigningRequests,
    watches: [resources.certificateSigningRequests],
    keysFor: (change) =>
      isOf(change, resources.certificateSigningRequests) && change.type === 'put' ? [keyOf(change.object)] : [],
    reconcile: (key, ports) => reconcile(key, ports, may),
  };
}

async function reconcile(key: string, ports: ControllerPorts, may: ApprovalCheck): Promise<undefined> {
  const request = ports.view.get<CertificateSigningRequest>(resources.certificateSigningRequests, undefined, key);
  if (request === undefined || !isUndecided(request)) return;
  const nodeExists = (name: string): boolean => ports.view.get(resources.nodes, undefined, name) !== undefined;
  const decision = decisionOf(request.spec, parseCertificationRequest(request.spec.request), { may, nodeExists });
  if (decision === undefined) return;
  const now = nowText(ports);
  const condition = { ...decision, status: 'True', lastUpdateTime: now, lastTransitionTime: now };
  const conditions = [...(request.status?.conditions ?? []), condition];
  await ports.client.update(
    refOf(resources.certificateSigningRequests, request),
    { ...request, status: { ...request.status, conditions } },
    { subresource: 'approval' },
  );
}
