/** The way to any resource's actor, on whichever member it lives. */
import { errorMessage, limits, parseTraceparent, traceparentOf } from '../base/index.ts';
import { type Bus, BusError, type BusMessage, decode, encode, type Subjects, type Subscription } from '../bus/index.ts';
import type { ActorSystem, Behaviour, Region, SpawnOptions } from './actor.ts';
import type { InnerActorSystem } from './actor-system.ts';
import { parseResourceAddress } from './address.ts';
import { AskError } from './ask-error.ts';
import { createRegion } from './region.ts';
import type { ShardMap } from './shard-map.ts';

/** A message to a resource's actor from anywhere: a plain value, and the way back when an answer is awaited. */
export interface Posted {
  readonly type: 'posted';
  readonly body: unknown;
  readonly reply?: ((answer: unknown) => void) | undefined;
}

/** A resource's actor, wherever it lives. */
interface ResourceRef {
  readonly address: string;
  /** At most once. False when it is known that nobody takes it. */
  tell(body: unknown): boolean;
  /**
   * Rejects with AskError: `unreachable` while its shard has no owner, `not-understood` when the actor does not know
   * the question.
   */
  ask(body: unknown, options: { readonly deadlineMs: number }): Promise<unknown>;
}

/** The actors of one kind that the directory makes when somebody first asks for one. */
export interface HostedKind {
  readonly behaviour: (key: string) => Behaviour<null, Posted>;
  readonly spawn?: SpawnOptions<Posted> | undefined;
}

interface DirectoryOptions {
  readonly system: ActorSystem;
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly shardMap: ShardMap;
  /** Undefined: no such kind. Called once a kind. */
  readonly host: (kind: string) => HostedKind | undefined;
  /** An actor without messages for this long leaves memory; default 60 s. */
  readonly idleMs?: number | undefined;
}

export interface Directory {
  ref(address: string): ResourceRef;
  /** Actors in memory at the moment. */
  readonly resident: number;
  close(): void;
}

type Answer = { readonly answer: unknown } | { readonly error: AskError['code'] };

/**
 * Finds the actor of any resource. A message goes to the member that owns the resource's shard: within the process
 * straight into the mailbox, else over the bus, where just the owner listens on the shard's subjects. An owner that has
 * lost its shard answers `unreachable`, so that no two members act for one resource.
 */
export function createDirectory(options: DirectoryOptions): Directory {
  return new ShardDirectory(options);
}

class ShardDirectory implements Directory {
  readonly #options: DirectoryOptions;
  readonly #environment: InnerActorSystem['environment'];
  readonly #regions = new Map<string, Region<Posted>>();
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #unlisten: () => void;

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.#environment = (options.system as InnerActorSystem).environment;
    this.#listen();
    this.#unlisten = options.shardMap.onChange(() => {
      this.#listen();
    });
  }

  get resident(): number {
    let sum = 0;
    for (const region of this.#regions.values()) sum += region.resident;
    return sum;
  }

  ref(address: string): ResourceRef {
    return {
      address,
      tell: (body) => this.#tell(address, body),
      ask: (body, { deadlineMs }) => this.#ask(address, body, deadlineMs),
    };
  }

  close(): void {
    this.#unlisten();
    for (const subscription of this.#subscriptions.values()) subscription.close();
    this.#subscriptions.clear();
  }

  #tell(address: string, body: unknown): boolean {
    const place = this.#place(address);
    if (place === undefined) return false;
    if (place.local) return this.#region(place.kind)?.tell(place.key, { type: 'posted', body }) ?? false;
    this.#options.bus.publish(this.#options.subjects.actor(address), encode(body), { headers: this.#headers() });
    return true;
  }

  async #ask(address: string, body: unknown, deadlineMs: number): Promise<unknown> {
    const place = this.#place(address);
    if (place === undefined) throw new AskError('unreachable', address);
    if (place.local) return this.#askHere(place, body, deadlineMs);
    const { bus, subjects } = this.#options;
    const { payload } = await bus
      .request(subjects.actor(address), encode(body), { deadlineMs, headers: this.#headers() })
      .catch((error: unknown) => {
        throw new AskError(
          error instanceof BusError && error.code === 'timeout' ? 'timeout' : 'unreachable',
          address,
          error,
        );
      });
    const answer = decode(payload) as Answer;
    if ('error' in answer) throw new AskError(answer.error, address);
    return answer.answer;
  }

  async #askHere(
    { kind, key }: { readonly kind: string; readonly key: string },
    body: unknown,
    deadlineMs: number,
  ): Promise<unknown> {
    const region = this.#region(kind);
    if (region === undefined) throw new AskError('not-understood', `${kind}/${key}`);
    const answer = await region.ask<{ readonly understood: boolean; readonly value?: unknown }>(
      key,
      (reply) => ({
        type: 'posted',
        body,
        reply: (value) => {
          reply({ understood: value !== undefined, value });
        },
      }),
      { deadlineMs },
    );
    if (!answer.understood) throw new AskError('not-understood', `${kind}/${key}`);
    return answer.value;
  }

  #place(address: string): { readonly kind: string; readonly key: string; readonly local: boolean } | undefined {
    const { shardMap } = this.#options;
    const parsed = parseResourceAddress(address, shardMap.shards);
    const owner = parsed === undefined ? undefined : shardMap.ownerOf(parsed.shard);
    if (parsed === undefined || owner === undefined) return undefined;
    return { kind: parsed.kind, key: `${parsed.namespace ?? '_'}/${parsed.name}`, local: owner === shardMap.self };
  }

  #region(kind: string): Region<Posted> | undefined {
    const known = this.#regions.get(kind);
    if (known !== undefined) return known;
    const hosted = this.#options.host(kind);
    // A name that is no kind is not remembered: strangers choose the names.
    if (hosted === undefined) return undefined;
    const { system, shardMap, idleMs } = this.#options;
    const region = createRegion(system, {
      kind,
      // A bucket is a shard here, so an address names its actor's place in the tree.
      buckets: shardMap.shards,
      bucketKey: (key) => `${kind}/${key}`,
      behaviour: hosted.behaviour,
      spawn: hosted.spawn,
      idleMs,
    });
    this.#regions.set(kind, region);
    return region;
  }

  #headers(): Record<string, string> {
    const trace = this.#environment.traces.current();
    return trace === undefined ? {} : { traceparent: traceparentOf(trace) };
  }

  /** Listens on the subjects of the shards that are this member's, and on no others. */
  #listen(): void {
    const { bus, subjects, shardMap } = this.#options;
    for (let shard = 0; shard < shardMap.shards; shard++) {
      const known = this.#subscriptions.get(shard);
      const own = shardMap.ownerOf(shard) === shardMap.self;
      if (own && known === undefined)
        this.#subscriptions.set(
          shard,
          bus.subscribe(subjects.actorsOf(shard), (message) => {
            this.#receive(message);
          }),
        );
      if (own || known === undefined) continue;
      known.close();
      this.#subscriptions.delete(shard);
    }
  }

  /** A message from another process; whatever it holds, this member goes on. */
  #receive(message: BusMessage): void {
    const { traces, log, metrics } = this.#environment;
    const address = this.#options.subjects.addressOf(message.subject);
    void traces
      .run(parseTraceparent(message.headers?.['traceparent']), () => this.#answer(address, message))
      .then((answer) => {
        if ('error' in answer) metrics.count('troupe_actor_posts_failed_total', { code: answer.error });
        if (message.reply !== undefined) this.#options.bus.publish(message.reply, encode(answer));
      })
      .catch((error: unknown) => {
        log.warn('cannot send an answer', { actor: address, error: errorMessage(error) });
      });
  }

  async #answer(address: string, { payload, reply }: BusMessage): Promise<Answer> {
    try {
      const body = decoded(payload);
      const place = this.#place(address);
      if (place?.local !== true) return { error: 'unreachable' };
      if (reply !== undefined) return { answer: await this.#askHere(place, body, limits.askMs) };
      return this.#tell(address, body) ? { answer: true } : { error: 'mailbox-full' };
    } catch (error) {
      return { error: error instanceof AskError ? error.code : 'not-understood' };
    }
  }
}

/** msgpack, or JSON from clients that have nothing else: no msgpack map begins with a brace. */
function decoded(payload: Uint8Array): unknown {
  return payload[0] === 0x7b ? JSON.parse(new TextDecoder().decode(payload)) : decode(payload);
}
