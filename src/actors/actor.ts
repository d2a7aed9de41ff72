import type { Clock, Logger, Timer, Timers } from '../base/index.ts';

/** What a supervisor does with a child that crashed (Erlang's and Akka's directives). */
export type Directive = 'resume' | 'restart' | 'stop' | 'escalate';

/** What happens to a message for a full mailbox. `coalesce`: a message whose key already waits is dropped as a success. */
export type Overflow = 'reject' | 'drop-oldest' | 'drop-newest';

/** Decisions live in `receive`; state is whatever it returns. It never runs twice at once for one actor. */
export interface Behaviour<State, Message> {
  /** Called at the first start and after each restart. */
  readonly initialState: (context: ActorContext<Message>) => State | Promise<State>;
  readonly receive: (state: State, message: Message, context: ActorContext<Message>) => State | Promise<State>;
  /** Frees what the actor holds; also called before a restart. */
  readonly afterStop?: (state: State, context: ActorContext<Message>) => void | Promise<void>;
}

export interface RestartBudget {
  readonly restartsMax: number;
  readonly withinMs: number;
  readonly backoffMs: number;
  readonly backoffMsMax: number;
}

export interface SpawnOptions<Message> {
  readonly mailboxMessagesMax?: number;
  readonly overflow?: Overflow;
  /** Two waiting messages with the same key are one (level-based wake-ups). */
  readonly coalesceKey?: (message: Message) => string | undefined;
  /** The directive for a crash; default `restart`. After the budget is spent the crash escalates. */
  readonly onCrash?: (error: unknown, message: Message | undefined) => Directive;
  readonly restart?: Partial<RestartBudget>;
}

/** A handle on an actor. Local and remote handles look alike. */
export interface ActorRef<Message> {
  readonly address: string;
  /** False when the mailbox refused it or the actor is gone; nothing is lost silently. */
  tell(message: Message): boolean;
  /** Asks and awaits; the behaviour answers through `reply` of the message it is given by `build`. Rejects with AskError. */
  ask<Answer>(build: (reply: (answer: Answer) => void) => Message, options?: { readonly deadlineMs?: number }): Promise<Answer>;
}

export interface ActorContext<Message> {
  readonly self: ActorRef<Message>;
  readonly address: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Starts a child under this actor; its name must be free. */
  spawn<S, M>(name: string, behaviour: Behaviour<S, M>, options?: SpawnOptions<M>): ActorRef<M>;
  /** Sends `message` to this actor after `delayMs`, unless it stops before. */
  tellSelfAfter(delayMs: number, message: Message): Timer;
  /** Stops this actor after the current message. */
  stop(): void;
  /** Stops a child by name. */
  stopChild(name: string): void;
}

/** Why an actor crashed; kept by its supervisor and shown in the tree, the metrics and as an Event. */
export interface CrashRecord {
  readonly address: string;
  readonly messageType: string;
  readonly error: string;
  readonly at: number;
  readonly count: number;
}

/** One actor in the live supervision tree. */
export interface ActorNode {
  readonly address: string;
  readonly name: string;
  readonly state: 'starting' | 'running' | 'backoff' | 'stopped' | 'passive';
  readonly restarts: number;
  readonly mailbox: number;
  /** Messages handled since the start. */
  readonly handled: number;
  readonly lastCrash?: CrashRecord;
  readonly children: readonly ActorNode[];
}

export class AskError extends Error {
  override readonly name = 'AskError';
  readonly code: 'timeout' | 'mailbox-full' | 'stopped' | 'crashed';
  constructor(code: AskError['code'], address: string, cause?: unknown) {
    super(`ask ${address}: ${code}`, { cause });
    this.code = code;
  }
}

/** The actors of one process: one tree, one root supervisor. */
export interface ActorSystem {
  spawn<S, M>(name: string, behaviour: Behaviour<S, M>, options?: SpawnOptions<M>): ActorRef<M>;
  tree(): ActorNode;
  /** Restarts the actor at `address` by hand: fresh state, mailbox kept, budget untouched. A region or shard: all its actors. False: nobody is there. */
  restart(address: string): boolean;
  /** Called at each crash. */
  onCrash(listener: (record: CrashRecord) => void): () => void;
  /** Called when a crash escalated past the root: the process must stop serving. */
  onFailure(listener: (record: CrashRecord) => void): () => void;
  /** Stops all actors; resolves when what they held is freed. */
  stop(): Promise<void>;
}

/** Which objects' actors a region hosts: one kind; its actors are made when first told something and passivated when idle. */
export interface RegionOptions<State, Message> {
  /** For the address: region/shard/namespace/name. */
  readonly kind: string;
  readonly shards: number;
  readonly behaviour: (key: string) => Behaviour<State, Message>;
  readonly spawn?: SpawnOptions<Message>;
  /** An actor without messages for this long leaves memory; default 60 s. */
  readonly idleMs?: number;
}

/** Sends by key ('namespace/name'); finds or makes the actor below its shard. */
export interface Region<Message> {
  tell(key: string, message: Message): boolean;
  ask<Answer>(key: string, build: (reply: (answer: Answer) => void) => Message, options?: { readonly deadlineMs?: number }): Promise<Answer>;
  /** Stops one actor now (its object is gone). */
  stop(key: string): void;
  readonly resident: number;
}
