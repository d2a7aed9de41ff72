/** One actor: its place in the tree, its phases, and the turns in which it handles its mailbox. */
import { dispatch, type Ref, spawn as spawnNact, stop as stopNact } from 'nact';
import { assert, limits, type Timer } from '../base/index.ts';
import type { ActorContext, ActorRef, Behaviour, Directive, EndReason, SpawnOptions } from './actor.ts';
import type { AskError } from './ask-error.ts';
import { CellContext, CellRef } from './cell-handle.ts';
import { CellTimers } from './cell-timers.ts';
import type { CellDefinition, CellParent, TreeCell } from './cell-tree.ts';
import { CrashPolicy, messageType, type Sequel } from './crash-policy.ts';
import type { Disturbance } from './disturbance.ts';
import type { ActorEnvironment } from './environment.ts';
import { type Envelope, Mailbox } from './mailbox.ts';
import type { ActorNode, ActorPhase, CrashRecord } from './tree.ts';
import { TurnMeter } from './turn-meter.ts';

/** The one message that nact carries: "work on your mailbox". */
const drain = Symbol('drain');

/** Messages that one turn handles before other actors get theirs. nact's price is per turn, so turns are batched. */
const turnMessagesMax = 64;

/**
 * One actor: nact's place in the tree and nact's turns, around a mailbox with a bound, a restart budget with back-off,
 * crash records and counters. Invariants: neither `receive`, `initialState` nor `afterStop` ever runs while another of
 * them does; a message taken from the mailbox is handled or named in a crash record. What an idle actor does not need
 * is made when first used: a member holds many that rarely get a message.
 */
export class Cell<State, Message> implements TreeCell, CellParent {
  readonly name: string;
  readonly address: string;
  readonly ref: Ref<symbol>;
  readonly handle: ActorRef<Message>;
  readonly environment: ActorEnvironment;

  readonly #parent: CellParent;
  readonly #behaviour: Behaviour<State, Message>;
  readonly #options: SpawnOptions<Message>;
  readonly #mailbox: Mailbox<Message>;
  readonly #context: ActorContext<Message>;
  readonly #meter: TurnMeter;
  readonly #supervisesOnly: boolean;
  /** By name; a stopped child is gone from here. */
  #children: Map<string, TreeCell> | undefined;
  #crashes: CrashPolicy | undefined;
  /** Cancelled at each restart and when it stops. */
  #timers: CellTimers | undefined;
  /** Who hears once that it has stopped or given up. */
  #ends: ((reason: EndReason) => void)[] | undefined;
  /** What the behaviour returned last; undefined while it starts, waits for a restart, or has stopped. */
  #state: State | undefined;
  /** `stopped` is final. */
  #phase: ActorPhase = 'starting';
  /** A turn was asked of nact and has not begun. */
  #scheduled = false;
  /** A turn is under way: `receive` or `initialState` may be running. */
  #turning = false;
  /** Lets the system's stop go on once the last turn is over. */
  #turnEnded: (() => void) | undefined;
  /** The last release of a state: the next state is made after it. */
  #releasing: Promise<void> | undefined;
  /** The message that is being handled: named in the record when it crashes the actor. */
  #running: Envelope<Message> | undefined;
  /** What the next turn does first: an operator's restart, or the crash that a child passed up. */
  #interruption: 'restart' | CrashRecord | undefined;
  /** What an operator does to it just now. */
  #disturbance: Disturbance | undefined;

  constructor(parent: CellParent, definition: CellDefinition<State, Message>) {
    assert(
      parent.children?.has(definition.name) !== true,
      `the actor ${parent.address}/${definition.name} exists already`,
    );
    this.environment = parent.environment;
    this.#parent = parent;
    this.#behaviour = definition.behaviour;
    this.#options = definition.options;
    this.name = definition.name;
    this.address = parent.address === '' ? definition.name : `${parent.address}/${definition.name}`;
    this.#supervisesOnly = definition.supervisesOnly ?? false;
    this.#mailbox = new Mailbox(definition.options);
    this.#meter = new TurnMeter(this.environment.clock.monotonic());
    this.handle = new CellRef(this);
    this.#context = new CellContext(this);
    this.ref = spawnNact(parent.ref as Ref<symbol>, () => this.#turn(), this.environment.cellName(), {
      onCrash: (_message, error, { resume, stop }) => (this.#crashed(error) ? resume : stop),
    }) as Ref<symbol>;
    parent.adopt(this);
    this.#schedule();
  }

  get children(): ReadonlyMap<string, TreeCell> | undefined {
    return this.#children;
  }

  /** Whether it may leave memory: nothing waits, nothing runs, no timer is set, nothing lives below. */
  get idle(): boolean {
    return (
      this.#phase === 'running' &&
      !this.busy &&
      this.#disturbance === undefined &&
      (this.#timers?.count ?? 0) === 0 &&
      (this.#children?.size ?? 0) === 0
    );
  }

  /** Whether it is at a message, or will be. */
  get busy(): boolean {
    return this.#turning || this.#mailbox.length > 0;
  }

  /** Monotonic ms of its last work. */
  get activeAt(): number {
    return this.#meter.activeAt;
  }

  get stopped(): boolean {
    return this.#phase === 'stopped';
  }

  /** False when refused. `failed` is called when it was taken but will not be answered. */
  tell(message: Message, failed?: (code: AskError['code']) => void): boolean {
    const sent = this.environment.sent(message);
    const taken = this.#accept(sent, failed);
    if (taken && this.#disturbance?.how === 'duplicate') this.#accept(sent);
    return taken;
  }

  /** A message to itself: it never leaves the actor, so it may hold what only this process has. */
  tellSelf(message: Message): boolean {
    return this.#accept(message);
  }

  spawn<S, M>(definition: CellDefinition<S, M>): Cell<S, M> {
    return new Cell(this, definition);
  }

  node(): ActorNode {
    const now = this.environment.clock.monotonic();
    return {
      address: this.address,
      name: this.name,
      state: this.#phase,
      restarts: this.#crashes?.restarts ?? 0,
      mailbox: this.#mailbox.length,
      oldestMs: now - (this.#mailbox.oldestAt ?? now),
      handled: this.#meter.handled,
      perSecond: this.#meter.perSecond(now),
      busyMs: this.#meter.busyMs,
      turnMs: now - (this.#meter.begunAt ?? now),
      dropped: this.#mailbox.dropped,
      refused: this.#mailbox.refused,
      coalesced: this.#mailbox.coalesced,
      lastCrash: this.#crashes?.last,
      children: [...(this.#children?.values() ?? [])].map((child) => child.node()),
    };
  }

  /** Stops this actor and all below it. What it holds is freed once the message it is at has ended. */
  detach(reason: EndReason = 'stopped'): void {
    if (this.stopped) return;
    if (this.#phase === 'parked') this.#unpark();
    this.#phase = 'stopped';
    this.#quiet();
    this.#parent.abandon(this);
    stopNact(this.ref);
    this.#mailbox.clear();
    if (this.#turning)
      this.environment.releases.add(
        new Promise((resolve) => {
          this.#turnEnded = resolve;
        }),
      );
    else this.#release();
    for (const ended of this.#ends ?? []) ended(reason);
    this.#ends = undefined;
  }

  /** An operator's restart: between two messages, at once when it waits; its budget is whole again. */
  restart(): void {
    if (this.stopped) return;
    if (this.#supervisesOnly) {
      for (const child of [...(this.#children?.values() ?? [])]) child.restart();
      return;
    }
    this.#crashes?.forgive();
    if (this.#phase === 'parked') this.#unpark();
    if (this.#phase === 'backoff' || this.#phase === 'parked') {
      this.#policy.restarts += 1;
      this.#revive();
      return;
    }
    this.#interruption = 'restart';
    this.#schedule();
  }

  /** In place of any other disturbance. Answers how many messages wait for it. */
  disturb(disturbance: Disturbance): number {
    if (this.#supervisesOnly)
      return [...(this.#children?.values() ?? [])].reduce((sum, child) => sum + child.disturb(disturbance), 0);
    const waiting = this.#mailbox.length;
    const forMs = Math.min(disturbance.forMs, limits.disturbanceMsMax);
    const own = { ...disturbance };
    this.#disturbance = own;
    const end = (): void => {
      if (this.#disturbance !== own) return;
      this.#disturbance = undefined;
      this.#schedule();
    };
    if (forMs > 0) this.environment.timers.after(forMs, end);
    else end();
    return waiting;
  }

  adopt(child: TreeCell): void {
    (this.#children ??= new Map()).set(child.name, child);
  }

  abandon(child: TreeCell): void {
    this.#children?.delete(child.name);
  }

  /** A supervisor whose child is beyond help crashes itself: its own restart makes all below it again. */
  childEscalated(record: CrashRecord): void {
    this.environment.log.error('restart budget exhausted', {
      actor: this.address,
      child: record.address,
      error: record.error,
    });
    if (this.stopped) return;
    this.#interruption = record;
    this.#schedule();
  }

  /** Calls `listener` once, when this actor has stopped or given up; at once when it has already. */
  onEnd(listener: (reason: EndReason) => void): void {
    if (this.stopped) listener('stopped');
    else (this.#ends ??= []).push(listener);
  }

  after(delayMs: number, call: () => void): Timer {
    return (this.#timers ??= new CellTimers(this.environment.timers)).after(delayMs, call);
  }

  #accept(message: Message, failed?: (code: AskError['code']) => void): boolean {
    if (this.stopped) return false;
    const { clock, traces } = this.environment;
    const before = this.#mailbox.dropped;
    const taken = this.#mailbox.offer({
      message,
      at: clock.monotonic(),
      trace: traces.current(),
      failed,
    });
    if (this.#mailbox.dropped > before) this.#count('troupe_mailbox_dropped_total');
    if (!taken) this.#count('troupe_mailbox_rejected_total');
    if (this.#phase === 'parked' && this.#crashes?.rested === true) this.#revive();
    this.#schedule();
    return taken;
  }

  #count(metric: string): void {
    this.environment.metrics.count(metric, { actor: this.address.split('/').slice(0, 2).join('/') });
  }

  #schedule(): void {
    if (this.#scheduled || this.#phase === 'backoff' || this.#phase === 'parked' || this.stopped) return;
    if (this.#stalled) return;
    this.#scheduled = true;
    dispatch(this.ref, drain);
  }

  async #turn(): Promise<void> {
    this.#scheduled = false;
    if (this.stopped || this.#stalled) return;
    this.#turning = true;
    try {
      if (this.#interruption !== undefined) await this.#interrupt(this.#interruption);
      if (this.#phase === 'starting') await this.#start();
      for (let i = 0; i < turnMessagesMax && this.#working; i++) {
        const envelope = this.#mailbox.take();
        if (envelope === undefined) break;
        const turn = this.#handle(envelope);
        if (turn !== undefined) await turn;
      }
    } finally {
      this.#turning = false;
      // Stopped meanwhile: now nothing uses the state any more.
      if (this.stopped) this.#release();
      this.#turnEnded?.();
    }
    if (this.#mailbox.length > 0 || this.#interruption !== undefined) this.#schedule();
  }

  get #stalled(): boolean {
    return this.#disturbance?.how === 'stall';
  }

  /** Whether it goes on to the next message. */
  get #working(): boolean {
    return this.#phase === 'running' && this.#interruption === undefined && !this.#stalled;
  }

  async #start(): Promise<void> {
    // What the former state held is freed before the next one is made.
    await this.#releasing;
    if (this.#phase !== 'starting') return;
    const begin = (): State | Promise<State> => this.#behaviour.initialState(this.#context);
    const cause = this.#crashes?.cause;
    this.#state = await (cause === undefined
      ? begin()
      : this.environment.traces.step({ parent: cause, what: 'restart after a crash', actor: this.address }, begin));
    if (this.#crashes !== undefined) this.#crashes.cause = undefined;
    if (this.#phase === 'starting') this.#phase = 'running';
  }

  /** A promise only where the behaviour gives one: most messages are handled at once. */
  #handle(envelope: Envelope<Message>): Promise<void> | undefined {
    const { clock, traces } = this.environment;
    this.#running = envelope;
    this.#meter.begin(clock.monotonic());
    const { message, trace } = envelope;
    const receive = (): State | Promise<State> => this.#behaviour.receive(this.#state as State, message, this.#context);
    const next =
      trace === undefined
        ? traces.run(undefined, receive)
        : traces.step({ parent: trace, what: messageType(message), actor: this.address }, receive);
    if (next instanceof Promise)
      return next.then((state) => {
        this.#handled(state);
      });
    this.#handled(next);
    return undefined;
  }

  #handled(state: State): void {
    this.#state = state;
    this.#running = undefined;
    this.#meter.end(this.environment.clock.monotonic());
    this.#crashes?.handled();
  }

  /** Between two messages: what an operator or a failed child asks for. */
  async #interrupt(interruption: 'restart' | CrashRecord): Promise<void> {
    this.#interruption = undefined;
    if (interruption !== 'restart') throw new Error(`${interruption.address} is beyond help: ${interruption.error}`);
    this.#policy.restarts += 1;
    this.#quiet();
    this.#phase = 'starting';
    await this.#releaseState();
  }

  /** Whether the actor goes on after a crash. */
  #crashed(error: unknown): boolean {
    const envelope = this.#running;
    this.#running = undefined;
    this.#meter.begunAt = undefined;
    envelope?.failed?.('crashed');
    if (this.stopped) return false;
    // Without a message it was the start that failed.
    if (envelope !== undefined) this.#policy.cause = envelope.trace;
    const record = this.#policy.record(error, this, envelope);
    const directive = this.#options.onCrash?.(error, envelope?.message) ?? 'restart';
    return this.#perform(directive, record);
  }

  /** Whether the actor goes on. */
  #perform(directive: Directive, record: CrashRecord): boolean {
    if (directive === 'resume') {
      this.#policy.cause = undefined;
      this.#schedule();
      return true;
    }
    if (directive === 'restart' && this.#wait(this.#policy.next(this.environment.clock.monotonic()), record))
      return true;
    this.detach('failed');
    if (directive !== 'stop') this.#parent.childEscalated(record);
    return false;
  }

  /** Waits for its restart, in back-off or parked. False when there will be none. */
  #wait(sequel: Sequel, record: CrashRecord): boolean {
    if (sequel.type === 'escalate') return false;
    this.#phase = sequel.type === 'park' ? 'parked' : 'backoff';
    this.#quiet();
    this.#release();
    if (sequel.type === 'park') this.#park(record, sequel);
    else
      this.after(sequel.afterMs, () => {
        this.#revive();
      });
    return true;
  }

  #park(record: CrashRecord, { restMs, retry }: { readonly restMs: number; readonly retry: boolean }): void {
    this.environment.log.error('an actor spent its restarts and is parked', {
      actor: this.address,
      restMs,
      error: record.error,
    });
    this.environment.parked(record, true);
    this.after(restMs, () => {
      this.#policy.endRest();
      if (retry || this.#mailbox.length > 0) this.#revive();
    });
  }

  #unpark(): void {
    const last = this.#crashes?.last;
    if (last !== undefined) this.environment.parked(last, false);
  }

  #revive(): void {
    if (this.#phase === 'parked') this.#unpark();
    this.#timers?.cancelAll();
    this.#phase = 'starting';
    this.#schedule();
  }

  get #policy(): CrashPolicy {
    this.#crashes ??= new CrashPolicy(this.#options);
    return this.#crashes;
  }

  /** Ends what goes on beside its turns: timers and children. */
  #quiet(): void {
    this.#timers?.cancelAll();
    for (const child of [...(this.#children?.values() ?? [])]) child.detach();
  }

  #release(): void {
    const { releases } = this.environment;
    const release = this.#releaseState().finally(() => {
      releases.delete(release);
    });
    this.#releasing = release;
    releases.add(release);
  }

  async #releaseState(): Promise<void> {
    const state = this.#state;
    this.#state = undefined;
    const { afterStop } = this.#behaviour;
    if (state === undefined || afterStop === undefined) return;
    try {
      await afterStop(state, this.#context);
    } catch (error) {
      this.#policy.record(error, this);
    }
  }
}
