/** The error for bytes that rotted on disk. */

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
