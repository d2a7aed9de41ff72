/** A rotation in the files of a home. */
import { createPublicKey } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dropSigningKey, type Pair, signingKeyFiles, signingKeyStatus } from '../keys/index.ts';
import { adminTokenOf, type Home, keepAdminToken, keepNatsSecrets, writePrivate } from '../process/index.ts';
import type { FreshSecrets } from './fresh-secrets.ts';
import { hasReached, type RotationStep, rotationSteps } from './rotation-record.ts';

/** As in pki/rotation.json, which is there from the first step to the last. */
interface HomeRotation {
  readonly id: string;
  /** The last step that was taken. */
  readonly step?: RotationStep | undefined;
  readonly fresh: FreshSecrets;
  /** What held when it began, PEM texts. */
  readonly before: {
    readonly ca: string;
    readonly frontProxyCa: string;
    /** The authority of clients where the links between stores have none of their own yet. */
    readonly storeCa: string;
    readonly signingKeyId: string;
    readonly adminToken: string;
  };
}

const fileOf = (home: Home): string => join(home.pki, 'rotation.json');
const pem = (home: Home, name: string): string => readFileSync(join(home.pki, name), 'utf8');

/** Undefined while none is under way. */
export function homeRotation(home: Home): HomeRotation | undefined {
  return existsSync(fileOf(home)) ? (JSON.parse(readFileSync(fileOf(home), 'utf8')) as HomeRotation) : undefined;
}

function begun(home: Home, id: string, fresh: FreshSecrets): HomeRotation {
  const before = {
    ca: pem(home, 'ca.crt'),
    frontProxyCa: pem(home, 'front-proxy-ca.crt'),
    storeCa: pem(home, existsSync(join(home.pki, 'store-ca.crt')) ? 'store-ca.crt' : 'ca.crt'),
    signingKeyId: signingKeyStatus(home.pki).signing,
    adminToken: adminTokenOf(home) ?? '',
  };
  return { id, fresh, before };
}

interface Order {
  readonly id: string;
  readonly step: RotationStep;
  readonly fresh: FreshSecrets;
}

/**
 * Takes the steps up to the ordered one that the home has not taken. What was interrupted is done again. Several
 * processes of one home must not call it at the same time.
 */
export function takeSteps(home: Home, { id, step: wanted, fresh }: Order): void {
  let rotation = homeRotation(home);
  if (rotation?.id !== id) rotation = begun(home, id, fresh);
  for (const step of rotationSteps) {
    if (hasReached(rotation.step, step) || !hasReached(wanted, step)) continue;
    // What held before must be known to whoever does this step again.
    writePrivate(fileOf(home), JSON.stringify(rotation));
    work[step](home, rotation);
    rotation = { ...rotation, step };
  }
  writePrivate(fileOf(home), JSON.stringify(rotation));
}

/** Forgets the secrets of a rotation that is over. */
export function forgetRotation(home: Home): void {
  rmSync(fileOf(home), { force: true });
}

/** The administrator's tokens that are accepted now: of both, while one takes the place of the other. */
export function acceptedAdminTokens(home: Home): readonly string[] {
  const rotation = homeRotation(home);
  const others =
    rotation?.fresh.adminToken === undefined || rotation.step === undefined || rotation.step === 'drop'
      ? []
      : [rotation.before.adminToken, rotation.fresh.adminToken];
  return [...new Set([adminTokenOf(home) ?? '', ...others])].filter((token) => token !== '');
}

/** Files of authorities, by what the secrets of a rotation call them. */
const authorityFiles = [
  ['ca', 'ca'],
  ['front-proxy-ca', 'frontProxyCa'],
  ['store-ca', 'storeCa'],
] as const;

interface ReplacedAuthority {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly fresh: Pair;
  readonly before: string;
}

function replacedAuthorities(home: Home, { fresh: { authority }, before }: HomeRotation): readonly ReplacedAuthority[] {
  return authorityFiles.flatMap(([name, part]) => {
    const fresh = authority?.[part];
    if (fresh === undefined) return [];
    const file = (end: string): string => join(home.pki, `${name}.${end}`);
    return [{ certificateFile: file('crt'), keyFile: file('key'), fresh, before: before[part] }];
  });
}

const work: Readonly<Record<RotationStep, (home: Home, rotation: HomeRotation) => void>> = {
  trust: (home, rotation) => {
    for (const { certificateFile, fresh, before } of replacedAuthorities(home, rotation))
      writePrivate(certificateFile, `${before}${fresh.certificate}`);
    const { signingKey } = rotation.fresh;
    if (signingKey !== undefined)
      signingKeyFiles(home.pki).accept(String(createPublicKey(signingKey).export({ type: 'spki', format: 'pem' })));
  },
  renew: (home, rotation) => {
    for (const { certificateFile, keyFile, fresh, before } of replacedAuthorities(home, rotation)) {
      // The key first: whoever starts meanwhile finds a key that does not fit, and not a certificate without its key.
      writePrivate(keyFile, fresh.key);
      writePrivate(certificateFile, `${fresh.certificate}${before}`);
    }
    const { signingKey, nats, adminToken } = rotation.fresh;
    if (signingKey !== undefined) signingKeyFiles(home.pki).sign(signingKey);
    if (nats !== undefined) keepNatsSecrets(home, nats);
    if (adminToken !== undefined) keepAdminToken(home, adminToken);
  },
  drop: (home, rotation) => {
    for (const { certificateFile, fresh } of replacedAuthorities(home, rotation))
      writePrivate(certificateFile, fresh.certificate);
    if (rotation.fresh.signingKey !== undefined) dropSigningKey(home.pki, rotation.before.signingKeyId);
  },
};
