/** Which batch of each proposer was applied last, so that none is applied twice. */
import type { Batch } from './batch/index.ts';

/** Sessions remembered; those that were silent longest are forgotten. A session is one start of one member. */
const sessionsMax = 256;

/** What a snapshot holds of the sessions. */
interface SessionsImage {
  readonly rows: readonly SessionRow[];
  readonly moment: number;
  readonly floor: number;
}

/** Name, sequence of its last batch, moment of that batch. */
type SessionRow = readonly [string, number, number];

interface Session {
  readonly sequence: number;
  readonly at: number;
}

/**
 * `due`: apply it. `repeated`: done already, or before its turn. `forgotten`: its session is no longer known, and it
 * will never be applied.
 */
export type Verdict = 'due' | 'repeated' | 'forgotten';

/**
 * Part of the replicated state. Time is counted in batches taken. A
 * session says at which moment it was born; one that is unknown and was born before the last sign of a forgotten one
 * may be that one, so nothing of it is applied any more, and its member begins a new session.
 */
export class Sessions {
  /** In the order of their last batch. */
  readonly #applied: Map<string, Session>;
  readonly #max: number;
  #moment: number;
  /** The last sign of any session that was forgotten. */
  #floor: number;

  constructor({ rows, moment, floor }: SessionsImage = { rows: [], moment: 0, floor: 0 }, max = sessionsMax) {
    this.#applied = new Map(rows.map(([name, sequence, at]) => [name, { sequence, at }]));
    this.#moment = moment;
    this.#floor = floor;
    this.#max = max;
  }

  /** Batches taken so far: a session that begins now is born at this moment. */
  get moment(): number {
    return this.#moment;
  }

  accept(batch: Batch): Verdict {
    if (this.isForgotten(batch)) return 'forgotten';
    const last = this.lastOf(batch.session);
    if (batch.sequence !== last + 1) return 'repeated';
    this.#moment += 1;
    this.#applied.delete(batch.session);
    this.#applied.set(batch.session, { sequence: batch.sequence, at: this.#moment });
    this.#forget();
    return 'due';
  }

  isForgotten({ session, bornAt }: Pick<Batch, 'session' | 'bornAt'>): boolean {
    return !this.#applied.has(session) && bornAt < this.#floor;
  }

  /** The sequence of the session's last batch; 0 when it has none. */
  lastOf(session: string): number {
    return this.#applied.get(session)?.sequence ?? 0;
  }

  /** For the snapshot. */
  image(): SessionsImage {
    return {
      rows: [...this.#applied].map(([name, { sequence, at }]): SessionRow => [name, sequence, at]),
      moment: this.#moment,
      floor: this.#floor,
    };
  }

  #forget(): void {
    if (this.#applied.size <= this.#max) return;
    for (const [oldest, { at }] of this.#applied) {
      this.#applied.delete(oldest);
      this.#floor = Math.max(this.#floor, at);
      return;
    }
  }
}

/** The image from a snapshot; earlier versions kept rows of name and sequence alone. */
export function sessionsImageOf(value: unknown): SessionsImage {
  if (!Array.isArray(value)) return value as SessionsImage;
  return {
    rows: (value as readonly (readonly [string, number])[]).map(([name, sequence]): SessionRow => [name, sequence, 0]),
    moment: 0,
    floor: 0,
  };
}
