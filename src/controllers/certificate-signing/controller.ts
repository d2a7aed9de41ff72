/** Signs approved CertificateSigningRequests to the cluster's own signers. */
import { type CertificateSigningRequest, parseCertificationRequest, resources } from '../../api/index.ts';
import { type Controller, type ControllerPorts, isOf, keyOf, nowText, writeStatus } from '../runtime/index.ts';
import { awaitsSigner } from './reconcile.ts';
import { certificateSeconds, signingProblem } from './signers.ts';

/** What the authority of a cluster is asked to sign. */
export interface SigningOrder {
  /** PKCS #10, PEM. */
  readonly request: string;
  readonly signerName: string;
  /** Kubernetes' names: `client auth`, `server auth`, `digital signature`, `key encipherment` … */
  readonly usages: readonly string[];
  readonly seconds: number;
}

/** Resolves with the certificate, PEM. Rejects when the request is not signed by its own key, or is no request. */
export type CertificateSigner = (order: SigningOrder) => Promise<string>;

/** Signs approved requests to the built-in signers. */
export function certificateSigningController(sign: CertificateSigner): Controller {
  return {
    name: 'certificate-controller',
    resource: resources.certificateSigningRequests,
    watches: [resources.certificateSigningRequests],
    keysFor: (change) =>
      isOf(change, resources.certificateSigningRequests) && change.type === 'put' ? [keyOf(change.object)] : [],
    reconcile: (key, ports) => reconcile(key, ports, sign),
  };
}

async function reconcile(key: string, ports: ControllerPorts, sign: CertificateSigner): Promise<undefined> {
  const request = ports.view.get<CertificateSigningRequest>(resources.certificateSigningRequests, undefined, key);
  if (request === undefined || !awaitsSigner(request)) return;
  const { spec } = request;
  const problem = signingProblem(spec, parseCertificationRequest(spec.request));
  if (problem !== undefined) return fail(request, problem, ports);
  const made = await signed(sign, spec);
  if ('problem' in made) return fail(request, made.problem, ports);
  await writeStatus(ports, resources.certificateSigningRequests, request, {
    ...request.status,
    certificate: btoa(made.certificate),
  });
}

async function signed(
  sign: CertificateSigner,
  spec: CertificateSigningRequest['spec'],
): Promise<{ readonly certificate: string } | { readonly problem: string }> {
  try {
    const certificate = await sign({
      request: atob(spec.request),
      signerName: spec.signerName,
      usages: spec.usages ?? [],
      seconds: certificateSeconds(spec.expirationSeconds),
    });
    return { certificate };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

async function fail(request: CertificateSigningRequest, message: string, ports: ControllerPorts): Promise<undefined> {
  const now = nowText(ports);
  const failed = {
    type: 'Failed',
    status: 'True',
    reason: 'SignerValidationFailure',
    message,
    lastUpdateTime: now,
    lastTransitionTime: now,
  };
  await writeStatus(ports, resources.certificateSigningRequests, request, {
    ...request.status,
    conditions: [...(request.status?.conditions ?? []), failed],
  });
}
