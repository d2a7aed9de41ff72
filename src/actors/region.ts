/** The actors of one kind: made with their first message, gone when idle. */
import { limits } from '../base/index.ts';
import type { ActorSystem, Behaviour, Region, RegionOptions } from './actor.ts';
import type { InnerActorSystem } from './actor-system.ts';
import { Cell } from './cell.ts';
import { bucketOf } from './shard-map.ts';

/** An actor that only supervises: its children do the work. */
const supervisor: Behaviour<null, never> = { initialState: () => null, receive: (state) => state };

const defaultIdleMs = 60_000;

/**
 * Kind -> bucket -> object. An actor comes to life with its first message and leaves memory when idle. One object
 * whose actor spent its restarts is parked: it never takes its siblings along.
 */
class ResourceRegion<State, Message> implements Region<Message> {
  readonly #system: InnerActorSystem;
  readonly #options: RegionOptions<State, Message>;
  readonly #kind: Cell<null, never>;
  /** Made with their first actor. */
  readonly #buckets = new Map<number, Cell<null, never>>();
  readonly #cells = new Map<string, Cell<State, Message>>();

  constructor(system: InnerActorSystem, options: RegionOptions<State, Message>) {
    this.#system = system;
    this.#options = { ...options, buckets: Math.min(options.buckets, limits.childrenMax) };
    this.#kind = new Cell(system.root, {
      name: options.kind,
      behaviour: supervisor,
      options: {},
      supervisesOnly: true,
    });
    const idleMs = options.idleMs ?? defaultIdleMs;
    const sweep = system.environment.timers.every(idleMs / 2, () => {
      this.#passivate(idleMs);
    });
    this.#kind.onEnd(() => {
      sweep.cancel();
    });
  }

  get resident(): number {
    return this.#cells.size;
  }

  tell(key: string, message: Message): boolean {
    return this.#cell(key).tell(message);
  }

  ask<Answer>(
    key: string,
    build: (reply: (answer: Answer) => void) => Message,
    options?: { readonly deadlineMs?: number },
  ): Promise<Answer> {
    return this.#cell(key).handle.ask(build, options);
  }

  stop(key: string): void {
    this.#cells.get(key)?.detach();
  }

  disperse(): void {
    this.#passivate(0);
  }

  leave(isLeft: (key: string) => boolean): void {
    for (const [key, cell] of [...this.#cells]) if (!cell.busy && isLeft(key)) cell.detach();
  }

  #cell(key: string): Cell<State, Message> {
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    const cell = this.#bucket(bucketOf(this.#options.bucketKey?.(key) ?? key, this.#options.buckets)).spawn({
      name: key,
      behaviour: this.#options.behaviour(key),
      options: { whenSpent: { type: 'park' }, ...this.#options.spawn },
    });
    cell.onEnd(() => {
      if (this.#cells.get(key) === cell) this.#cells.delete(key);
    });
    this.#cells.set(key, cell);
    return cell;
  }

  #bucket(id: number): Cell<null, never> {
    const known = this.#buckets.get(id);
    if (known !== undefined) return known;
    const bucket = this.#kind.spawn({ name: String(id), behaviour: supervisor, options: {}, supervisesOnly: true });
    bucket.onEnd(() => {
      this.#buckets.delete(id);
    });
    this.#buckets.set(id, bucket);
    return bucket;
  }

  #passivate(idleMs: number): void {
    const now = this.#system.environment.clock.monotonic();
    for (const cell of [...this.#cells.values()]) {
      if (cell.idle && now - cell.activeAt >= idleMs) cell.detach();
    }
  }
}

/** Makes the region of one kind in a system. */
export function createRegion<State, Message>(
  system: ActorSystem,
  options: RegionOptions<State, Message>,
): Region<Message> {
  return new ResourceRegion(system as InnerActorSystem, options);
}
