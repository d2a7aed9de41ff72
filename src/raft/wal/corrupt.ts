/** The errors for bytes that rotted on disk, and for files that do not belong where they lie. */

/**
 * A file of the store holds what was never written there, in a place that was synced: the disk or somebody changed it.
 */
export class CorruptError extends Error {
  override readonly name = 'CorruptError';
  readonly code = 'corrupt';
  readonly path: string;
  readonly position: number;
  constructor(path: string, position: number, what: string) {
    super(
      `${path} is damaged at byte ${position}: ${what}; remove this member's data folder and let it join again, ` +
        'or restore a backup',
    );
    this.path = path;
    this.position = position;
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
