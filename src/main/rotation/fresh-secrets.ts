/** The secrets that a rotation puts in the place of older ones. */
import { certificateAuthority, newAuthority, type Pair } from '../keys/index.ts';
import { makeAdminToken, makeNatsSecrets, type NatsSecrets } from '../process/index.ts';

/**
 * `authority`: the cluster's certificate authority, that of its front proxy and that of the links between stores.
 * `signing-key`: of service accounts' tokens. `nats`: the passwords of members and routes, and the key that says who
 * may connect. `admin-token`: the token of nats.json.
 */
export const rotationParts = ['authority', 'signing-key', 'nats', 'admin-token'] as const;
export type RotationPart = (typeof rotationParts)[number];

interface FreshAuthorities {
  readonly ca: Pair;
  readonly frontProxyCa: Pair;
  /** Absent where a member of an earlier release began the rotation. */
  readonly storeCa?: Pair | undefined;
}

/** Those of the parts that are rotated. */
export interface FreshSecrets {
  readonly authority?: FreshAuthorities | undefined;
  /** A private key, PEM. */
  readonly signingKey?: string | undefined;
  readonly nats?: NatsSecrets | undefined;
  readonly adminToken?: string | undefined;
}

interface Making {
  readonly cluster: string;
  /** Wall-clock ms. */
  readonly now: number;
  /** Of the rotation; authorities bear it in their names. */
  readonly id: string;
}

export async function makeFresh(parts: readonly RotationPart[], making: Making): Promise<FreshSecrets> {
  const has = (part: RotationPart): boolean => parts.includes(part);
  return {
    authority: has('authority')
      ? {
          ca: await newAuthority('ca', making),
          frontProxyCa: await newAuthority('front-proxy-ca', making),
          storeCa: await newAuthority('store-ca', making),
        }
      : undefined,
    signingKey: has('signing-key') ? await (await certificateAuthority()).makeKey() : undefined,
    nats: has('nats') ? makeNatsSecrets() : undefined,
    adminToken: has('admin-token') ? makeAdminToken() : undefined,
  };
}
