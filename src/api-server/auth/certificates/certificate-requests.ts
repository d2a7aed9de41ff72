/** Admission of certificate signing requests: who may ask, approve and sign. */
import {
  deepEqual,
  forbiddenError,
  type KubeObject,
  parseCertificationRequest,
  type StatusError,
} from '../../../api/index.ts';
import type { AdmissionRequest } from '../../../resources/index.ts';
import type { Authorizer } from '../attributes.ts';
import { mastersGroup } from '../authorization.ts';
import { nodesGroup } from '../node/index.ts';

interface Request extends KubeObject {
  readonly spec?: { readonly signerName?: string; readonly request?: string };
  readonly status?: { readonly certificate?: string; readonly conditions?: unknown };
}

const group = 'certificates.k8s.io';
const clientSigner = 'kubernetes.io/kube-apiserver-client';
/** Whose certificates the API takes for users whom anybody may have asked for. */
const userSigners: readonly unknown[] = [clientSigner, 'kubernetes.io/legacy-unknown'];
/** Names and groups of the cluster's own parts. Kubernetes leaves all but the masters to who approves. */
const ownNames = ['system:node:', 'system:serviceaccount:', 'system:kube-', 'system:apiserver', 'troupe:'];
const ownGroups = [nodesGroup, 'system:serviceaccounts'];

/**
 * Who may have certificates signed (Kubernetes' CertificateApproval, CertificateSigning and
 * CertificateSubjectRestriction): approving and signing need the right to do so for the signer, and nobody gets a
 * client certificate of the masters, of a node, or of another part of the cluster. Answers the 403.
 */
export async function certificateError(
  authorize: Authorizer,
  { operation, info, subresource, user, name, object, old }: AdmissionRequest,
): Promise<StatusError | undefined> {
  if (info.group !== group || info.resource !== 'certificatesigningrequests' || object === undefined) return undefined;
  const refuse = (reason: string): StatusError => forbiddenError({ group, resource: info.resource }, name, reason);
  if (operation === 'CREATE' && subresource === '') {
    const reason = impersonation(object as Request);
    return reason === undefined ? undefined : refuse(reason);
  }
  const before = old as Request | undefined;
  if (operation !== 'UPDATE' || before === undefined) return undefined;
  const signerName = before.spec?.signerName ?? '';
  const may = async (verb: string): Promise<boolean> => {
    for (const signer of [signerName, `${signerName.split('/')[0] ?? ''}/*`]) {
      const decision = await authorize({
        user,
        verb,
        isResource: true,
        group,
        version: '*',
        resource: 'signers',
        subresource: '',
        namespace: '',
        name: signer,
        path: '',
      });
      if (decision.allowed) return true;
    }
    return false;
  };
  if (subresource === 'approval' && !(await may('approve')))
    return refuse(`user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`);
  if (subresource === 'status' && isSigned(object as Request, before) && !(await may('sign')))
    return refuse(`user not permitted to sign requests with signerName ${JSON.stringify(signerName)}`);
  return undefined;
}

/** As whom of the cluster's own the certificate would speak; undefined: as nobody. */
function impersonation({ spec }: Partial<Request>): string | undefined {
  if (!userSigners.includes(spec?.signerName)) return undefined;
  const asked = parseCertificationRequest(spec?.request ?? '');
  if (asked === undefined) return undefined;
  const signer = `use of ${String(spec?.signerName)} signer with`;
  if (asked.organizations.includes(mastersGroup)) return `${signer} ${mastersGroup} group is not allowed`;
  const group = asked.organizations.find((name) => ownGroups.some((own) => name === own || name.startsWith(`${own}:`)));
  if (group !== undefined) return `${signer} ${group} group is not allowed`;
  const name = asked.commonName;
  return ownNames.some((own) => name.startsWith(own)) ? `${signer} the name ${name} is not allowed` : undefined;
}

/** Only a signer issues a certificate, or says that it cannot. */
function isSigned({ status: now = {} }: Partial<Request>, { status: before = {} }: Partial<Request>): boolean {
  return (
    (now.certificate ?? '') !== (before.certificate ?? '') || !deepEqual(now.conditions ?? [], before.conditions ?? [])
  );
}
