/** The sending end of a snapshot's transfer. */
import type { LogIndex } from '../../base/index.ts';
import type { SnapshotMark } from '../../raft/core/index.ts';
import type { SnapshotProgress, StoreMessage } from '../transport/index.ts';

/** Chunks on their way to one member: enough to fill the wire, little enough to leave room for the log's messages. */
const windowChunks = 8;
/** Silence after which the window is sent again, and after which the transfer is given up. */
const resendMs = 400;
const patienceMs = 15_000;
/** How long the log behind a delivered snapshot is kept for its receiver. */
const keptMs = 30_000;

/** Chunks of one moment of the state. */
interface ChunkSource {
  next(): Uint8Array | undefined;
  close(): void;
}

interface Transfer {
  readonly to: string;
  readonly term: number;
  readonly id: string;
  readonly mark: SnapshotMark;
  readonly record: number | undefined;
  readonly source: ChunkSource;
  /** Sent and not yet confirmed; the first has sequence `base`. An empty array of bytes ends the transfer. */
  readonly window: Uint8Array[];
  base: number;
  /** Of the receiver's answers so far; undefined before the first one. */
  reception: string | undefined;
  exhausted: boolean;
  delivered: boolean;
  progressAt: number;
  sentAt: number;
}

interface SnapshotSenderHost {
  readonly member: string;
  readonly send: (to: string, message: StoreMessage) => void;
  /** The transfer ended: at `index`, or undefined when it failed. */
  readonly report: (to: string, index: LogIndex | undefined) => void;
  /** Monotonic ms. */
  readonly now: () => number;
  /** A name for a transfer that no other has. */
  readonly name: () => string;
}

/**
 * Sends snapshots to members that are too far behind: chunk by chunk, a bounded window ahead of what the receiver
 * confirms. What is lost is sent again from the first missing chunk; nothing but the window is kept in memory.
 */
export class SnapshotSender {
  readonly #host: SnapshotSenderHost;
  readonly #transfers = new Map<string, Transfer>();

  constructor(host: SnapshotSenderHost) {
    this.#host = host;
  }

  /** The log after this index is still needed; undefined when no transfer needs any. */
  get keptFrom(): LogIndex | undefined {
    const marks = [...this.#transfers.values()].map(({ mark }) => mark.index);
    return marks.length === 0 ? undefined : (Math.min(...marks) as LogIndex);
  }

  /** Whether a transfer to this member is under way: then no other is begun. */
  sendsTo(member: string): boolean {
    return this.#transfers.get(member)?.delivered === false;
  }

  begin(to: string, moment: Pick<Transfer, 'term' | 'mark' | 'record' | 'source'>): void {
    const now = this.#host.now();
    const transfer: Transfer = {
      to,
      ...moment,
      id: this.#host.name(),
      window: [],
      base: 0,
      reception: undefined,
      exhausted: false,
      delivered: false,
      progressAt: now,
      sentAt: now,
    };
    this.#transfers.get(to)?.source.close();
    this.#transfers.set(to, transfer);
    this.#fill(transfer);
  }

  onProgress({ from, transfer: id, reception, next, complete }: SnapshotProgress): void {
    const transfer = this.#transfers.get(from);
    if (transfer?.id !== id || transfer.delivered) return;
    if (next < transfer.base) {
      // An answer that a later one overtook says nothing. But a receiver that started over lacks chunks that are gone:
      // it needs another snapshot.
      if (reception === undefined || reception !== transfer.reception) this.#end(transfer, undefined);
      return;
    }
    transfer.reception = reception;
    if (next > transfer.base) {
      transfer.window.splice(0, next - transfer.base);
      transfer.base = next;
      transfer.progressAt = this.#host.now();
    }
    if (complete) this.#deliver(transfer);
    else this.#fill(transfer);
  }

  /** Sends again what got no answer, gives up what never does, and forgets what its receiver no longer needs. */
  tick(matchOf: (member: string) => LogIndex | undefined): void {
    const now = this.#host.now();
    for (const transfer of [...this.#transfers.values()]) {
      const { to, mark, delivered, progressAt } = transfer;
      if (delivered && ((matchOf(to) ?? 0) >= mark.index || now - progressAt > keptMs)) this.#transfers.delete(to);
      else if (!delivered && now - progressAt > patienceMs) this.#end(transfer, undefined);
      else if (!delivered && now - transfer.sentAt > resendMs) this.#resend(transfer);
    }
  }

  /** This member no longer leads, or stops. */
  endAll(): void {
    for (const { source } of this.#transfers.values()) source.close();
    this.#transfers.clear();
  }

  #deliver(transfer: Transfer): void {
    transfer.delivered = true;
    transfer.source.close();
    this.#host.report(transfer.to, transfer.mark.index);
  }

  #end(transfer: Transfer, index: LogIndex | undefined): void {
    transfer.source.close();
    this.#transfers.delete(transfer.to);
    this.#host.report(transfer.to, index);
  }

  #fill(transfer: Transfer): void {
    while (!transfer.exhausted && transfer.window.length < windowChunks) {
      const chunk = transfer.source.next();
      transfer.exhausted = chunk === undefined;
      transfer.window.push(chunk ?? new Uint8Array(0));
      this.#sendChunk(transfer, transfer.window.length - 1);
    }
  }

  #resend(transfer: Transfer): void {
    for (let position = 0; position < transfer.window.length; position++) this.#sendChunk(transfer, position);
  }

  #sendChunk(transfer: Transfer, position: number): void {
    const { to, term, id, mark, record, window, exhausted } = transfer;
    const last = exhausted && position === window.length - 1;
    transfer.sentAt = this.#host.now();
    this.#host.send(to, {
      type: 'snapshot-chunk',
      from: this.#host.member,
      to,
      term,
      transfer: id,
      mark,
      record,
      sequence: transfer.base + position,
      last,
      data: window[position] as Uint8Array,
    });
  }
}
