/** The receiving end of a snapshot's transfer. */
import type { LogIndex } from '../../base/index.ts';
import type { KeySpaceOptions } from '../../mvcc/index.ts';
import type { SnapshotMark } from '../../raft/core/index.ts';
import { type StateMachine, StateMachineDecoder } from '../state-machine.ts';
import type { SnapshotChunk, SnapshotProgress } from '../transport/index.ts';

/** Chunks that came before their turn and are kept. */
const earlyChunksMax = 32;

/** A whole snapshot: its chunks for the disk, and the state they make. */
interface ReceivedSnapshot {
  readonly mark: SnapshotMark;
  readonly chunks: Uint8Array[];
  readonly machine: StateMachine;
}

interface Incoming {
  readonly transfer: string;
  readonly reception: string;
  readonly term: number;
  readonly mark: SnapshotMark;
  readonly decoder: StateMachineDecoder;
  readonly chunks: Uint8Array[];
  readonly early: Map<number, SnapshotChunk>;
  next: number;
  complete: boolean;
}

/**
 * Receives a snapshot chunk by chunk and decodes each as it comes, so that no long pause follows the last one. A newer
 * transfer takes the place of an older one.
 */
export class SnapshotReceiver {
  readonly #history: KeySpaceOptions;
  readonly #life: string;
  #receptions = 0;
  #incoming: Incoming | undefined;
  /** Whole snapshots that wait to become durable, by index. */
  readonly #whole = new Map<LogIndex, ReceivedSnapshot>();

  /** `life` is a name that no other run of this member has. */
  constructor(history: KeySpaceOptions, life: string) {
    this.#history = history;
    this.#life = life;
  }

  /** Takes a chunk. `whole` is there when it was the last one that was missing. */
  take(chunk: SnapshotChunk): { readonly progress: SnapshotProgress; readonly whole?: ReceivedSnapshot } | undefined {
    const known = this.#incoming;
    if (known !== undefined && known.transfer !== chunk.transfer && chunk.term < known.term) return undefined;
    const incoming = known?.transfer === chunk.transfer ? known : this.#begin(chunk);
    const whole = this.#advance(incoming, chunk);
    const { transfer, reception, next, complete } = incoming;
    const progress: SnapshotProgress = {
      type: 'snapshot-progress',
      from: chunk.to,
      to: chunk.from,
      transfer,
      reception,
      next,
      complete,
    };
    return whole === undefined ? { progress } : { progress, whole };
  }

  /** The whole snapshot at `index`, which stays until it is claimed. */
  peek(index: LogIndex): ReceivedSnapshot | undefined {
    return this.#whole.get(index);
  }

  /** Hands the snapshot at `index` over to be installed; older ones are forgotten. */
  claim(index: LogIndex): ReceivedSnapshot | undefined {
    const whole = this.#whole.get(index);
    for (const other of [...this.#whole.keys()]) if (other <= index) this.#whole.delete(other);
    return whole;
  }

  #begin({ transfer, term, mark }: SnapshotChunk): Incoming {
    const decoder = new StateMachineDecoder(this.#history);
    this.#receptions += 1;
    const incoming: Incoming = {
      transfer,
      reception: `${this.#life}/${this.#receptions}`,
      term,
      mark,
      decoder,
      chunks: [],
      early: new Map(),
      next: 0,
      complete: false,
    };
    this.#incoming = incoming;
    return incoming;
  }

  #advance(incoming: Incoming, chunk: SnapshotChunk): ReceivedSnapshot | undefined {
    if (incoming.complete || chunk.sequence < incoming.next) return undefined;
    if (incoming.early.size < earlyChunksMax || chunk.sequence === incoming.next)
      incoming.early.set(chunk.sequence, chunk);
    for (let due = incoming.early.get(incoming.next); due !== undefined; due = incoming.early.get(incoming.next)) {
      incoming.early.delete(incoming.next);
      incoming.next += 1;
      if (due.last) return this.#finish(incoming);
      incoming.decoder.add(due.data);
      incoming.chunks.push(due.data);
    }
    return undefined;
  }

  #finish(incoming: Incoming): ReceivedSnapshot {
    incoming.complete = true;
    const whole = { mark: incoming.mark, chunks: [...incoming.chunks], machine: incoming.decoder.finish() };
    incoming.chunks.length = 0;
    this.#whole.set(whole.mark.index, whole);
    return whole;
  }
}
