import { limits } from '../base/index.ts';
import { type ActorSystem, AskError, type Behaviour, type CrashRecord, type Region, type RegionOptions } from './actor.ts';
import type { InnerActorSystem } from './actor-system.ts';
import { Cell, type CellParent } from './cell.ts';

/** An actor that only supervises: its children do the work. */
const supervisor: Behaviour<null, never> = { initialState: () => null, receive: (state) => state };

const defaultIdleMs = 60_000;

/**
 * The actors of one kind: kind -> shard -> object. An actor comes to life with its first message and leaves memory when idle.
 * One object whose actor spent its restarts rests for the longest back-off and is then told its message again: it never takes
 * its siblings along.
 */
class ResourceRegion<State, Message> implements Region<Message> {
  readonly #system: InnerActorSystem;
  readonly #options: RegionOptions<State, Message>;
  readonly #kind: Cell<null, never>;
  /** Made with their first actor. */
  readonly #shards = new Map<number, Cell<null, never>>();
  readonly #cells = new Map<string, Cell<State, Message>>();
  readonly #resting = new Set<string>();

  constructor(system: InnerActorSystem, options: RegionOptions<State, Message>) {
    this.#system = system;
    this.#options = options;
    this.#kind = new Cell(system.environment, system.root, { name: options.kind, behaviour: supervisor, options: {}, supervisesOnly: true });
    const idleMs = options.idleMs ?? defaultIdleMs;
    const sweep = system.environment.timers.every(idleMs / 2, () => { this.#passivate(idleMs); });
    this.#kind.onStopped = () => { sweep.cancel(); };
  }

  get resident(): number {
    return this.#cells.size;
  }

  tell(key: string, message: Message): boolean {
    if (this.#resting.has(key)) return true;
    return this.#cell(key, message).tell(message);
  }

  ask<Answer>(key: string, build: (reply: (answer: Answer) => void) => Message, options?: { readonly deadlineMs?: number }): Promise<Answer> {
    if (this.#resting.has(key)) return Promise.reject(new AskError('crashed', `${this.#options.kind}/${key}`));
    return this.#cell(key, undefined).handle.ask(build, options);
  }

  stop(key: string): void {
    this.#cells.get(key)?.detach();
  }

  #cell(key: string, first: Message | undefined): Cell<State, Message> {
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    const shard = this.#shard(hash(key) % Math.min(this.#options.shards, limits.childrenMax));
    const parent: CellParent = { address: shard.address, ref: shard.ref, children: shard.children, childEscalated: (record) => { this.#rest(key, first, record); } };
    const cell = new Cell(this.#system.environment, parent, { name: key, behaviour: this.#options.behaviour(key), options: this.#options.spawn ?? {} });
    cell.onStopped = () => { if (this.#cells.get(key) === cell) this.#cells.delete(key); };
    this.#cells.set(key, cell);
    return cell;
  }

  #shard(id: number): Cell<null, never> {
    const known = this.#shards.get(id);
    if (known !== undefined) return known;
    const shard = new Cell(this.#system.environment, this.#kind, { name: String(id), behaviour: supervisor, options: {}, supervisesOnly: true });
    this.#shards.set(id, shard);
    return shard;
  }

  #rest(key: string, message: Message | undefined, record: CrashRecord): void {
    this.#system.environment.log.error('an actor spent its restarts and rests', { actor: record.address, restMs: limits.restartBackoffMsMax });
    this.#resting.add(key);
    this.#system.environment.timers.after(limits.restartBackoffMsMax, () => {
      this.#resting.delete(key);
      if (message !== undefined) this.tell(key, message);
    });
  }

  #passivate(idleMs: number): void {
    const now = this.#system.environment.clock.monotonic();
    for (const cell of [...this.#cells.values()]) {
      if (cell.idle && now - cell.lastActive >= idleMs) cell.detach();
    }
  }
}

/** Makes the region of one kind in a system. */
export function createRegion<State, Message>(system: ActorSystem, options: RegionOptions<State, Message>): Region<Message> {
  return new ResourceRegion(system as InnerActorSystem, options);
}

/** FNV-1a over the key's UTF-16 units: the same key always lands on the same shard. */
export function hash(key: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) value = Math.imul(value ^ key.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
