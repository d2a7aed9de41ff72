/** The cluster's certificate authority and keys, in the home's folder pki/. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { type IpFamily, isGlobalUnicast } from '../../api/index.ts';
import { join } from 'node:path';
import { certificatesOf, certificateTexts, isSignedBy } from '../../api-server/index.ts';
import type { LeafOptions, Pair } from './certificate-authority.ts';
import { lifeOf } from './certificate-life.ts';
import { writePrivate } from '../process/index.ts';

/**
 * As PEM texts. The files, all of mode 0600: ca.{crt,key}, server.{crt,key} (the API), admin.{crt,key} (group
 * system:masters, for the kubeconfig), service-account.key (signs tokens), front-proxy-ca.{crt,key} and
 * front-proxy-client.{crt,key} (speaks for users to aggregated API servers), peer.{crt,key} (between NATS servers of
 * several machines), store-ca.{crt,key} and store.{crt,key} (between their stores), sealing.key (this home's own: it
 * opens what others seal for it). ECDSA P-256, X.509 v3 (RFC 5280).
 */
export interface Pki {
  /** The authorities whose certificates are believed; the first signs. */
  readonly ca: string;
  readonly authority: Pair;
  readonly serverCertificate: string;
  readonly serverKey: string;
  readonly adminCertificate: string;
  readonly adminKey: string;
  readonly serviceAccountKey: string;
  /** Opens what others seal for this home alone. */
  readonly sealingKey: string;
  /** The certificate that aggregated API servers know this one by, and its authority. */
  readonly frontProxy: { readonly ca: string; readonly certificate: string; readonly key: string };
  /**
   * For the links between the stores of several machines, as server and client, and the authority of those links.
   * Absent in a cluster of one machine.
   */
  readonly store?: StorePair | undefined;
}

interface StorePair extends Pair {
  readonly ca: string;
}

export interface PkiOptions {
  readonly folder: string;
  readonly cluster: string;
  readonly now: number;
  /** Addresses and names of the API, beside this machine's own. */
  readonly hosts: readonly string[];
  /** The address that members of other machines use to reach this one; absent: there are none. */
  readonly peerHost?: string | undefined;
}

const caDays = 3650;
const leafDays = 365;

/** Makes keys and certificates; its library is loaded with the first call. */
export const certificateAuthority = async () => await import('./certificate-authority.ts');

/** Makes what is missing, and replaces what is past two thirds of its life. */
export async function ensurePki(options: PkiOptions): Promise<Pki> {
  const founds = !existsSync(filesOf(options.folder, 'ca').certificate);
  const ca = await ensureAuthority(options, 'ca');
  if (founds) await ensureAuthority(options, 'store-ca');
  const leaf = (name: string, details: LeafDetails): Promise<Pair> =>
    ensureLeaf(options, { name, authority: ca.issuer }, details);
  const server = await leaf('server', {
    subject: 'CN=kube-apiserver',
    usage: 'server',
    hosts: serverHosts(options.hosts),
  });
  const admin = await leaf('admin', { subject: 'O=system:masters, CN=kubernetes-admin', usage: 'client', hosts: [] });
  // A separate authority: a client certificate of the cluster must not let its holder speak for others.
  const frontProxyCa = await ensureAuthority(options, 'front-proxy-ca');
  const frontProxy = await ensureLeaf(
    options,
    { name: 'front-proxy-client', authority: frontProxyCa.issuer },
    { subject: 'CN=front-proxy-client', usage: 'client', hosts: [] },
  );
  return {
    store: options.peerHost === undefined ? undefined : await ensurePeers(options, ca, options.peerHost),
    ca: ca.trusted,
    authority: ca.issuer,
    serverCertificate: server.certificate,
    serverKey: server.key,
    adminCertificate: admin.certificate,
    adminKey: admin.key,
    frontProxy: { ca: frontProxyCa.trusted, certificate: frontProxy.certificate, key: frontProxy.key },
    serviceAccountKey: await ensureKey(join(options.folder, 'service-account.key')),
    sealingKey: await ensureKey(join(options.folder, 'sealing.key')),
  };
}

/**
 * Certificates towards members of other machines, those of the store's links answered. A cluster that was made before
 * they had an authority of their own gets it with its next `troupe key rotate --authority`.
 */
async function ensurePeers(options: PkiOptions, ca: Authority, host: string): Promise<StorePair> {
  // Not a user of the API: no role is bound to that name.
  const details: LeafDetails = { subject: 'CN=troupe:member', usage: 'peer', hosts: [host] };
  const peer = await ensureLeaf(options, { name: 'peer', authority: ca.issuer }, details);
  const own = filesOf(options.folder, 'store-ca');
  if (!existsSync(own.key))
    return { ca: existsSync(own.certificate) ? readFileSync(own.certificate, 'utf8') : ca.trusted, ...peer };
  const { trusted, issuer } = await ensureAuthority(options, 'store-ca');
  return { ca: trusted, ...(await ensureLeaf(options, { name: 'store', authority: issuer }, details)) };
}

function serverHosts(more: readonly string[]): readonly string[] {
  const own = [
    'localhost',
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
    '127.0.0.1',
  ];
  return [...new Set([...own, ...machineAddresses(), ...more])];
}

/** This machine's addresses of a family, without those of bridges and of links. */
export function machineAddresses(family: IpFamily = 'IPv4'): readonly string[] {
  return Object.entries(networkInterfaces())
    .filter(([name]) => !/^(docker|br-|veth|trp)/.test(name))
    .flatMap(([, addresses]) =>
      (addresses ?? [])
        .filter(
          (address) =>
            !address.internal && address.family === family && (family === 'IPv4' || isGlobalUnicast(address.address)),
        )
        .map((address) => address.address),
    );
}

interface Authority {
  /** PEM of all that are believed; the first is the one that signs. */
  readonly trusted: string;
  readonly issuer: Pair;
}

/** Made once: another one in its place would be unknown to everybody. `troupe key rotate --authority` replaces it. */
async function ensureAuthority({ folder, cluster, now }: PkiOptions, name: AuthorityName): Promise<Authority> {
  const files = filesOf(folder, name);
  if (!existsSync(files.certificate) || !existsSync(files.key))
    writePair(files, await newAuthority(name, { cluster, now }));
  const trusted = readFileSync(files.certificate, 'utf8');
  const [certificate = ''] = certificateTexts(trusted);
  return { trusted, issuer: { certificate, key: readFileSync(files.key, 'utf8') } };
}

/** The authority of clients and servers, that of front proxies, and that of the links between stores. */
type AuthorityName = 'ca' | 'front-proxy-ca' | 'store-ca';

/** `id` tells it from others of the cluster. */
export async function newAuthority(
  name: AuthorityName,
  { cluster, now, id }: { readonly cluster: string; readonly now: number; readonly id?: string | undefined },
): Promise<Pair> {
  const { makeAuthority } = await certificateAuthority();
  return makeAuthority(['troupe', cluster, name, ...(id === undefined ? [] : [id])].join('-'), { now, days: caDays });
}

type LeafDetails = Pick<LeafOptions, 'subject' | 'usage' | 'hosts'>;

async function ensureLeaf(
  { folder, now }: PkiOptions,
  { name, authority }: { readonly name: string; readonly authority: Pair },
  details: LeafDetails,
): Promise<Pair> {
  const files = filesOf(folder, name);
  if (existsSync(files.certificate) && existsSync(files.key)) {
    const known = { certificate: readFileSync(files.certificate, 'utf8'), key: readFileSync(files.key, 'utf8') };
    const certificate = new X509Certificate(known.certificate);
    const isOurs =
      isSignedBy(certificate, certificatesOf(authority.certificate)) &&
      certificate.checkPrivateKey(createPrivateKey(known.key));
    if (isOurs && fits(certificate, now, details.hosts)) return known;
  }
  const made = await (await certificateAuthority()).makeLeaf(authority, { ...details, now, days: leafDays });
  writePair(files, made);
  return made;
}

const filesOf = (folder: string, name: string): Pair => ({
  certificate: join(folder, `${name}.crt`),
  key: join(folder, `${name}.key`),
});

function writePair(files: Pair, pair: Pair): void {
  writePrivate(files.key, pair.key);
  writePrivate(files.certificate, pair.certificate);
}

/** Whether it is in the first two thirds of its life and names every host. */
function fits(certificate: X509Certificate, now: number, hosts: readonly string[]): boolean {
  const { from, renewAt } = lifeOf(certificate);
  const names = new Set(
    (certificate.subjectAltName ?? '').split(', ').map((name) => name.replace(/^(DNS|IP Address):/, '')),
  );
  return now >= from && now < renewAt && hosts.every((host) => names.has(host));
}

async function ensureKey(file: string): Promise<string> {
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const pem = await (await certificateAuthority()).makeKey();
  writePrivate(file, pem);
  return pem;
}
