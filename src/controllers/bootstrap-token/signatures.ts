/** Which signatures the ConfigMap cluster-info should carry, and how they are made. */
import type { BootstrapToken } from './tokens.ts';

const signaturePrefix = 'jws-kubeconfig-';

type Data = Readonly<Record<string, string>>;

/** The data with the signature of each token that signs and lasts, and with no other; undefined: it is so already. */
export async function signedData(
  data: Data,
  tokens: readonly BootstrapToken[],
  now: number,
): Promise<Data | undefined> {
  const { kubeconfig } = data;
  if (kubeconfig === undefined) return undefined;
  const signing = tokens.filter(({ signs, expiresAt }) => signs && (expiresAt === undefined || expiresAt > now));
  const signatures = await Promise.all(
    signing.map(async (token) => [`${signaturePrefix}${token.id}`, await signatureOf(kubeconfig, token)] as const),
  );
  const others = Object.entries(data).filter(([key]) => !key.startsWith(signaturePrefix));
  const wanted = Object.fromEntries([...others, ...signatures]);
  const keys = Object.keys(wanted);
  const same = keys.length === Object.keys(data).length && keys.every((key) => data[key] === wanted[key]);
  return same ? undefined : wanted;
}

/** A JWS (RFC 7515) by HMAC-SHA256 with the content detached (appendix F): `header..signature`. */
export async function signatureOf(
  content: string,
  { id, secret }: Pick<BootstrapToken, 'id' | 'secret'>,
): Promise<string> {
  const text = new TextEncoder();
  const header = base64url(text.encode(JSON.stringify({ alg: 'HS256', kid: id })));
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', text.encode(secret), algorithm, false, ['sign']);
  const signed = text.encode(`${header}.${base64url(text.encode(content))}`);
  return `${header}..${base64url(new Uint8Array(await crypto.subtle.sign(algorithm, key, signed)))}`;
}

function base64url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
