/** Bearer tokens signed with the key of a client certificate. */
import { createPrivateKey, sign, verify, X509Certificate } from 'node:crypto';
import type { Clock } from '../../../base/index.ts';
import type { ResourceView, Requester } from '../../../resources/index.ts';
import { certificatesOf, isSignedBy } from './bundle.ts';
import { removedNode } from './removed-nodes.ts';

/**
 * A bearer token by which the holder of a client certificate shows it where there is no TLS of the API's own, over
 * NATS: a JSON Web Token that the certificate's key signed and that carries the certificate (x5c, RFC 7515 section
 * 4.1.6). A stolen one can be used for its few minutes only, and makes no other.
 */
const issuer = 'troupe-certificate';
const lifeSeconds = 600;
/** How far ahead the signer's clock may be. */
const skewSeconds = 300;
const clientAuth = '1.3.6.1.5.5.7.3.2';

interface Claims {
  readonly iss?: unknown;
  readonly aud?: unknown;
  readonly iat?: unknown;
  readonly exp?: unknown;
}

/** `now`: wall-clock ms. */
export function certificateToken(
  pair: { readonly certificate: string; readonly key: string },
  cluster: string,
  now: number,
): string {
  const iat = Math.floor(now / 1000);
  const certificate = new X509Certificate(pair.certificate).raw.toString('base64');
  const header = part({ typ: 'JWT', alg: 'ES256', x5c: [certificate] });
  const text = `${header}.${part({ iss: issuer, aud: cluster, iat, exp: iat + lifeSeconds })}`;
  const signature = sign('sha256', Buffer.from(text), { key: createPrivateKey(pair.key), dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

export function isCertificateToken(token: string): boolean {
  const head = parsed(token.split('.')[0]);
  return head !== undefined && Array.isArray(head['x5c']);
}

interface TokenPorts {
  readonly view: ResourceView;
  readonly clock: Clock;
  /** The authorities that are believed now, PEM. */
  readonly clientCa?: (() => string) | undefined;
  readonly cluster?: string | undefined;
}

/** The user that the token's certificate names; undefined for anything that does not hold. */
export function certificateTokenUser(ports: TokenPorts, token: string): Requester | undefined {
  const certificate = provenCertificate(ports, token);
  return certificate === undefined ? undefined : userOf(certificate, ports.view);
}

/** The certificate that a token shows: one that is believed and whose key signed the token, which is in force. */
function provenCertificate({ clientCa, cluster, clock }: TokenPorts, token: string): X509Certificate | undefined {
  const [head = '', body = '', signature = '', ...rest] = token.split('.');
  const header = parsed(head);
  const claims: Claims | undefined = parsed(body);
  const [der] = (Array.isArray(header?.['x5c']) ? header['x5c'] : []) as unknown[];
  if (
    clientCa === undefined ||
    rest.length > 0 ||
    claims === undefined ||
    header?.['alg'] !== 'ES256' ||
    typeof der !== 'string'
  )
    return undefined;
  const certificate = read(der);
  const now = clock.now();
  if (certificate === undefined || !believed(certificate, clientCa(), now) || !inForce(claims, cluster, now))
    return undefined;
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    { key: certificate.publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  return isSigned ? certificate : undefined;
}

/** Undefined: the certificate names nobody, or a node that was removed. */
function userOf(certificate: X509Certificate, view: ResourceView): Requester | undefined {
  const { CN: name, O: organizations } = (certificate.toLegacyObject().subject ?? {}) as {
    readonly CN?: string | string[] | undefined;
    readonly O?: string | string[] | undefined;
  };
  if (typeof name !== 'string' || name === '' || removedNode(view, name, Date.parse(certificate.validFrom)))
    return undefined;
  const groups = organizations === undefined ? [] : typeof organizations === 'string' ? [organizations] : organizations;
  return {
    name,
    groups,
    extra: {
      'authentication.kubernetes.io/credential-id': [
        `X509SHA256=${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`,
      ],
    },
  };
}

function believed(certificate: X509Certificate, ca: string, now: number): boolean {
  return (
    certificate.publicKey.asymmetricKeyType === 'ec' &&
    isSignedBy(certificate, certificatesOf(ca)) &&
    Date.parse(certificate.validFrom) <= now &&
    now < Date.parse(certificate.validTo) &&
    // Absent in a certificate without extended key usage, such as an authority's, whatever the type says.
    (certificate.keyUsage as readonly string[] | undefined)?.includes(clientAuth) === true
  );
}

function inForce({ iss, aud, iat, exp }: Claims, cluster: string | undefined, now: number): boolean {
  const seconds = now / 1000;
  return (
    iss === issuer &&
    aud === cluster &&
    typeof iat === 'number' &&
    typeof exp === 'number' &&
    iat <= seconds + skewSeconds &&
    seconds < exp &&
    exp - iat <= lifeSeconds
  );
}

function read(der: string): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(der, 'base64'));
  } catch {
    return undefined; // No certificate.
  }
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function parsed(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text ?? '', 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined; // Not JSON, hence no token of this form.
  }
}
