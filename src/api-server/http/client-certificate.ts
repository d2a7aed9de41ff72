import type { TLSSocket } from 'node:tls';
import type { ClientCertificate } from '../request.ts';

const known = new WeakMap<object, ClientCertificate | undefined>();

/** The verified certificate of a connection, read once. A certificate that our authority did not sign is none. */
export function certificateOf(socket: TLSSocket): ClientCertificate | undefined {
  if (known.has(socket)) return known.get(socket);
  const found = socket.authorized ? read(socket) : undefined;
  known.set(socket, found);
  return found;
}

function read(socket: TLSSocket): ClientCertificate | undefined {
  const certificate = socket.getPeerCertificate();
  const subject = certificate.subject as { readonly CN?: string | string[]; readonly O?: string | string[] } | undefined;
  if (subject === undefined) return undefined;
  const commonName = typeof subject.CN === 'string' ? subject.CN : subject.CN?.[0] ?? '';
  if (commonName === '') return undefined;
  const organizations = subject.O === undefined ? [] : typeof subject.O === 'string' ? [subject.O] : subject.O;
  return { commonName, organizations, fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(), notBefore: Date.parse(certificate.valid_from) };
}
