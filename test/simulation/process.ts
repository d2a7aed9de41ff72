/** One process of a member, and how calls to it end. */
import type { Life } from './member-ports.ts';

/** One process. When it is dead, nothing of it acts any more: its timers, messages and disk calls lead nowhere. */
export class Process implements Life {
  alive = true;
  paused = false;
  readonly #held: { readonly call: () => void; readonly isTimer: boolean }[] = [];
  readonly #onDisk: (path: string, removed: boolean) => void;
  readonly #ended: (() => void)[] = [];

  constructor(onDisk: (path: string, removed: boolean) => void) {
    this.#onDisk = onDisk;
  }

  enter(call: () => void, isTimer = false): void {
    if (!this.alive) return;
    if (this.paused) this.#held.push({ call, isTimer });
    else call();
  }

  atDisk(path: string, removed = false): void {
    if (this.alive) this.#onDisk(path, removed);
  }

  /** A process that stood still in the middle of a turn runs what is due first, and only then reads its sockets. */
  resume(order: 'as-it-came' | 'timers-first'): void {
    this.paused = false;
    const held = this.#held.splice(0);
    const first = order === 'timers-first' ? held.filter(({ isTimer }) => isTimer) : [];
    for (const { call } of [...first, ...held.filter((one) => !first.includes(one))]) this.enter(call);
  }

  onEnd(call: () => void): void {
    this.#ended.push(call);
  }

  end(): void {
    this.alive = false;
    this.#held.length = 0;
    for (const call of this.#ended.splice(0)) call();
  }
}

/** How a call to a member's store ended; `lost`: the process died first. */
export type Outcome<T> =
  | { readonly type: 'done'; readonly value: T }
  | { readonly type: 'failed'; readonly error: unknown }
  | { readonly type: 'lost' };
