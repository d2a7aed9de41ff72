/** Chooses the certificate for a TLS connection by its server name. */
import { createSecureContext, type SecureContext } from 'node:tls';
import { tlsCiphers } from '../../base/index.ts';
import { entryOf } from './route-match.ts';
import type { CertificatePair } from './table.ts';
import type { HostCertificate } from './table.ts';

/** The certificates that connections are served with, by the name that the client asks for (SNI). */
export interface Certificates {
  apply(certificates: readonly HostCertificate[]): void;
  /** For a name; for '' (the client asks for none) what is kept for any host. Undefined: the default certificate. */
  contextOf(name: string): SecureContext | undefined;
}

export const tlsVersionMin = 'TLSv1.2';

export function createCertificates(): Certificates {
  let byHost: ReadonlyMap<string, CertificatePair> = new Map();
  let contexts = new Map<string, SecureContext>();
  return {
    apply(certificates) {
      byHost = new Map(certificates.map((pair) => [pair.host, pair]));
      const kept = new Set(certificates.map(({ certificate, key }) => certificate + key));
      contexts = new Map([...contexts].filter(([text]) => kept.has(text)));
    },
    contextOf(name) {
      const pair = entryOf(byHost, name.toLowerCase());
      if (pair === undefined) return undefined;
      // Made when it is first asked for, and kept while the certificate is the same: sessions resume.
      const text = pair.certificate + pair.key;
      const context =
        contexts.get(text) ??
        createSecureContext({
          cert: pair.certificate,
          key: pair.key,
          minVersion: tlsVersionMin,
          ciphers: tlsCiphers,
        });
      contexts.set(text, context);
      return context;
    },
  };
}
