import { CorruptError } from '../raft/wal/index.ts';
import { AdministrationError } from './administration.ts';
import type { FolderLock } from './options.ts';
import { StoreError } from './store.ts';

/**
 * Runs work on a store's folder that no other process may have open meanwhile. Rejects with AdministrationError `in-use`, and names
 * damage as StoreError `corrupt`.
 */
export async function withFolder<T>({ folder, lock }: { readonly folder: string; readonly lock?: FolderLock }, run: () => Promise<T>): Promise<T> {
  const taken = await lock?.(folder);
  if (taken !== undefined && 'held' in taken) throw new AdministrationError('in-use', `${folder} is in use by ${taken.held}; stop it first`);
  try {
    return await run();
  } catch (error) {
    if (error instanceof CorruptError) throw new StoreError('corrupt', error.message, error);
    throw error;
  } finally {
    await taken?.release();
  }
}
