/** Wraps data keys by a KMS v2 plug-in, or refuses those that one has wrapped. */
import { randomUUID } from 'node:crypto';
import { type Clock, errorMessage, type Logger } from '../../base/index.ts';
import type { KeyWrapping } from './key-wrapping.ts';
import type { KmsService } from './kms-service.ts';

/** Marks the names of the plug-in's keys. */
const prefix = 'kms:';
/** How long a status of the plug-in is trusted: while it answers (as in kube-apiserver), and while it does not. */
const statusMs = { healthy: 60_000, failing: 10_000 };

interface WrappedKey {
  readonly uid: string;
  readonly ciphertext: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/**
 * `file` unwraps what the keys file wrapped before. The plug-in's key changes when its operator changes it, and members
 * follow within a minute. A plug-in that does not answer for a while stops no running member.
 */
export function kmsWrapping(
  service: KmsService,
  { file, clock, log }: { readonly file: KeyWrapping; readonly clock: Clock; readonly log: Logger },
): KeyWrapping {
  let known: { readonly name: string; readonly until: number } | undefined;
  const ask = async (): Promise<string> => {
    const { keyId } = await service.status();
    const name = `${prefix}${keyId}`;
    known = { name, until: clock.monotonic() + statusMs.healthy };
    return name;
  };
  return {
    async current() {
      if (known !== undefined && clock.monotonic() < known.until) return known.name;
      if (known === undefined) return ask();
      try {
        return await ask();
      } catch (error) {
        log.error('the KMS plug-in does not answer; keeping the current key', { error: errorMessage(error) });
        known = { name: known.name, until: clock.monotonic() + statusMs.failing };
        return known.name;
      }
    },
    async wrap(secret) {
      const uid = randomUUID();
      const { ciphertext, keyId, annotations } = await service.encrypt(secret, uid);
      known = { name: `${prefix}${keyId}`, until: clock.monotonic() + statusMs.healthy };
      const wrapped: WrappedKey = {
        uid,
        ciphertext: base64(ciphertext),
        annotations: Object.fromEntries([...annotations].map(([key, value]) => [key, base64(value)])),
      };
      return { by: known.name, wrapped: Buffer.from(JSON.stringify(wrapped)) };
    },
    async unwrap(by, wrapped) {
      if (!by.startsWith(prefix)) return file.unwrap(by, wrapped);
      const { uid, ciphertext, annotations } = JSON.parse(Buffer.from(wrapped).toString()) as WrappedKey;
      return service.decrypt(
        {
          ciphertext: Buffer.from(ciphertext, 'base64'),
          keyId: by.slice(prefix.length),
          annotations: new Map(Object.entries(annotations).map(([key, value]) => [key, Buffer.from(value, 'base64')])),
        },
        uid,
      );
    },
  };
}

/** Only the keys file, which says what to do about a key of a plug-in. */
export function withoutKms(file: KeyWrapping): KeyWrapping {
  return {
    ...file,
    unwrap: (by, wrapped) =>
      by.startsWith(prefix)
        ? Promise.reject(
            new Error(`a data key is encrypted by ${by}; set encryption.kms.endpoint to the socket of that plug-in`),
          )
        : file.unwrap(by, wrapped),
  };
}
