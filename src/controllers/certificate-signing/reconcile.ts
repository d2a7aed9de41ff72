/** Decides whether a CertificateSigningRequest is approved, signed or done with. */
import {
  type CertificateSigningRequest,
  type CertificationRequest,
  findCondition,
  parseTime,
} from '../../api/index.ts';
import { isBuiltIn, nodeClientSigner, signingProblem } from './signers.ts';

interface Requester {
  readonly name: string;
  readonly uid?: string | undefined;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/**
 * Whether the requester may create `certificatesigningrequests/<subresource>`, by which the cluster says whom it
 * approves unasked.
 */
export type ApprovalCheck = (requester: Requester, subresource: 'nodeclient' | 'selfnodeclient') => boolean;

/** What approving the request would mean; the stricter right comes first. Undefined: it is for no node's client. */
export function approvalOf(
  spec: CertificateSigningRequest['spec'],
  asked: CertificationRequest | undefined,
  may: ApprovalCheck,
): string | undefined {
  if (spec.signerName !== nodeClientSigner || asked === undefined || signingProblem(spec, asked) !== undefined)
    return undefined;
  const { username = '', uid, groups = [], extra } = spec;
  const requester = {
    name: username,
    groups,
    uid,
    extra,
  };
  if (username === asked.commonName && may(requester, 'selfnodeclient'))
    return 'Auto approving self kubelet client certificate after SubjectAccessReview.';
  return may(requester, 'nodeclient')
    ? 'Auto approving kubelet client certificate after SubjectAccessReview.'
    : undefined;
}

const nameTaken = 'a node of this name is in the cluster already; remove it first or take another name';

/** A condition of the request. */
interface Decision {
  readonly type: 'Approved' | 'Denied';
  readonly reason: string;
  readonly message: string;
}

/**
 * What becomes of a request that nobody decided. The holder of a join token must not become a node that others
 * joined as.
 */
export function decisionOf(
  spec: CertificateSigningRequest['spec'],
  asked: CertificationRequest | undefined,
  facts: { readonly may: ApprovalCheck; readonly nodeExists: (name: string) => boolean },
): Decision | undefined {
  const message = approvalOf(spec, asked, facts.may);
  if (asked === undefined || message === undefined) return undefined;
  const joins = spec.username !== asked.commonName;
  if (joins && facts.nodeExists(asked.commonName.replace(/^system:node:/, '')))
    return { type: 'Denied', reason: 'NodeExists', message: nameTaken };
  return { type: 'Approved', reason: 'AutoApproved', message };
}

/** Whether somebody is still to say if the request is approved. */
export function isUndecided({ metadata, status }: CertificateSigningRequest): boolean {
  const { certificate = '', conditions = [] } = status ?? {};
  return (
    metadata.deletionTimestamp === undefined &&
    certificate === '' &&
    !conditions.some(({ type }) => type === 'Approved' || type === 'Denied')
  );
}

/** Whether the request waits for one of the cluster's own signers. */
export function awaitsSigner({ metadata, spec, status }: CertificateSigningRequest): boolean {
  const { certificate = '', conditions = [] } = status ?? {};
  const has = (type: string): boolean => findCondition(conditions, type) !== undefined;
  return (
    metadata.deletionTimestamp === undefined &&
    isBuiltIn(spec.signerName) &&
    certificate === '' &&
    has('Approved') &&
    !has('Denied') &&
    !has('Failed')
  );
}

const hourMs = 60 * 60_000;
/** How long requests are kept, by what became of them (as in Kubernetes). */
const keptMs = { Approved: hourMs, Denied: hourMs, Failed: hourMs, pending: 24 * hourMs } as const;

/** When the request is deleted: some time after its decision, or after it was made when nobody decided. */
export function endOfRequest(request: CertificateSigningRequest): number {
  const { conditions = [] } = request.status ?? {};
  const ends = (['Approved', 'Denied', 'Failed'] as const).flatMap((type) => {
    const condition = findCondition(conditions, type);
    return condition === undefined ? [] : [(parseTime(condition.lastUpdateTime) ?? 0) + keptMs[type]];
  });
  return ends.length === 0 ? (parseTime(request.metadata.creationTimestamp) ?? 0) + keptMs.pending : Math.min(...ends);
}
