/** The client certificates of TLS connections, and which authority vouches for them. */
import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { certificatesOf, isSignedBy } from '../auth/index.ts';
import type { ClientCertificate } from '../request.ts';

/** The authorities whose certificates are believed, PEM. */
export interface Authorities {
  readonly clientCa: string;
  /** Of front proxies; absent: there are none. */
  readonly frontProxyCa?: string | undefined;
}

/** The verified certificate of each connection, read once. */
export class ClientCertificates {
  readonly #known = new WeakMap<TLSSocket, ClientCertificate | undefined>();

  /** Undefined: the client shows none, or one that no believed authority signed. */
  of(socket: TLSSocket): ClientCertificate | undefined {
    if (this.#known.has(socket)) return this.#known.get(socket);
    const found = socket.authorized ? read(socket) : undefined;
    this.#known.set(socket, found);
    return found;
  }

  /**
   * Where two authorities are believed, finds out which of them vouches for a new connection's certificate: a front
   * proxy's must never count as a user's. The chain's signatures are followed here, since the connection only says that
   * one of both was at its end.
   */
  judge(socket: TLSSocket, { clientCa, frontProxyCa }: Authorities): void {
    if (frontProxyCa === undefined) return;
    const certificate = this.of(socket);
    const leaf = socket.getPeerX509Certificate();
    if (certificate === undefined || leaf === undefined) return;
    const [client, frontProxy] = [endsAt(leaf, clientCa), endsAt(leaf, frontProxyCa)];
    if (frontProxy) this.#known.set(socket, { ...certificate, signedBy: client ? 'both' : 'frontProxy' });
    else if (!client) this.#known.set(socket, undefined);
  }

  /** Whether the authorities vouch for the certificate that counts for this connection, if any does. */
  isBelieved(socket: TLSSocket, { clientCa, frontProxyCa = '' }: Authorities): boolean {
    if (this.of(socket) === undefined) return true;
    const leaf = socket.getPeerX509Certificate();
    return leaf !== undefined && (endsAt(leaf, clientCa) || endsAt(leaf, frontProxyCa));
  }
}

function read(socket: TLSSocket): ClientCertificate | undefined {
  const certificate = socket.getPeerCertificate();
  const subject = certificate.subject as
    | { readonly CN?: string | string[]; readonly O?: string | string[] }
    | undefined;
  if (subject === undefined) return undefined;
  const commonName = typeof subject.CN === 'string' ? subject.CN : (subject.CN?.[0] ?? '');
  if (commonName === '') return undefined;
  const organizations = subject.O === undefined ? [] : typeof subject.O === 'string' ? [subject.O] : subject.O;
  return {
    commonName,
    organizations,
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    notBefore: Date.parse(certificate.valid_from),
    notAfter: Date.parse(certificate.valid_to),
  };
}

const chainMax = 5;

function endsAt(leaf: X509Certificate, authority: string): boolean {
  const roots = certificatesOf(authority);
  let certificate = leaf;
  for (let depth = 0; depth < chainMax; depth++) {
    if (isSignedBy(certificate, roots)) return true;
    const issuer = certificate.issuerCertificate;
    if (issuer === undefined || !issuer.ca || !certificate.verify(issuer.publicKey)) return false;
    certificate = issuer;
  }
  return false;
}
