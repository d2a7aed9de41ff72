/** A store's folder while no other process has it open. */
import { FormatError } from '../base/index.ts';
import { CorruptError, ForeignError } from '../raft/wal/index.ts';
import { AdministrationError } from './administration.ts';
import type { FolderLock } from './options.ts';
import { StoreError } from './store.ts';

/**
 * Runs work on a store's folder that no other process may have open meanwhile. Rejects with AdministrationError
 * `in-use`, and names damage as StoreError `corrupt`, another version's files as `newer-format`, files of another
 * member, life or timeline as `foreign`.
 */
export async function withFolder<T>(
  { folder, lock }: { readonly folder: string; readonly lock?: FolderLock | undefined },
  run: () => Promise<T>,
): Promise<T> {
  const taken = await lock?.(folder);
  if (taken !== undefined && 'held' in taken)
    throw new AdministrationError('in-use', `${folder} is in use by ${taken.held}; stop it first`);
  try {
    return await run();
  } catch (error) {
    throw namedFailure(error);
  } finally {
    await taken?.release();
  }
}

/** What a folder's files are refused for, as the store's own error; anything else stays as it is. */
export function namedFailure(error: unknown): unknown {
  return error instanceof CorruptError || error instanceof FormatError || error instanceof ForeignError
    ? new StoreError(error.code, error.message, error)
    : error;
}
