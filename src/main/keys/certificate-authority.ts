/** Makes keys and certificates. */
import 'reflect-metadata';
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { certificateBackdateMs } from '../../api-server/index.ts';

/** A certificate and its private key, both PEM. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

export interface Validity {
  /** Wall-clock ms. */
  readonly now: number;
  readonly days: number;
}

export interface LeafOptions extends Validity {
  /** An RFC 4514 name such as `O=system:masters, CN=kubernetes-admin`. */
  readonly subject: string;
  /** `peer`: both. */
  readonly usage: 'server' | 'client' | 'peer';
  /** DNS names and IP addresses that it vouches for. */
  readonly hosts: readonly string[];
  /** How long before now it begins; default: an hour. */
  readonly backdateMs?: number | undefined;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 24 * 60 * 60_000;
/** Certificates begin an hour back, so that a clock a little behind accepts them. */
const skewMs = 60 * 60_000;

x509.cryptoProvider.set(webcrypto);

/** A new self-signed authority. */
export async function makeAuthority(commonName: string, validity: Validity): Promise<Pair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${commonName}`,
    notBefore: new Date(validity.now - skewMs),
    notAfter: new Date(validity.now + validity.days * dayMs),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await exportKey(keys.privateKey) };
}

/** A new key and its certificate, signed by the authority. */
export async function makeLeaf(authority: Pair, leaf: LeafOptions): Promise<Pair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const issuer = new x509.X509Certificate(authority.certificate);
  const names = leaf.hosts.map((host): x509.JsonGeneralName => ({
    type: /^[\d.]+$|:/.test(host) ? 'ip' : 'dns',
    value: host,
  }));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: leaf.subject,
    issuer: issuer.subject,
    notBefore: new Date(leaf.now - (leaf.backdateMs ?? skewMs)),
    notAfter: new Date(leaf.now + leaf.days * dayMs),
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        ...(leaf.usage === 'client' ? [] : [x509.ExtendedKeyUsage.serverAuth]),
        ...(leaf.usage === 'server' ? [] : [x509.ExtendedKeyUsage.clientAuth]),
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await exportKey(keys.privateKey) };
}

const keyUsages: Readonly<Record<string, number>> = {
  'digital signature': x509.KeyUsageFlags.digitalSignature,
  'key encipherment': x509.KeyUsageFlags.keyEncipherment,
};
const extendedUsages: Readonly<Record<string, string>> = {
  'client auth': x509.ExtendedKeyUsage.clientAuth,
  'server auth': x509.ExtendedKeyUsage.serverAuth,
};

export interface RequestToSign {
  /** PKCS #10, PEM. */
  readonly request: string;
  /** By their names in certificates.k8s.io. */
  readonly usages: readonly string[];
  readonly seconds: number;
  /** Wall-clock ms. */
  readonly now: number;
}

/** The certificate that a request asks for, PEM. Rejects when the request is not signed by its own key. */
export async function signRequest(authority: Pair, order: RequestToSign): Promise<string> {
  const request = new x509.Pkcs10CertificateRequest(order.request);
  if (!(await request.verify())) throw new Error('the request is not signed by its own key');
  const issuer = new x509.X509Certificate(authority.certificate);
  const names = request.getExtension('2.5.29.17');
  const flags = order.usages.reduce((sum, usage) => sum | (keyUsages[usage] ?? 0), 0);
  const extended = order.usages.flatMap((usage) => extendedUsages[usage] ?? []);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: request.subject,
    issuer: issuer.subject,
    notBefore: new Date(order.now - certificateBackdateMs),
    notAfter: new Date(Math.min(order.now + order.seconds * 1000, issuer.notAfter.getTime())),
    publicKey: request.publicKey,
    signingKey: await importKey(authority.key),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      ...(flags === 0 ? [] : [new x509.KeyUsagesExtension(flags, true)]),
      ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...(names === null ? [] : [names]),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

/** A new key and a request (PKCS #10, PEM) for its certificate. `subject`: an RFC 4514 name. */
export async function makeRequest(subject: string): Promise<{ readonly request: string; readonly key: string }> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys,
    signingAlgorithm: algorithm,
  });
  return { request: `${request.toString('pem')}\n`, key: await exportKey(keys.privateKey) };
}

/** A new ECDSA P-256 private key, PKCS #8 PEM. */
export async function makeKey(): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  return exportKey(keys.privateKey);
}

/** 16 random bytes, positive (RFC 5280 section 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}
