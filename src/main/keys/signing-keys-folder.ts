/** The keys of service accounts' tokens as files of pki/. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  type SigningKeyFiles,
  signingKeyId,
  type SigningKeyOptions,
  type SigningKeys,
} from '../../api-server/index.ts';
import { delay, errorMessage, type Logger, type Timers } from '../../base/index.ts';
import { writePrivate } from '../process/index.ts';
import { certificateAuthority } from './pki.ts';

/** The key that signs. */
const keyFile = (pki: string): string => join(pki, 'service-account.key');
/** Public keys whose tokens are accepted too, until they expire or the key's file is deleted. */
const folderOf = (pki: string): string => join(pki, 'service-account-keys');

/** How often members check for changed files, and how long a rotation waits until all of them have. */
const pollMs = 2_000;
export const rotationWaitMs = 3 * pollMs;

const publicFiles = (pki: string): readonly string[] =>
  existsSync(folderOf(pki))
    ? readdirSync(folderOf(pki))
        .filter((name) => name.endsWith('.pub'))
        .sort()
        .map((name) => join(folderOf(pki), name))
    : [];

/** The accepted keys' files by their names, for a member of another machine. */
export function acceptedKeyFiles(pki: string): Readonly<Record<string, string>> {
  return Object.fromEntries(publicFiles(pki).map((file) => [basename(file), readFileSync(file, 'utf8')]));
}

/** Writes the files of `acceptedKeyFiles`. Throws for a text that is not a key. */
export function writeAcceptedKeys(pki: string, files: Readonly<Record<string, string>>): void {
  for (const pem of Object.values(files)) keepPublic(pki, pem);
}

export function readSigningKeys(pki: string): SigningKeyOptions {
  return {
    privateKey: readFileSync(keyFile(pki), 'utf8'),
    olderPublicKeys: publicFiles(pki).map((file) => readFileSync(file, 'utf8')),
  };
}

interface SigningKeyStatus {
  /** The id of the key that signs. */
  readonly signing: string;
  /** The other keys whose tokens are accepted. */
  readonly accepted: readonly { readonly id: string; readonly file: string }[];
}

export function signingKeyStatus(pki: string): SigningKeyStatus {
  const signing = signingKeyId(readFileSync(keyFile(pki), 'utf8'));
  return {
    signing,
    accepted: publicFiles(pki)
      .map((file) => ({ file, id: signingKeyId(readFileSync(file, 'utf8')) }))
      .filter(({ id }) => id !== signing),
  };
}

/** Uses changed files without a restart. A file without a key is logged, and changes nothing. */
export function followSigningKeys(
  pki: string,
  { keys, timers, log }: { readonly keys: SigningKeys; readonly timers: Timers; readonly log: Logger },
): { close(): void } {
  let seen = stampOf(pki);
  const timer = timers.every(pollMs, () => {
    const stamp = stampOf(pki);
    if (stamp === seen) return;
    seen = stamp;
    try {
      keys.replace(readSigningKeys(pki));
      log.info('the keys of service accounts changed', { signing: keys.signing.id, accepted: keys.verification.size });
    } catch (error) {
      log.error('cannot read the keys of service accounts; keeping the previous ones', {
        folder: pki,
        error: errorMessage(error),
      });
    }
  });
  return {
    close: () => {
      timer.cancel();
    },
  };
}

function stampOf(pki: string): string {
  return [keyFile(pki), ...publicFiles(pki)]
    .map((file) => {
      const { mtimeMs, ino, size } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0, ino: 0, size: 0 };
      return `${file} ${String(ino)} ${String(size)} ${String(mtimeMs)}`;
    })
    .join('\n');
}

function keepPublic(pki: string, pem: string): void {
  mkdirSync(folderOf(pki), { recursive: true, mode: 0o700 });
  writePrivate(
    join(folderOf(pki), `${signingKeyId(pem)}.pub`),
    String(createPublicKey(pem).export({ type: 'spki', format: 'pem' })),
  );
}

/**
 * Lets a new key sign. Every member accepts it before one signs with it, and the old one stays accepted. Resolves with
 * the ids of both.
 */
export async function rotateSigningKey(
  pki: string,
  timers: Timers,
): Promise<{ readonly signing: string; readonly before: string }> {
  const old = readFileSync(keyFile(pki), 'utf8');
  const fresh = await (await certificateAuthority()).makeKey();
  keepPublic(pki, old);
  keepPublic(pki, fresh);
  await delay(timers, rotationWaitMs);
  writePrivate(keyFile(pki), fresh);
  return { signing: signingKeyId(fresh), before: signingKeyId(old) };
}

/** The files, for a rotation over all members. */
export function signingKeyFiles(pki: string): SigningKeyFiles {
  return {
    accept: (pem) => {
      keepPublic(pki, pem);
      return readSigningKeys(pki);
    },
    sign: (pem) => {
      createPrivateKey(pem); // Throws for an invalid key, before the current one is replaced.
      keepPublic(pki, readFileSync(keyFile(pki), 'utf8'));
      writePrivate(keyFile(pki), pem);
      return readSigningKeys(pki);
    },
    drop: (id) => {
      dropSigningKey(pki, id);
      return readSigningKeys(pki);
    },
  };
}

/** Stops accepting a key's tokens. False: there is no such key. The key that signs cannot be dropped. */
export function dropSigningKey(pki: string, id: string): boolean {
  const found = signingKeyStatus(pki).accepted.find((key) => key.id === id);
  if (found !== undefined) rmSync(found.file);
  return found !== undefined;
}
