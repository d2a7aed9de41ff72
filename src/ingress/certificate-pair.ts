/** Certificates out of Secrets. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { errorMessage } from '../base/index.ts';
import type { Problem } from './backend.ts';
import type { Secret } from '../api/index.ts';
import type { CertificatePair } from './proxy/index.ts';

const decoded = (text: string | undefined): string => Buffer.from(text ?? '', 'base64').toString('utf8');

type ReadPair = { readonly pair: CertificatePair } | { readonly problem: Problem };

/** Secrets are frozen, and looked at again at each change of anything. */
const known = new WeakMap<Secret, ReadPair>();

/** The certificate of a Secret, or why it cannot be used. */
export function pairOf(name: string, secret: Secret | undefined): ReadPair {
  if (secret === undefined)
    return {
      problem: {
        reason: 'SecretNotFound',
        message: `secret "${name}" does not exist; its hosts are served with the default certificate`,
      },
    };
  const read = known.get(secret) ?? readPair(name, secret);
  known.set(secret, read);
  return read;
}

function readPair(name: string, secret: Secret): ReadPair {
  const pair = { certificate: decoded(secret.data?.['tls.crt']), key: decoded(secret.data?.['tls.key']) };
  try {
    if (new X509Certificate(pair.certificate).checkPrivateKey(createPrivateKey(pair.key))) return { pair };
    return invalid(name, 'tls.key is not the key of tls.crt');
  } catch (error) {
    return invalid(name, `tls.crt and tls.key cannot be read (${errorMessage(error)})`);
  }
}

function invalid(name: string, why: string): ReadPair {
  return {
    problem: {
      reason: 'InvalidCertificate',
      message: `secret "${name}": ${why}; its hosts are served with the default certificate`,
    },
  };
}
