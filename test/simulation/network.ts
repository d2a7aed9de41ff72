/** The simulated network between members. */
import type { Random } from '../../src/base/index.ts';
import type { SimulationOptions } from './options.ts';
import type { StoreMessage, System } from './system.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Messages that the network remembers. */
const pastMax = 512;
/** Of a member's last words so many come again, one in so many ms. */
const wordsMax = 12;
const wordsPauseMs = 25;

/** A network that loses, repeats, delays and reorders, and that can be cut between any two members, one way or both. */
export class Network {
  /** Where messages arrive; members that are down have no entry. */
  readonly doors = new Map<string, (message: StoreMessage) => void>();
  /** Cut ways, as `from>to`. */
  readonly #cuts = new Set<string>();
  /** Every message is twice as bad as the seed's mix while a storm lasts. */
  stormy = false;
  readonly #world: VirtualTime;
  readonly #random: Random;
  readonly #options: SimulationOptions;
  readonly #system: System;
  /** Answers to reads, by the asker and its context. */
  readonly #answers = new Map<string, Uint8Array>();
  /** The last messages, for echoes. */
  readonly #past: { readonly from: string; readonly to: string; readonly bytes: Uint8Array }[] = [];
  /** By receiver: the chunks of the last snapshot that went there whole, and of the one under way. */
  readonly #transfers = new Map<string, { id: string; chunks: Uint8Array[]; whole: readonly Uint8Array[] }>();
  /** By member, the last thing that it acknowledged. */
  readonly #acknowledged = new Map<string, { readonly to: string; readonly bytes: Uint8Array }>();
  /** Pieces of snapshots that were sent for the first time. */
  pieces = 0;
  sent = 0;
  lost = 0;
  repeated = 0;
  late = 0;

  constructor(world: VirtualTime, random: Random, options: SimulationOptions, system: System) {
    this.#world = world;
    this.#random = random;
    this.#options = options;
    this.#system = system;
  }

  get cut(): boolean {
    return this.#cuts.size > 0;
  }

  block(from: string, to: string): void {
    this.#cuts.add(`${from}>${to}`);
  }

  heal(): void {
    this.#cuts.clear();
    this.stormy = false;
  }

  /**
   * What is on its way at once and asks for no answer without end: pieces of snapshots that come once more, the one
   * answer to each, and what a member that stood still says to all that waited for it.
   */
  excused = 0;
  /** When a piece of a snapshot last came to a member once more, by the member's name. */
  readonly #repeatedPiece = new Map<string, number>();
  /** When a member that stood still last went on, by its name. */
  readonly #woke = new Map<string, number>();
  /** No more loss from here on: the faults are over. */
  calm = false;

  send(from: string, to: string, message: StoreMessage): void {
    this.sent += 1;
    const { loss, duplication } = this.#options;
    const rate = this.calm ? 0 : 1;
    if (this.#cuts.has(`${from}>${to}`) || this.#random.fraction() < (this.stormy ? 0.3 + loss : loss) * rate) {
      this.lost += 1;
      return;
    }
    const bytes = this.#system.encodeMessage(message);
    this.#past[this.sent % pastMax] = { from, to, bytes };
    const copies = this.#random.fraction() < (this.stormy ? 0.1 + duplication : duplication) * rate ? 2 : 1;
    if (copies > 1) this.repeated += 1;
    if (message.type === 'append-response' && !message.refused) this.#acknowledged.set(from, { to, bytes });
    if (message.type === 'snapshot-chunk') this.#note(to, message, bytes);
    if (this.#options.longMemory === true) this.#remember(from, message, bytes);
    const excused = this.#isExcused(from, message) ? 1 : 0;
    for (let copy = 0; copy < copies; copy++) {
      this.excused += excused;
      this.#world.after(this.#delayMs(), () => {
        this.excused -= excused;
        if (!this.#cuts.has(`${from}>${to}`)) this.doors.get(to)?.(this.#system.decodeMessage(bytes));
      });
    }
  }

  #isExcused(from: string, { type }: StoreMessage): boolean {
    const now = this.#world.monotonic();
    return this.#woke.get(from) === now || (type === 'snapshot-progress' && this.#repeatedPiece.get(from) === now);
  }

  /** So many messages of the past arrive once more, some of them sent by or to an earlier life. */
  echo(count: number): void {
    const past = this.#past.filter((message) => message !== undefined);
    for (let left = past.length === 0 ? 0 : count; left > 0; left--) {
      const { to, bytes } = past[this.#random.below(past.length)] as (typeof past)[number];
      this.repeated += 1;
      this.#world.after(this.#delayMs(), () => {
        this.doors.get(to)?.(this.#system.decodeMessage(bytes));
      });
    }
  }

  /** A member that stood still hears now what waited for it. */
  wakes(member: string): void {
    this.#woke.set(member, this.#world.monotonic());
  }

  /** Every snapshot that went whole to its receiver arrives once more. */
  repeatTransfers(): void {
    for (const [to, { whole }] of this.#transfers)
      for (const [i, bytes] of whole.entries()) {
        this.excused += 1;
        this.#world.after(this.#options.latencyMs + i * 0.01, () => {
          this.excused -= 1;
          this.#repeatedPiece.set(to, this.#world.monotonic());
          this.doors.get(to)?.(this.#system.decodeMessage(bytes));
        });
      }
  }

  #note(to: string, chunk: StoreMessage & { readonly type: 'snapshot-chunk' }, bytes: Uint8Array): void {
    const { transfer, sequence, last } = chunk;
    const known = this.#transfers.get(to);
    const entry = known?.id === transfer ? known : { id: transfer, chunks: [], whole: known?.whole ?? [] };
    this.#transfers.set(to, entry);
    if (entry.chunks[sequence] === undefined) this.pieces += 1;
    entry.chunks[sequence] = bytes;
    if (last) entry.whole = entry.chunks.filter((one) => one !== undefined);
  }

  /** The last acknowledgement of a member arrives again, some times. */
  repeatAnswers(from: string): void {
    const last = this.#acknowledged.get(from);
    for (let left = last === undefined ? 0 : 5; left > 0; left--) {
      this.repeated += 1;
      this.#world.after(this.#random.below(300), () => {
        if (last !== undefined) this.doors.get(last.to)?.(this.#system.decodeMessage(last.bytes));
      });
    }
  }

  /** What a member said last arrives again and again for so long. */
  lastWords(from: string, forMs: number): void {
    const words = [...this.#past.slice((this.sent % pastMax) + 1), ...this.#past.slice(0, (this.sent % pastMax) + 1)]
      .filter((message) => message?.from === from)
      .slice(-wordsMax);
    for (let at = wordsPauseMs; at < forMs && words.length > 0; at += wordsPauseMs) {
      const { to, bytes } = words[this.#random.below(words.length)] as (typeof words)[number];
      this.repeated += 1;
      this.#world.after(at, () => {
        this.doors.get(to)?.(this.#system.decodeMessage(bytes));
      });
    }
  }

  /** What was once answered under the context of this question arrives again, before the true answer. */
  #remember(from: string, message: StoreMessage, bytes: Uint8Array): void {
    if (message.type === 'read-response') this.#answers.set(`${message.to}/${message.context}`, bytes);
    const again = message.type === 'read' ? this.#answers.get(`${from}/${message.context}`) : undefined;
    if (again === undefined) return;
    this.repeated += 1;
    this.#world.after(this.#options.latencyMs * 0.2, () => {
      this.doors.get(from)?.(this.#system.decodeMessage(again));
    });
  }

  #delayMs(): number {
    const { late, lateMs, latencyMs, appendBytesMax } = this.#options;
    const usual = appendBytesMax === 1 ? latencyMs : latencyMs * (0.5 + this.#random.fraction());
    if (this.calm || this.#random.fraction() >= (this.stormy ? 0.2 + late : late)) return usual;
    this.late += 1;
    return usual + this.#random.fraction() * lateMs;
  }
}
