import { join } from 'node:path';
import { errorMessage, type Logger, type Timers } from '../../base/index.ts';
import type { Home } from '../home.ts';
import type { Settings } from '../settings.ts';
import { StartProblem } from '../start-problem.ts';
import { type Encryption, openEncryption } from './encryption.ts';
import { fileWrapping } from './key-wrapping.ts';
import { ensureKeysFile } from './keys-file.ts';

export const keysFileOf = (home: Home, settings: Settings['encryption']): string => (settings.keysFile === '' ? join(home.pki, 'encryption-keys.json') : settings.keysFile);

/** The encryption of a store's folder as the settings want it; undefined when it is off. Rejects with StartProblem when a key is missing. */
export async function storeEncryption(options: { readonly home: Home; readonly settings: Settings['encryption']; readonly storeFolder: string; readonly readOnly?: boolean; readonly timers: Timers; readonly log: Logger }): Promise<Encryption | undefined> {
  const { home, settings, storeFolder, timers, log, readOnly = false } = options;
  if (!settings.enabled) return undefined;
  try {
    const file = keysFileOf(home, settings);
    if (!readOnly) ensureKeysFile(file);
    return await openEncryption({ storeFolder, readOnly, wrapping: fileWrapping(file), timers, log: log.with({ part: 'encryption' }) });
  } catch (error) {
    throw new StartProblem(`the store cannot be decrypted: ${errorMessage(error)}`);
  }
}
