import { dispatch, type Ref, spawn as spawnNact, stop as stopNact } from 'nact';
import { assert, BoundedQueue, errorMessage, limits, type Timer } from '../base/index.ts';
import type { ActorContext, ActorNode, ActorRef, Behaviour, CrashRecord, Directive, SpawnOptions } from './actor.ts';
import { ask } from './ask.ts';
import type { ActorEnvironment } from './environment.ts';
import { RestartCounter } from './restart-budget.ts';

/** The one message that nact carries: "work on your mailbox". */
const drain = Symbol('drain');

/** Messages that one turn handles before other actors get theirs. nact's price is per turn, so turns are batched. */
const turnMessagesMax = 64;

type Supervision = Readonly<Record<'reset' | 'resume' | 'stop' | 'escalate', symbol>>;

/** What the tree keeps of any cell, whatever its message type. */
export interface TreeCell {
  readonly name: string;
  readonly address: string;
  readonly ref: Ref<symbol>;
  node(): ActorNode;
  detach(): void;
  /** Starts it anew because an operator asked, without counting against its budget. */
  restart(): void;
  /** A child's crash came up to this cell. */
  childEscalated(record: CrashRecord): void;
  readonly children: Map<string, TreeCell>;
}

/** Where a cell hangs: another cell or the root. */
export interface CellParent {
  readonly address: string;
  readonly ref: Ref<never> | Ref<symbol>;
  readonly children: Map<string, TreeCell>;
  childEscalated(record: CrashRecord): void;
}

export interface CellDefinition<State, Message> {
  readonly name: string;
  readonly behaviour: Behaviour<State, Message>;
  readonly options: SpawnOptions<Message>;
  /** It has no work of its own: whoever restarts it means its children, which keep their mailboxes. */
  readonly supervisesOnly?: true;
}

let sequence = 0;

/**
 * One actor: nact's place in the tree and nact's turns, around a mailbox with a bound, a restart budget with back-off, crash
 * records and counters. Invariant: `receive` never runs twice at once; a message taken from the mailbox is handled or named in
 * a crash record.
 */
export class Cell<State, Message> implements TreeCell {
  readonly name: string;
  readonly address: string;
  readonly ref: Ref<symbol>;
  readonly children = new Map<string, TreeCell>();
  readonly handle: ActorRef<Message>;
  /** Monotonic ms of the last message, for passivation. */
  lastActive: number;
  onStopped: (() => void) | undefined;

  readonly #environment: ActorEnvironment;
  readonly #parent: CellParent;
  readonly #behaviour: Behaviour<State, Message>;
  readonly #options: SpawnOptions<Message>;
  readonly #mailbox: BoundedQueue<Message>;
  readonly #waitingKeys = new Set<string>();
  readonly #context: ActorContext<Message>;
  readonly #restarts: RestartCounter;
  readonly #supervisesOnly: boolean;
  readonly #timers = new Set<Timer>();
  #state: State | undefined;
  #phase: ActorNode['state'] = 'starting';
  #scheduled = false;
  /** An operator's restart waits for the end of the message that is being handled. */
  #restartAsked = false;
  #running: Message | undefined;
  #handled = 0;
  #restartCount = 0;
  #lastCrash: CrashRecord | undefined;

  constructor(environment: ActorEnvironment, parent: CellParent, definition: CellDefinition<State, Message>) {
    assert(!parent.children.has(definition.name), `the actor ${parent.address}/${definition.name} exists already`);
    this.#environment = environment;
    this.#parent = parent;
    this.#behaviour = definition.behaviour;
    this.#options = definition.options;
    this.#supervisesOnly = definition.supervisesOnly ?? false;
    this.name = definition.name;
    this.address = parent.address === '' ? definition.name : `${parent.address}/${definition.name}`;
    this.lastActive = environment.clock.monotonic();
    this.#mailbox = new BoundedQueue(definition.options.mailboxMessagesMax ?? limits.mailboxMessagesMax);
    this.#restarts = new RestartCounter({
      restartsMax: limits.restartsMax,
      withinMs: limits.restartWindowMs,
      backoffMs: limits.restartBackoffMs,
      backoffMsMax: limits.restartBackoffMsMax,
      ...definition.options.restart,
    });
    this.handle = this.#makeHandle();
    this.#context = this.#makeContext();
    sequence += 1;
    this.ref = spawnNact(parent.ref as Ref<symbol>, () => this.#turn(), `a${sequence}`, {
      onCrash: (_message, error, supervision) => this.#crashed(error, supervision as unknown as Supervision),
    }) as Ref<symbol>;
    parent.children.set(this.name, this);
    this.#schedule();
  }

  /** Whether it may leave memory: nothing waits, nothing runs, no timer is set. */
  get idle(): boolean {
    return this.#phase === 'running' && this.#mailbox.length === 0 && this.#running === undefined && this.#timers.size === 0 && this.children.size === 0;
  }

  get stopped(): boolean {
    return this.#phase === 'stopped';
  }

  tell(message: Message): boolean {
    if (this.stopped) return false;
    const key = this.#options.coalesceKey?.(message);
    if (key !== undefined && this.#waitingKeys.has(key)) return true;
    if (this.#mailbox.full && !this.#makeRoom()) return false;
    this.#mailbox.push(message);
    if (key !== undefined) this.#waitingKeys.add(key);
    this.#schedule();
    return true;
  }

  node(): ActorNode {
    return {
      address: this.address,
      name: this.name,
      state: this.#phase,
      restarts: this.#restartCount,
      mailbox: this.#mailbox.length,
      handled: this.#handled,
      ...(this.#lastCrash === undefined ? {} : { lastCrash: this.#lastCrash }),
      children: [...this.children.values()].map((child) => child.node()),
    };
  }

  /** Stops this actor and all below it. */
  detach(): void {
    if (this.stopped) return;
    this.#phase = 'stopped';
    this.#cancelTimers();
    for (const child of [...this.children.values()]) child.detach();
    this.#parent.children.delete(this.name);
    stopNact(this.ref);
    this.#mailbox.clear();
    this.#waitingKeys.clear();
    this.#release();
    this.onStopped?.();
  }

  restart(): void {
    if (this.stopped) return;
    if (this.#supervisesOnly) {
      for (const child of [...this.children.values()]) child.restart();
      return;
    }
    this.#restartAsked = true;
    if (this.#phase === 'backoff') this.#startAnew();
    this.#schedule();
  }

  childEscalated(record: CrashRecord): void {
    this.#environment.log.error('a child used up its restarts', { actor: this.address, child: record.address, error: record.error });
  }

  #makeRoom(): boolean {
    if (this.#options.overflow === 'drop-oldest') {
      const dropped = this.#mailbox.shift();
      if (dropped !== undefined) this.#forgetKey(dropped);
      this.#environment.metrics.count('troupe_mailbox_dropped_total', { actor: this.#kind() });
      return true;
    }
    this.#environment.metrics.count('troupe_mailbox_rejected_total', { actor: this.#kind() });
    return false;
  }

  #kind(): string {
    return this.address.split('/').slice(0, 2).join('/');
  }

  #forgetKey(message: Message): void {
    const key = this.#options.coalesceKey?.(message);
    if (key !== undefined) this.#waitingKeys.delete(key);
  }

  #schedule(): void {
    if (this.#scheduled || this.#phase === 'backoff' || this.stopped) return;
    this.#scheduled = true;
    dispatch(this.ref, drain);
  }

  async #turn(): Promise<void> {
    this.#scheduled = false;
    if (this.#restartAsked && this.#phase === 'running') this.#startAnew();
    this.#restartAsked = false;
    if (this.#phase === 'starting') {
      this.#state = await this.#behaviour.initialState(this.#context);
      if (this.#phase === 'starting') this.#phase = 'running';
    }
    for (let i = 0; i < turnMessagesMax && this.#phase === 'running' && !this.#restartAsked; i++) {
      const message = this.#mailbox.shift();
      if (message === undefined) break;
      await this.#handle(message);
    }
    if (this.#mailbox.length > 0 || this.#restartAsked) this.#schedule();
  }

  async #handle(message: Message): Promise<void> {
    this.#forgetKey(message);
    this.#running = message;
    const next = this.#behaviour.receive(this.#state as State, message, this.#context);
    this.#state = next instanceof Promise ? await next : next;
    this.#running = undefined;
    this.#handled += 1;
    this.lastActive = this.#environment.clock.monotonic();
  }

  /** nact asks what to do with a crash; the answer is one of its own symbols. */
  #crashed(error: unknown, supervision: Supervision): symbol {
    const message = this.#running;
    this.#running = undefined;
    if (this.stopped) return supervision.stop;
    const record = this.#record(error, message);
    const directive = this.#options.onCrash?.(error, message) ?? 'restart';
    return this.#perform(directive, record, supervision);
  }

  #perform(directive: Directive, record: CrashRecord, supervision: Supervision): symbol {
    if (directive === 'resume') {
      this.#schedule();
      return supervision.resume;
    }
    if (directive === 'restart') {
      const decision = this.#restarts.crashed(this.#environment.clock.monotonic());
      if (decision.type === 'restart') return this.#restart(decision.afterMs, supervision);
      this.detach();
      this.#parent.childEscalated(record);
      return supervision.stop;
    }
    this.detach();
    if (directive === 'escalate') this.#parent.childEscalated(record);
    return supervision.stop;
  }

  #restart(afterMs: number, supervision: Supervision): symbol {
    this.#startAnew();
    this.#phase = 'backoff';
    this.#after(afterMs, () => {
      this.#phase = 'starting';
      this.#schedule();
    });
    return supervision.resume;
  }

  /** Lets go of the state and of all below; the next turn makes a fresh one. The mailbox is kept. */
  #startAnew(): void {
    this.#phase = 'starting';
    this.#restartCount += 1;
    this.#cancelTimers();
    for (const child of [...this.children.values()]) child.detach();
    this.#release();
  }

  #record(error: unknown, message: Message | undefined): CrashRecord {
    const record: CrashRecord = {
      address: this.address,
      messageType: messageType(message),
      error: errorMessage(error),
      at: this.#environment.clock.now(),
      count: (this.#lastCrash?.count ?? 0) + 1,
    };
    this.#lastCrash = record;
    this.#environment.crashed(record, error);
    return record;
  }

  #release(): void {
    const state = this.#state;
    this.#state = undefined;
    const { afterStop } = this.#behaviour;
    if (state === undefined || afterStop === undefined) return;
    const { releases } = this.#environment;
    const release = (async () => { await afterStop(state, this.#context); })()
      .catch((error: unknown) => { this.#record(error, undefined); })
      .finally(() => { releases.delete(release); });
    releases.add(release);
  }

  #after(delayMs: number, call: () => void): Timer {
    const timer = this.#environment.timers.after(delayMs, () => {
      this.#timers.delete(timer);
      call();
    });
    this.#timers.add(timer);
    return { cancel: () => { timer.cancel(); this.#timers.delete(timer); } };
  }

  #cancelTimers(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #makeHandle(): ActorRef<Message> {
    return {
      address: this.address,
      tell: (message) => this.tell(message),
      ask: (build, options) => ask(this, build, { environment: this.#environment, deadlineMs: options?.deadlineMs ?? limits.askMs }),
    };
  }

  #makeContext(): ActorContext<Message> {
    const { clock, timers, log } = this.#environment;
    return {
      self: this.handle,
      address: this.address,
      log: log.with({ actor: this.address }),
      clock,
      timers,
      spawn: (name, behaviour, options = {}) => new Cell(this.#environment, this, { name, behaviour, options }).handle,
      tellSelfAfter: (delayMs, message) => this.#after(delayMs, () => { this.tell(message); }),
      stop: () => { this.detach(); },
      stopChild: (name) => { this.children.get(name)?.detach(); },
    };
  }
}

/** The `type` of a message, for crash records. */
function messageType(message: unknown): string {
  if (message === undefined) return '(start)';
  if (typeof message === 'object' && message !== null && 'type' in message) return String(message.type);
  return typeof message;
}
