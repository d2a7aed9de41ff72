/** Bootstrap tokens: those by which machines join a cluster. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type KubeObject, resources } from '../../../api/index.ts';
import type { Clock } from '../../../base/index.ts';
import type { ResourceView, Requester } from '../../../resources/index.ts';

interface TokenSecret extends KubeObject {
  readonly type?: string | undefined;
  readonly data?: Readonly<Record<string, string>> | undefined;
}

interface BootstrapTokenPorts {
  readonly view: ResourceView;
  readonly clock: Clock;
}

interface BootstrapTokenRefusal {
  readonly error: string;
  /** The client may learn the reason: it knows the token's secret. */
  readonly shown?: boolean | undefined;
}

const form = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const groupForm = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

/**
 * The user of a bootstrap token (`<id>.<secret>`), as a Secret of kube-system says: `system:bootstrap:<id>`, of the
 * group system:bootstrappers and those that the Secret adds. Undefined for what has not the form of one. The refusal
 * names the reason only to those who know the secret.
 */
export function bootstrapTokenCheck(
  { view, clock }: BootstrapTokenPorts,
  token: string,
): Requester | BootstrapTokenRefusal | undefined {
  const [, id = '', secret = ''] = form.exec(token) ?? [];
  if (id === '') return undefined;
  const found = view.get<TokenSecret>(resources.secrets, 'kube-system', `bootstrap-token-${id}`);
  const text = (key: string): string => Buffer.from(found?.data?.[key] ?? '', 'base64').toString();
  if (
    found?.type !== 'bootstrap.kubernetes.io/token' ||
    found.metadata.deletionTimestamp !== undefined ||
    text('token-id') !== id ||
    !equal(text('token-secret'), secret)
  )
    return { error: 'invalid bootstrap token' };
  const expiration = text('expiration');
  // What cannot be read as a time has passed, as Kubernetes takes it.
  if (expiration !== '' && !(Date.parse(expiration) > clock.now()))
    return { error: 'the bootstrap token has expired', shown: true };
  if (text('usage-bootstrap-authentication') !== 'true')
    return { error: 'the bootstrap token is not for authentication', shown: true };
  const extra = text('auth-extra-groups')
    .split(',')
    .filter((group) => groupForm.test(group));
  return { name: `system:bootstrap:${id}`, groups: ['system:bootstrappers', ...extra] };
}

/** In a time that does not tell how much is right. */
function equal(one: string, other: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return one !== '' && timingSafeEqual(hash(one), hash(other));
}
