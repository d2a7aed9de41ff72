/** The errors for bytes that rotted on disk, and for files that do not belong where they lie. */
import { DiskError, type DiskFile, errorMessage } from '../../base/index.ts';

/**
 * A file of the store holds what was never written there, in a place that was synced: the disk or somebody changed it.
 */
export class CorruptError extends Error {
  override readonly name = 'CorruptError';
  readonly code = 'corrupt';
  readonly path: string;
  readonly position: number;
  /** No other member has what was there: a fresh copy cannot replace it. */
  readonly onlyCopy: boolean;
  constructor(path: string, position: number, what: string, options: { readonly onlyCopy?: boolean } = {}) {
    super(
      `${path} is damaged at byte ${position}: ${what}; a member of several is copied afresh by itself when it ` +
        'starts and the others run; one that had not yet joined leaves and joins again: troupe member remove on ' +
        'another member, then troupe down --purge here; the only voter needs a backup: troupe store restore, into a ' +
        'fresh home',
    );
    this.path = path;
    this.position = position;
    this.onlyCopy = options.onlyCopy ?? false;
  }
}

/** A whole file of a store that is not of the member, the life or the timeline that the others beside it are of. */
export class ForeignError extends Error {
  override readonly name = 'ForeignError';
  readonly code = 'foreign';
  readonly path: string;
  constructor(path: string, what: string) {
    super(`${path} does not belong here: ${what}; nothing was changed`);
    this.path = path;
  }
}

/** Reads, a second time if need be; what the disk cannot read is damage. Throws CorruptError. */
export async function readOrDamage(
  file: Pick<DiskFile, 'read'>,
  path: string,
  { position, length }: { readonly position: number; readonly length: number },
): Promise<Uint8Array> {
  try {
    return await file.read(position, length).catch(() => file.read(position, length));
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== 'input-output') throw error;
    throw new CorruptError(path, position, `it cannot be read (${errorMessage(error.cause ?? error)})`);
  }
}
