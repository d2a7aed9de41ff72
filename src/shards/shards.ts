/** Heartbeats, grants, and the moving of shards. */
import {
  AwakeTime,
  type Clock,
  delay,
  errorMessage,
  type Logger,
  type Metrics,
  type Timer,
  type Timers,
} from '../base/index.ts';
import { type Bus, BusError, decode, encode, type Subjects } from '../bus/index.ts';
import type { Compare, Store, StoreEvent, StoreWatch } from '../state/index.ts';
import { assignShards } from './assignment.ts';
import { drainedMembers, moveShards, ownersOf, shardKey, shardPrefix, shardRecords } from './shard-keys.ts';

interface ShardsOptions {
  readonly member: string;
  /** This run of the process. */
  readonly life: string;
  readonly store: Store;
  readonly bus: Bus;
  readonly subjects: Pick<Subjects, 'alive' | 'gone'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/**
 * The right to act on a shard. Its writes carry the fence; they fail once the shard has another owner, or another
 * epoch.
 */
export interface Grant {
  readonly shard: number;
  readonly epoch: number;
  readonly fence: Compare;
}

export interface Shards {
  /**
   * From here on this member says that it lives, and may own shards. Before, it would own some that it cannot work on
   * yet.
   */
  begin(): void;
  /** While this member owns the shard; another object after each change of owner or epoch. */
  grant(shard: number): Grant | undefined;
  /** Called after grants came or went, with the shards that came. */
  onChange(listener: (gained: ReadonlySet<number>) => void): () => void;
  /** The members that are heard, this one among them. */
  alive(): readonly string[];
  /**
   * By shard the owner that it should have, as far as this member hears: where it differs from the store's map, a move
   * is due or under way.
   */
  planned(): readonly (string | undefined)[];
  /** Called on the store's leader when a member fell silent. All clients hear of it, too. */
  onGone(listener: (member: string) => void): () => void;
  /**
   * Gives the shards to the others and goes on with the work until they have them, or for a while. Nobody else is
   * there: at once.
   */
  leave(): Promise<void>;
  close(): void;
}

/** How often a member sends its heartbeat and looks for work. */
const beatMs = 100;
/** So long after its last heartbeat a member's shards go to others. Too early does no harm but a move. */
const lostMs = 800;
/** So long a member that leaves waits for the others to take its shards. */
const leaveMs = 2_000;
const lookMs = 20;

interface Heard {
  readonly life: string;
  /** In awake time: a member that stood still itself has not listened meanwhile. */
  readonly at: number;
}

/**
 * Listens to the others. After `begin`: heartbeats, grants as the store says, and the moving of shards whenever this
 * member leads the store.
 */
export function openShards(options: ShardsOptions): Shards {
  return new OpenShards(options);
}

class OpenShards implements Shards {
  readonly #options: ShardsOptions;
  /** The last heartbeat of each member, this one's included; a member that left is gone from here. */
  readonly #heard = new Map<string, Heard>();
  /** By shard, as the store says; replaced when a shard's key or the knowledge of a leader changes. */
  #grants: ReadonlyMap<number, Grant> = new Map();
  readonly #listeners = new Set<(gained: ReadonlySet<number>) => void>();
  readonly #applied: StoreWatch;
  readonly #subscription: { close(): void };
  #timer: Timer | undefined;
  /** Members whose silence was announced; one that is heard again leaves. */
  readonly #gone = new Set<string>();
  readonly #goneListeners = new Set<(member: string) => void>();
  readonly #awake: AwakeTime;
  /** Whether the store has a leader, as of the last beat; without one there are no grants. */
  #ledByAnyone = false;
  /** A move is on its way through the store: one at a time. */
  #moving = false;

  constructor(options: ShardsOptions) {
    this.#options = options;
    this.#awake = new AwakeTime(options.clock, beatMs * 2);
    this.#subscription = options.bus.subscribe(options.subjects.alive, ({ payload }) => {
      this.#hear(payload);
    });
    this.#applied = options.store.onApplied((events) => {
      if (events.some(isShard)) this.#refresh();
    });
  }

  begin(): void {
    this.#timer = this.#options.timers.every(beatMs, () => {
      this.#beat();
    });
    this.#beat();
  }

  grant(shard: number): Grant | undefined {
    return this.#grants.get(shard);
  }

  onChange(listener: (gained: ReadonlySet<number>) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  onGone(listener: (member: string) => void): () => void {
    this.#goneListeners.add(listener);
    return () => {
      this.#goneListeners.delete(listener);
    };
  }

  alive(): readonly string[] {
    const now = this.#awake.now();
    return [...this.#heard]
      .filter(([, { at }]) => now - at < lostMs)
      .map(([member]) => member)
      .sort();
  }

  async leave(): Promise<void> {
    const { timers, store } = this.#options;
    const others = this.alive().filter(
      (name) => name !== this.#options.member && (store.status().voters ?? []).includes(name),
    );
    if (others.length === 0) return;
    this.#timer?.cancel();
    this.#say({ leaving: true });
    for (let waitedMs = 0; waitedMs < leaveMs && this.#grants.size > 0; waitedMs += lookMs) await delay(timers, lookMs);
  }

  close(): void {
    this.#timer?.cancel();
    // The others need not wait for the silence.
    this.#say({ leaving: true });
    this.#subscription.close();
    this.#applied.close();
    this.#listeners.clear();
    this.#goneListeners.clear();
    this.#grants = new Map();
  }

  #beat(): void {
    const { member, life, store } = this.#options;
    const now = this.#awake.now();
    this.#heard.set(member, { life, at: now });
    this.#say({ leaving: false });
    this.#findGone(now);
    const led = store.status().leader !== undefined;
    if (led !== this.#ledByAnyone) {
      this.#ledByAnyone = led;
      this.#refresh();
    }
    this.#move();
  }

  #say(more: { readonly leaving: boolean }): void {
    const { member, life, bus, subjects } = this.#options;
    publish(bus, subjects.alive, encode({ member, life, ...more }));
  }

  #hear(payload: Uint8Array): void {
    const said = heartbeatOf(payload);
    if (said === undefined || said.member === this.#options.member) return;
    const known = this.#heard.get(said.member);
    if (said.leaving) this.#heard.delete(said.member);
    else this.#heard.set(said.member, { life: said.life, at: this.#awake.now() });
    // A new life owns nothing yet, and nobody works on what the old one owned.
    if (said.leaving || known?.life !== said.life) this.#move();
  }

  /**
   * A member that just fell silent is named once, by the leader: clients need not wait for what it was about to send.
   */
  #findGone(now: number): void {
    const { store, bus, subjects, log } = this.#options;
    for (const [member, { at }] of this.#heard) {
      if (now - at < lostMs) this.#gone.delete(member);
      else if (!this.#gone.has(member) && store.status().role === 'leader') {
        this.#gone.add(member);
        log.warn('a member fell silent', { member });
        publish(bus, subjects.gone(member), new Uint8Array());
        for (const listener of [...this.#goneListeners]) listener(member);
      }
    }
  }

  /** Grants follow from the store's keys alone; without a leader there are none. */
  #refresh(): void {
    const { member, life, store, log, metrics } = this.#options;
    const next = new Map<number, Grant>();
    const gained = new Set<number>();
    if (this.#ledByAnyone) {
      for (const [shard, { row, revision }] of shardRecords(store).entries()) {
        if (row?.owner !== member || row.life !== life) continue;
        const known = this.#grants.get(shard);
        const same = known?.fence.revision === revision;
        next.set(shard, same ? known : { shard, epoch: row.epoch, fence: { key: shardKey(shard), revision } });
        if (!same) gained.add(shard);
      }
    }
    const lost = [...this.#grants.keys()].filter((shard) => !next.has(shard)).length;
    this.#grants = next;
    metrics.gauge('troupe_shards_owned', next.size);
    if (gained.size === 0 && lost === 0) return;
    // By these lines it can be checked afterwards that no epoch of a shard had two owners.
    log.info('shards moved', {
      owned: next.size,
      lost,
      gained: [...gained].map((shard) => `${shard}@${next.get(shard)?.epoch ?? 0}`).join(' '),
    });
    for (const listener of [...this.#listeners]) listener(gained);
  }

  planned(): readonly (string | undefined)[] {
    return this.#plan(this.#lives());
  }

  #lives(): ReadonlyMap<string, string> {
    const { member, store } = this.#options;
    return this.#eligible(new Set(store.status().voters ?? [member]));
  }

  /** What lives on stays where it is, as far as that is even. */
  #plan(lives: ReadonlyMap<string, string>): readonly (string | undefined)[] {
    const identities = ownersOf(this.#options.store).map((row) =>
      row !== undefined && lives.get(row.owner) === row.life ? row.owner : undefined,
    );
    return assignShards(identities, [...lives.keys()].sort());
  }

  /** The leader's duty. A leader that is none any more does no harm: its transaction compares what it read. */
  #move(): void {
    const { store, log } = this.#options;
    if (this.#timer === undefined || this.#moving || store.status().role !== 'leader') return;
    const lives = this.#lives();
    const owners = this.#plan(lives).map((owner) =>
      owner === undefined ? undefined : { owner, life: lives.get(owner) ?? '' },
    );
    const transaction = moveShards(store, owners);
    if (transaction === undefined) return;
    this.#moving = true;
    store
      .transact(transaction)
      .catch((error: unknown) => {
        log.warn('cannot move shards; retrying', { error: errorMessage(error) });
      })
      .finally(() => {
        this.#moving = false;
      });
  }

  /**
   * The lives of the members that may own shards: heard, voting, not drained. When an operator drained all of them, all
   * may.
   */
  #eligible(voters: ReadonlySet<string>): ReadonlyMap<string, string> {
    const alive = this.alive().filter((name) => voters.has(name));
    const drained = drainedMembers(this.#options.store);
    const wanted = alive.filter((name) => !drained.has(name));
    return new Map((wanted.length > 0 ? wanted : alive).map((name) => [name, this.#heard.get(name)?.life ?? '']));
  }
}

/** Without the bus nobody hears this member; its shards go to others, which is right. */
function publish(bus: Bus, subject: string, payload: Uint8Array): void {
  try {
    bus.publish(subject, payload);
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
  }
}

const isShard = ({ record }: StoreEvent): boolean => record.key.startsWith(shardPrefix);

/** Undefined for what no member says. */
function heartbeatOf(
  payload: Uint8Array,
): { readonly member: string; readonly life: string; readonly leaving: boolean } | undefined {
  try {
    const { member, life, leaving } = decode(payload) as Record<string, unknown>;
    return typeof member === 'string' && typeof life === 'string'
      ? { member, life, leaving: leaving === true }
      : undefined;
  } catch {
    return undefined;
  }
}
