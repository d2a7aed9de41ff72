/** Opens the encryption of a store's folder as the settings say. */
import { join } from 'node:path';
import { errorMessage, type Logger, type Timers } from '../../base/index.ts';
import { systemClock } from '../../platform/index.ts';
import { type Home, type Settings, StartProblem } from '../process/index.ts';
import { type Encryption, openEncryption } from './encryption.ts';
import { grpcCalls } from './grpc-call.ts';
import { fileWrapping, type KeyWrapping } from './key-wrapping.ts';
import { kmsService } from './kms-service.ts';
import { kmsWrapping, withoutKms } from './kms-wrapping.ts';
import { ensureKeysFile } from './keys-file.ts';

export const keysFileOf = (home: Home, settings: Settings['encryption']): string =>
  settings.keysFile === '' ? join(home.pki, 'encryption-keys.json') : settings.keysFile;

interface StoreEncryptionOptions {
  readonly home: Home;
  readonly settings: Settings['encryption'];
  readonly storeFolder: string;
  readonly readOnly?: boolean | undefined;
  readonly timers: Timers;
  readonly log: Logger;
}

/**
 * Undefined when it is off. Rejects with StartProblem when a key is missing.
 */
export async function storeEncryption(options: StoreEncryptionOptions): Promise<Encryption | undefined> {
  const { home, settings, storeFolder, timers, log, readOnly = false } = options;
  if (!settings.enabled) return undefined;
  try {
    const file = keysFileOf(home, settings);
    const own = { timers, log: log.with({ part: 'encryption' }) };
    const { kms } = settings;
    const byFile = kms === undefined || kms.endpoint === '';
    const wrapping = byFile ? withoutKms(fileWrapping(file)) : wrappingByKms(kms, { ...own, file: fileWrapping(file) });
    if (!readOnly && byFile) ensureKeysFile(file);
    return await openEncryption({ storeFolder, readOnly, wrapping, ...own });
  } catch (error) {
    throw new StartProblem(`cannot decrypt the store: ${errorMessage(error)}`);
  }
}

/** `unix:///run/kms.sock` as kube-apiserver's configuration has it. */
function wrappingByKms(
  { endpoint, timeoutMs }: NonNullable<Settings['encryption']['kms']>,
  { timers, log, file }: { readonly timers: Timers; readonly log: Logger; readonly file: KeyWrapping },
): KeyWrapping {
  const path = /^unix:(?:\/\/)?(\/.+)$/.exec(endpoint)?.[1];
  if (path === undefined)
    throw new Error(`encryption.kms.endpoint must be unix:///path/of/a/socket, not ${JSON.stringify(endpoint)}`);
  return kmsWrapping(kmsService(grpcCalls(path, { timers, timeoutMs })), { file, clock: systemClock, log });
}
