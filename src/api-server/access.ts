import type { KubeObject, StatusError } from '../api/index.ts';
import type { Clock, Random } from '../base/index.ts';
import type { AdmissionPlugin, IssuedToken, ResourceView, TokenOrder } from '../resources/index.ts';
import {
  type AccountClaim,
  type AuthorizationPlugIn,
  type Authorizer,
  certificateError,
  createAuthorizer,
  createNodeAuthorizer,
  createRbac,
  createTokenIssuer,
  createTokens,
  escalationError,
  type LocalAuthorizer,
  mastersGroup,
  nodesGroup,
  type Rbac,
  signingKeys,
  type SigningKeyOptions,
  type SigningKeys,
  type Tokens,
  troupeIssuer,
} from './auth/index.ts';

/**
 * Who may do what, decided from the local view. Made before the write path, which takes `escalation` among its
 * admission plug-ins.
 */
export interface Access {
  readonly authorize: Authorizer;
  /** By nodes and RBAC alone, at once: for Troupe's own parts. */
  readonly authorizeLocally: LocalAuthorizer;
  readonly rbac: Rbac;
  /** Authorisers that cannot tell what rules they hold. */
  readonly unresolvable: readonly string[];
  /** Refuses roles and bindings that grant more than their writer holds. */
  readonly escalation: AdmissionPlugin;
  /** Every rule of admission that needs to know who may do what; `escalation` is one of them. */
  readonly admission: readonly AdmissionPlugin[];
  close(): void;
}

/** Where the cluster's own authorisers stand among the plug-ins. */
export type AuthorizationStep = 'Node' | 'RBAC' | AuthorizationPlugIn;

/** `order`: who is asked when; default: nodes, then RBAC. Masters and public paths come before. */
export function createAccess(view: ResourceView, order: readonly AuthorizationStep[] = ['Node', 'RBAC']): Access {
  const rbac = createRbac(view);
  const node = createNodeAuthorizer(view);
  const plugIns = order.filter((step) => typeof step !== 'string');
  const local = { Node: node.authorize, RBAC: rbac.authorize };
  const authorizeLocally = createAuthorizer([node.authorize, rbac.authorize]);
  const authorize = createAuthorizer(
    order.map((step): Authorizer => (typeof step === 'string' ? local[step] : step.authorize)),
  );
  const escalation: AdmissionPlugin = {
    name: 'RBACEscalation',
    validate: ({ operation, info, subresource, user, namespace, object, old }) => {
      if (
        info.group !== 'rbac.authorization.k8s.io' ||
        subresource !== '' ||
        object === undefined ||
        (operation !== 'CREATE' && operation !== 'UPDATE')
      )
        return;
      return refuse(
        escalationError(
          { rbac, authorize },
          {
            user,
            resource: info.resource,
            namespace,
            object: object as unknown as KubeObject,
            ...(old === undefined ? {} : { old }),
          },
        ),
      );
    },
  };
  const certificates: AdmissionPlugin = {
    name: 'CertificateApproval',
    validate: (request) => {
      if (request.info.group !== 'certificates.k8s.io') return;
      return refuse(certificateError(authorize, request));
    },
  };
  const close = (): void => {
    rbac.close();
    for (const plugIn of plugIns) plugIn.close?.();
  };
  return {
    authorize,
    authorizeLocally,
    rbac,
    unresolvable: plugIns.map(({ name }) => name),
    escalation,
    admission: [escalation, certificates],
    close,
  };
}

async function refuse(found: Promise<StatusError | undefined>): Promise<void> {
  const error = await found;
  if (error !== undefined) throw error;
}

export interface CredentialOptions {
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
    issueToken: createTokenIssuer({ tokens, view, audiences }),
    issueNodeToken: (node, seconds) => nodeToken(tokens, node, seconds),
    issueAdminToken: async (name, seconds) => await tokens.issueUserToken({ name, groups: [mastersGroup] }, seconds),
  };
}
