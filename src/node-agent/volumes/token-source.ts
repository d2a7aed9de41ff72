/** ServiceAccount tokens for pods. */
import type { Clock } from '../../base/index.ts';
import type { ResourceClient } from '../../resources/index.ts';
import { type Pod, resources } from '../../api/index.ts';

interface Token {
  readonly text: string;
  readonly issuedAt: number;
  readonly renewAt: number;
}

/** ServiceAccount tokens bound to pods, renewed at 80 % of their life (or after a day). */
export interface TokenSource {
  token(pod: Pod, request: { readonly audience: string; readonly expirationSeconds: number }): Promise<string>;
  /** The pod is gone. */
  forget(uid: string): void;
}

interface TokenAnswer {
  readonly status?: { readonly token?: string; readonly expirationTimestamp?: string } | undefined;
}

const dayMs = 24 * 3_600_000;

/** `notBefore`: those from before (wall-clock ms) are renewed too. */
export function tokenSource(
  client: Pick<ResourceClient, 'create'>,
  clock: Clock,
  notBefore = (): number => 0,
): TokenSource {
  const tokens = new Map<string, Map<string, Token>>();
  return {
    token: async (pod, request) => {
      const { uid = '', name = '', namespace = '' } = pod.metadata;
      const own = tokens.get(uid) ?? new Map<string, Token>();
      const key = `${request.audience}/${request.expirationSeconds}`;
      const known = own.get(key);
      if (known !== undefined && clock.now() < known.renewAt && known.issuedAt >= notBefore()) return known.text;
      const account = pod.spec.serviceAccountName ?? 'default';
      const { object: answer } = await client.create<TokenAnswer>(
        { ...resources.serviceAccounts, namespace, name: account },
        {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: {
            audiences: request.audience === '' ? [] : [request.audience],
            expirationSeconds: request.expirationSeconds,
            boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
          },
        },
        { subresource: 'token' },
      );
      const text = answer.status?.token ?? '';
      const now = clock.now();
      const lifeMs = Math.max(0, Date.parse(answer.status?.expirationTimestamp ?? '') - now);
      own.set(key, {
        text,
        issuedAt: now,
        renewAt: now + Math.min(dayMs, 0.8 * (Number.isNaN(lifeMs) ? request.expirationSeconds * 1000 : lifeMs)),
      });
      tokens.set(uid, own);
      return text;
    },
    forget: (uid) => {
      tokens.delete(uid);
    },
  };
}
