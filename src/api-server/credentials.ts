/** Tokens that this cluster issues and believes. */
import type { Clock, Random } from '../base/index.ts';
import type { IssuedToken, ResourceView, TokenOrder } from '../resources/index.ts';
import {
  type AccountClaim,
  createTokenIssuer,
  createTokens,
  mastersGroup,
  nodesGroup,
  signingKeys,
  type SigningKeyOptions,
  type SigningKeys,
  type Tokens,
  troupeIssuer,
} from './auth/index.ts';

interface CredentialOptions {
  readonly signing: SigningKeyOptions;
  /** Of service account tokens: `https://kubernetes.default.svc.cluster.local`. */
  readonly issuer: string;
  /** Of the API server; default: the issuer. */
  readonly audiences?: readonly string[] | undefined;
  readonly view: ResourceView;
  readonly clock: Clock;
  readonly random: Random;
}

/** Tokens that this cluster issues and believes. Made before the write path, which takes `issueToken`. */
export interface Credentials {
  readonly keys: SigningKeys;
  readonly tokens: Tokens;
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly issueToken: (order: TokenOrder) => Promise<IssuedToken>;
  /** A token for a Secret of the type service-account-token; it lives as long as the Secret and the account. */
  readonly issueSecretToken: (order: {
    readonly namespace: string;
    readonly account: AccountClaim['serviceaccount'];
    readonly secret: AccountClaim['serviceaccount'];
  }) => Promise<string>;
  /** Whether another key signs now than the one of the cluster that signed the token (in base64). */
  readonly isReplaced: (token: string) => boolean;
  /** A token by which a node's agent is system:node:<name>. */
  issueNodeToken(node: string, expirationSeconds: number): Promise<string>;
  /** A token of the group system:masters. */
  issueAdminToken(name: string, expirationSeconds: number): Promise<string>;
}

/** Signs agents' own tokens on a machine that holds the signing key but no store: (node, seconds) -> token. */
export function createNodeTokens(
  options: Pick<CredentialOptions, 'signing' | 'clock' | 'random'>,
): Credentials['issueNodeToken'] {
  const tokens = createTokens({
    keys: signingKeys(options.signing),
    issuer: troupeIssuer,
    clock: options.clock,
    random: options.random,
  });
  return (node, seconds) => nodeToken(tokens, node, seconds);
}

/** The id of the key that a JSON Web Token names; undefined for what is none. */
function keyIdOf(token: string): string | undefined {
  try {
    const { kid } = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid?: unknown };
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    return undefined;
  }
}

async function nodeToken(tokens: Tokens, node: string, expirationSeconds: number): Promise<string> {
  return await tokens.issueUserToken({ name: `system:node:${node}`, groups: [nodesGroup] }, expirationSeconds);
}

/** Ten years: such a token ends with its Secret. */
const secretTokenSeconds = 10 * 365 * 24 * 60 * 60;

export function createCredentials(options: CredentialOptions): Credentials {
  const { issuer, view, clock, random } = options;
  const audiences = options.audiences ?? [issuer];
  const keys = signingKeys(options.signing);
  const tokens = createTokens({ keys, issuer, clock, random });
  return {
    keys,
    tokens,
    issuer,
    audiences,
    issueSecretToken: async ({ namespace, account, secret }) =>
      (
        await tokens.issueAccountToken({
          account: { namespace, serviceaccount: account, secret },
          audiences,
          expirationSeconds: secretTokenSeconds,
        })
      ).token,
    isReplaced: (token) => {
      const id = keyIdOf(Buffer.from(token, 'base64').toString());
      return id !== undefined && id !== keys.signing.id && keys.verification.has(id);
    },
    issueToken: createTokenIssuer({ tokens, view, audiences }),
    issueNodeToken: (node, seconds) => nodeToken(tokens, node, seconds),
    issueAdminToken: async (name, seconds) => await tokens.issueUserToken({ name, groups: [mastersGroup] }, seconds),
  };
}
