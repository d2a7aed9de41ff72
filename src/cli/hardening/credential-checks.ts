/** Checks of who is let in: anonymous requests, the administrator's token, tokens of accounts. */
import { readFileSync } from 'node:fs';
import type { ExaminedCluster } from './examined-cluster.ts';
import { type Verdict, verdict } from './verdict.ts';

export async function anonymousVerdict(cluster: ExaminedCluster): Promise<Verdict> {
  const { status } = await cluster.ask('/api/v1/namespaces', { nobody: true });
  const paths = cluster.settings.authentication.anonymous?.paths ?? [];
  if (status === 401) return verdict(true, paths.length === 0 ? 'all get 401' : `401 except for ${paths.join(', ')}`);
  return verdict(false, `they are system:anonymous, who gets ${String(status)} and may read health and version`);
}

/** A token that is only a text in a file has no end by itself: then it must be possible to replace it at any time. */
export async function adminTokenVerdict(cluster: ExaminedCluster): Promise<Verdict> {
  const { token = '' } = JSON.parse(readFileSync(cluster.home.natsFile, 'utf8')) as { readonly token?: string };
  const { status } = await cluster.ask('/api/v1/namespaces', { token });
  const { exp } = claimsOf(token);
  if (status !== 200) return verdict(true, `the token in nats.json gets ${String(status)}`);
  if (exp !== undefined) return verdict(true, `the administrator's token ends ${new Date(exp * 1000).toISOString()}`);
  const rotation = await cluster.ask('/troupe/api/members/rotation');
  return verdict(
    rotation.status === 200,
    rotation.status === 200
      ? "the administrator's, in nats.json: troupe key rotate --admin-token replaces it while everything runs"
      : "the administrator's token in nats.json has no end",
  );
}

interface AccountTokens {
  readonly deleted: Verdict;
  readonly lifetime: Verdict;
}

/** Makes an account and a token of it, deletes the account, and tries the token. */
export async function accountTokens(cluster: ExaminedCluster): Promise<AccountTokens> {
  return await cluster.once('account tokens', async () => {
    const path = '/api/v1/namespaces/default/serviceaccounts';
    const { probeName: name } = cluster;
    await cluster.ask(path, { method: 'POST', body: { metadata: { name } } });
    try {
      const spec = { expirationSeconds: 3607 };
      const made = await cluster.ask(`${path}/${name}/token`, { method: 'POST', body: { spec } });
      const { token = '' } = (made.object['status'] ?? {}) as { readonly token?: string };
      const { iat = 0, exp = 0 } = claimsOf(token);
      await cluster.ask(`${path}/${name}`, { method: 'DELETE' });
      const { status } = await cluster.ask('/api/v1/namespaces', { token });
      return {
        deleted: verdict(status === 401 && token !== '', `its token gets ${String(status)} at once`),
        lifetime: verdict(exp - iat === 3607, `a token for 3607 s lives ${String(exp - iat)} s`),
      };
    } finally {
      await cluster.ask(`${path}/${name}`, { method: 'DELETE' });
    }
  });
}

/** The claims of a JSON web token; none of another text. */
function claimsOf(token: string): { readonly iat?: number; readonly exp?: number } {
  const [, claims] = token.split('.');
  if (claims === undefined) return {};
  try {
    return JSON.parse(Buffer.from(claims, 'base64url').toString()) as { readonly iat?: number; readonly exp?: number };
  } catch {
    return {}; // Another kind of token.
  }
}
