/** Watches that live through the loss of their members, as an informer's do, and write down all that they are told. */
import type { HistoryRow } from '../../benchmarks/store/protocol.ts';
import type { TroupePeer } from '../../benchmarks/store/troupe-peer.ts';
import { eventually } from './cluster.ts';

/** What a store begins with; nothing was written before it. */
const firstRevision = 1;

/** One watch; it goes on at another member, from the last revision that it has seen, when its member is lost. */
class Watcher {
  readonly rows: HistoryRow[] = [];
  /** What it should never be told. */
  readonly faults: string[] = [];
  /** Members that it was moved from. */
  moves = 0;
  readonly #peer: TroupePeer;
  readonly #prefix: string;
  /** Of the members, in turn. */
  #at: number;
  #closed = false;

  constructor(peer: TroupePeer, prefix: string, at: number) {
    this.#peer = peer;
    this.#prefix = prefix;
    this.#at = at;
    this.#follow();
  }

  get revision(): number {
    return this.rows.at(-1)?.[0] ?? 0;
  }

  close(): void {
    this.#closed = true;
  }

  #follow(): void {
    const { names } = this.#peer;
    const member = names[this.#at % names.length] as string;
    this.#peer.stream(
      member,
      { prefix: this.#prefix, after: Math.max(firstRevision, this.revision) },
      {
        rows: (rows) => {
          this.#take(member, rows);
        },
        ended: (reason) => {
          if (this.#closed) return;
          if (/compacted|no longer/.test(reason)) this.faults.push(`${member} ended a watch: ${reason}`);
          if (!reason.endsWith('is not running')) this.moves += 1;
          this.#at += 1;
          setTimeout(() => {
            this.#follow();
          }, 50);
        },
      },
    );
  }

  #take(member: string, rows: readonly HistoryRow[]): void {
    for (const row of rows) {
      if (row[0] <= this.revision) this.faults.push(`${member} told of revision ${row[0]} after ${this.revision}`);
      this.rows.push(row);
    }
  }
}

/** A watch at each member, to begin with. */
export class StoreWatchers {
  readonly #watchers: readonly Watcher[];

  constructor(peer: TroupePeer, prefix: string) {
    this.#watchers = peer.names.map((_, at) => new Watcher(peer, prefix, at));
  }

  get faults(): readonly string[] {
    return this.#watchers.flatMap(({ faults }) => faults);
  }

  get moves(): number {
    return this.#watchers.reduce((sum, { moves }) => sum + moves, 0);
  }

  /** What each was told, once all have seen as much. Nothing may be written meanwhile. */
  async histories(): Promise<readonly (readonly HistoryRow[])[]> {
    let before = -1;
    await eventually('the watches to have the end', () => {
      const revisions = this.#watchers.map(({ revision }) => revision);
      const settled = revisions.every((revision) => revision === revisions[0] && revision === before);
      before = revisions[0] ?? 0;
      return settled;
    });
    for (const watcher of this.#watchers) watcher.close();
    return this.#watchers.map(({ rows }) => rows);
  }
}
