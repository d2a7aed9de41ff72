/** Bootstrap tokens as their Secrets hold them (Kubernetes, "Authenticating with Bootstrap Tokens"). */
import { parseTime, type StoredObject } from '../../api/index.ts';

export const tokenNamespace = 'kube-system';

/** A token, and what it may be used for. */
export interface BootstrapToken {
  readonly id: string;
  readonly secret: string;
  readonly signs: boolean;
  /** Wall-clock ms; undefined: it lasts. What cannot be read as a time has passed. */
  readonly expiresAt: number | undefined;
}

const prefix = 'bootstrap-token-';
const idForm = /^[a-z0-9]{6}$/;
const secretForm = /^[a-z0-9]{16}$/;

export const isTokenSecret = (object: StoredObject): boolean =>
  object['type'] === 'bootstrap.kubernetes.io/token' && object.metadata.namespace === tokenNamespace;

/** The token of a Secret; undefined for a Secret that holds none. */
export function tokenOf(secret: StoredObject): BootstrapToken | undefined {
  if (!isTokenSecret(secret)) return undefined;
  const data = (secret['data'] ?? {}) as Readonly<Record<string, string>>;
  const text = (key: string): string => atob(data[key] ?? '');
  const [id, token] = [text('token-id'), text('token-secret')];
  if (secret.metadata.name !== `${prefix}${id}` || !idForm.test(id) || !secretForm.test(token)) return undefined;
  return {
    id,
    secret: token,
    signs: text('usage-bootstrap-signing') === 'true',
    expiresAt: expirationOf(text('expiration')),
  };
}

/** When what such a Secret says has passed, whatever else it holds; undefined: never. */
export function expiryOf(secret: StoredObject): number | undefined {
  const data = (secret['data'] ?? {}) as Readonly<Record<string, string>>;
  return expirationOf(atob(data['expiration'] ?? ''));
}

const expirationOf = (text: string): number | undefined => (text === '' ? undefined : (parseTime(text) ?? 0));
