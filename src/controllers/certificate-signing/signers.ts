/** The signers that a cluster has by itself, and what each of them signs (certificates.k8s.io). */
import type { CertificateSigningRequest, CertificationRequest } from '../../api/index.ts';

interface Signer {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Its certificates are those of nodes. */
  readonly node: boolean;
  readonly serving: boolean;
}

/** The signers that a cluster has by itself. */
const signers: Readonly<Record<string, Signer>> = {
  'kubernetes.io/kube-apiserver-client': {
    required: ['client auth'],
    optional: ['digital signature', 'key encipherment'],
    node: false,
    serving: false,
  },
  'kubernetes.io/kube-apiserver-client-kubelet': {
    required: ['client auth', 'digital signature'],
    optional: ['key encipherment'],
    node: true,
    serving: false,
  },
  'kubernetes.io/kubelet-serving': {
    required: ['digital signature', 'server auth'],
    optional: ['key encipherment'],
    node: true,
    serving: true,
  },
};

export const nodeClientSigner = 'kubernetes.io/kube-apiserver-client-kubelet';

export function isBuiltIn(signerName: string): boolean {
  return Object.hasOwn(signers, signerName);
}

/** What is wrong with the usages: for a node all that are required, for a client the first wrong one. */
function usagesProblem({ required, optional, node }: Signer, usages: readonly string[]): string | undefined {
  const other = usages.find((usage) => !required.includes(usage) && !optional.includes(usage));
  const missing = required.find((usage) => !usages.includes(usage));
  if (other === undefined && missing === undefined) return undefined;
  if (node) return `usages did not match [${[...required, ...optional].sort().join(' ')}]`;
  return other === undefined
    ? `missing required usage for client certificate: ${missing ?? ''}`
    : `invalid usage for client certificate: ${other}`;
}

/** Names that only some certificates may have. */
function namesProblem(
  { serving }: Signer,
  { dnsNames, ipAddresses, emailAddresses, uris }: CertificationRequest,
): string | undefined {
  if (serving && dnsNames.length + ipAddresses.length === 0) return 'DNS or IP subjectAltName is required';
  if (!serving && dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (!serving && ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
  return uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined;
}

/** Why the built-in signer does not sign the request; undefined: it does. */
export function signingProblem(
  spec: CertificateSigningRequest['spec'],
  request: CertificationRequest | undefined,
): string | undefined {
  const signer = signers[spec.signerName];
  if (signer === undefined) return `${spec.signerName} is no signer of this cluster`;
  if (request === undefined) return 'unable to parse csr';
  if (signer.node) {
    if (request.organizations.length !== 1 || request.organizations[0] !== 'system:nodes')
      return 'subject organization is not system:nodes';
    const problem = namesProblem(signer, request);
    if (problem !== undefined) return problem;
    if (!request.commonName.startsWith('system:node:')) return 'subject common name does not begin with system:node:';
  }
  return usagesProblem(signer, spec.usages ?? []);
}

const day = 24 * 60 * 60;

/** How long the certificate holds: as asked, but at most a year. */
export function certificateSeconds(asked: number | undefined): number {
  return Math.min(asked ?? 365 * day, 365 * day);
}
