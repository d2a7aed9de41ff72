import { randomUUID } from 'node:crypto';
import { type Clock, errorMessage, type Logger } from '../../base/index.ts';
import type { KeyWrapping } from './key-wrapping.ts';
import type { KmsService } from './kms-service.ts';

/** Marks names of keys that lie with the plug-in. */
const prefix = 'kms:';
/** How long what the plug-in said of itself counts: while it is well (as upstream), and while it is not. */
const statusMs = { well: 60_000, unwell: 10_000 };

interface WrappedKey {
  readonly uid: string;
  readonly ciphertext: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/**
 * Wrapping by a KMS plug-in. `file` unwraps what was wrapped by the keys file before; the plug-in's key changes when
 * its operator changes it, and members follow within a minute. A plug-in that is away for a while stops no member that
 * runs.
 */
export function kmsWrapping(
  service: KmsService,
  { file, clock, log }: { readonly file: KeyWrapping; readonly clock: Clock; readonly log: Logger },
): KeyWrapping {
  let known: { readonly name: string; readonly until: number } | undefined;
  const ask = async (): Promise<string> => {
    const { keyId } = await service.status();
    const name = `${prefix}${keyId}`;
    known = { name, until: clock.monotonic() + statusMs.well };
    return name;
  };
  return {
    async current() {
      if (known !== undefined && clock.monotonic() < known.until) return known.name;
      if (known === undefined) return ask();
      try {
        return await ask();
      } catch (error) {
        log.error('the KMS plug-in does not answer; the present key stays in use', { error: errorMessage(error) });
        known = { name: known.name, until: clock.monotonic() + statusMs.unwell };
        return known.name;
      }
    },
    async wrap(secret) {
      const uid = randomUUID();
      const { ciphertext, keyId, annotations } = await service.encrypt(secret, uid);
      known = { name: `${prefix}${keyId}`, until: clock.monotonic() + statusMs.well };
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

/** The keys file alone, which says what to do about a key that lies with a plug-in. */
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
