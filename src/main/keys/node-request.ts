/** Requests the client certificate of a node (CertificateSigningRequest). */
import { delay, type Timers } from '../../base/index.ts';
import { certificateAuthority } from './pki.ts';

/** The fields of a CertificateSigningRequest that are read here. */
export interface SigningRequestObject {
  readonly metadata: { readonly name: string };
  readonly spec: object;
  readonly status?: {
    readonly certificate?: string;
    readonly conditions?: readonly { readonly type: string; readonly message?: string }[];
  };
}

/** The calls to the API: over HTTPS when joining, over the bus when renewing. */
export interface RequestCalls {
  create(request: SigningRequestObject): Promise<void>;
  get(name: string): Promise<SigningRequestObject>;
}

/** The request was denied or cannot be signed. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
}

const pollMs = 100;
const waitMs = 30_000;

interface NodeRequestOptions {
  /** The node's name. */
  readonly name: string;
  readonly days: number;
  /** Makes the name of the request unique. */
  readonly id: string;
}

interface NodeRequest {
  readonly request: SigningRequestObject;
  /** The new private key, PEM. */
  readonly key: string;
}

/** As kubelets request theirs (KEP-266). */
export async function nodeRequest(options: NodeRequestOptions): Promise<NodeRequest> {
  const { makeRequest } = await certificateAuthority();
  const { request, key } = await makeRequest(`O=system:nodes, CN=system:node:${options.name}`);
  return {
    key,
    request: {
      ...{ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest' },
      metadata: { name: `node-${options.name}-${options.id}` },
      spec: {
        request: Buffer.from(request).toString('base64'),
        signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
        usages: ['digital signature', 'client auth'],
        expirationSeconds: options.days * 24 * 60 * 60,
      },
    },
  };
}

/** Submits the request and resolves with the certificate, PEM, once it is signed. */
export async function issuedCertificate(
  calls: RequestCalls,
  request: SigningRequestObject,
  timers: Timers,
): Promise<string> {
  await calls.create(request);
  for (let waitedMs = 0; waitedMs < waitMs; waitedMs += pollMs) {
    const { status } = await calls.get(request.metadata.name);
    if (status?.certificate !== undefined && status.certificate !== '')
      return Buffer.from(status.certificate, 'base64').toString();
    const refusal = status?.conditions?.find(({ type }) => type === 'Denied' || type === 'Failed');
    if (refusal !== undefined) throw new RequestRefused(refusal.message ?? refusal.type);
    await delay(timers, pollMs);
  }
  throw new Error(
    `the request ${request.metadata.name} was not signed within ${waitMs / 1000} s; see \`kubectl get csr\``,
  );
}
