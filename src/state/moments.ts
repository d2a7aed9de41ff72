/** Digests of what no revision names, at entries that all members pass: sessions, the end of the past, what is due. */
import { crc32c } from '../raft/wal/index.ts';
import type { LogIndex } from '../base/index.ts';
import type { StateMachine } from './state-machine.ts';

/** A digest is taken at each entry whose index is a multiple of this; so many are remembered. */
const everyEntries = 64;
const momentsMax = 64;

/** The digest at one entry of the log. */
export type Moment = readonly [index: LogIndex, digest: string];

/** The last digests of one member. */
export class Moments {
  #moments: Moment[] = [];

  /** `machine` has applied the entry at `index` and nothing behind it. */
  applied(index: LogIndex, machine: StateMachine): void {
    if (index % everyEntries !== 0) return;
    this.#moments.push([index, digestOf(machine)]);
    if (this.#moments.length > momentsMax) this.#moments.shift();
  }

  get all(): readonly Moment[] {
    return this.#moments;
  }
}

function digestOf(machine: StateMachine): string {
  const { space } = machine;
  const { revision, oldest, marks, nextExpiryAt } = space;
  const text = JSON.stringify([machine.sessionsImage, revision, oldest, marks, nextExpiryAt]);
  return crc32c(new TextEncoder().encode(text)).toString(16).padStart(8, '0');
}

/** The first entry at which two members that passed it differ; undefined when they differ at none. */
export function differsAt(members: readonly (readonly Moment[])[]): LogIndex | undefined {
  const known = new Map<LogIndex, string>();
  for (const [index, digest] of members.flat().sort(([a], [b]) => a - b)) {
    if ((known.get(index) ?? digest) !== digest) return index;
    known.set(index, digest);
  }
  return undefined;
}
