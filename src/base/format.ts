/** The error for bytes that another version of the program wrote. */

/**
 * A file or stream has a format that this program does not read: a newer program wrote it. Nothing was changed, and
 * nothing is damaged.
 */
export class FormatError extends Error {
  override readonly name = 'FormatError';
  readonly code = 'newer-format';
  readonly found: number;
  /** `what` names the file or stream; `readable`: the formats that this program reads. */
  constructor(what: string, found: number, readable: readonly number[]) {
    super(
      `${what} has format ${found}, this program reads ${readable.join(', ')}: it was written by another ` +
        'version, most likely a newer one; start the version that wrote it, nothing was changed',
    );
    this.found = found;
  }
}
