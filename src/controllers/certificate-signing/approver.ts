import { type CertificationRequest, parseCertificationRequest } from '../../api/index.ts';
import { type Controller, type ControllerPorts, isOf, keyOf, nowText, refOf } from '../runtime/index.ts';
import { resources, type Stored } from '../objects.ts';
import { nodeClientSigner, signingProblem, type SigningRequest } from './signers.ts';

/**
 * Whether the requester may create `certificatesigningrequests/<subresource>`, by which the cluster says whom it
 * approves unasked.
 */
export type ApprovalCheck = (
  requester: {
    readonly name: string;
    readonly uid?: string;
    readonly groups: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  },
  subresource: 'nodeclient' | 'selfnodeclient',
) => boolean;

/**
 * Approves client certificates of nodes for those who may have them: bootstrapping nodes, and nodes that renew their
 * own.
 */
export function certificateApprover(may: ApprovalCheck): Controller {
  return {
    name: 'csrapproving',
    resource: resources.signingRequests,
    watches: [resources.signingRequests],
    keysFor: (change) =>
      isOf(change, resources.signingRequests) && change.type === 'put' ? [keyOf(change.object)] : [],
    reconcile: (key, ports) => reconcile(key, ports, may),
  };
}

/**
 * What approving the request would mean; the stricter right comes first. Undefined: it is none of a node's client
 * certificate.
 */
export function approvalOf(
  spec: SigningRequest['spec'],
  asked: CertificationRequest | undefined,
  may: ApprovalCheck,
): string | undefined {
  if (spec.signerName !== nodeClientSigner || asked === undefined || signingProblem(spec, asked) !== undefined)
    return undefined;
  const { username = '', uid, groups = [], extra } = spec;
  const requester = {
    name: username,
    groups,
    ...(uid === undefined ? {} : { uid }),
    ...(extra === undefined ? {} : { extra }),
  };
  if (username === asked.commonName && may(requester, 'selfnodeclient'))
    return 'Auto approving self kubelet client certificate after SubjectAccessReview.';
  return may(requester, 'nodeclient')
    ? 'Auto approving kubelet client certificate after SubjectAccessReview.'
    : undefined;
}

const nameTaken = 'a node of this name is in the cluster already; remove it first or take another name';

/**
 * What becomes of a request that nobody decided. Whoever has a token to join with must not become a node that others
 * joined as.
 */
export function decisionOf(
  spec: SigningRequest['spec'],
  asked: CertificationRequest | undefined,
  ports: { readonly may: ApprovalCheck; readonly nodeExists: (name: string) => boolean },
): { readonly type: string; readonly reason: string; readonly message: string } | undefined {
  const message = approvalOf(spec, asked, ports.may);
  if (asked === undefined || message === undefined) return undefined;
  const joins = spec.username !== asked.commonName;
  if (joins && ports.nodeExists(asked.commonName.replace(/^system:node:/, '')))
    return { type: 'Denied', reason: 'NodeExists', message: nameTaken };
  return { type: 'Approved', reason: 'AutoApproved', message };
}

async function reconcile(key: string, ports: ControllerPorts, may: ApprovalCheck): Promise<undefined> {
  const request = ports.view.get<SigningRequest & Stored>(resources.signingRequests, undefined, key);
  if (
    request === undefined ||
    request.metadata.deletionTimestamp !== undefined ||
    (request.status?.certificate ?? '') !== ''
  )
    return;
  const { conditions = [] } = request.status ?? {};
  if (conditions.some(({ type }) => type === 'Approved' || type === 'Denied')) return;
  const nodeExists = (name: string): boolean => ports.view.get(resources.nodes, undefined, name) !== undefined;
  const decision = decisionOf(request.spec, parseCertificationRequest(request.spec.request), { may, nodeExists });
  if (decision === undefined) return;
  const now = nowText(ports);
  const condition = { ...decision, status: 'True', lastUpdateTime: now, lastTransitionTime: now };
  await ports.client.update(
    refOf(resources.signingRequests, request),
    { ...request, status: { ...request.status, conditions: [...conditions, condition] } },
    { subresource: 'approval' },
  );
}
