/** The writes of a run that were acknowledged: what watches must have told, and creates must still show. */

interface AcknowledgedWrite {
  readonly atMs: number;
  readonly name: string;
  /** Absent: the answer did not tell it. */
  readonly version?: number | undefined;
}

export class Ledger {
  readonly #writes: AcknowledgedWrite[] = [];

  add(write: AcknowledgedWrite): void {
    this.#writes.push(write);
  }

  get writes(): readonly AcknowledgedWrite[] {
    return this.#writes;
  }

  /** The greatest version that was acknowledged; 0 of none. */
  get newest(): number {
    return this.#writes.reduce((newest, { version = 0 }) => Math.max(newest, version), 0);
  }
}
