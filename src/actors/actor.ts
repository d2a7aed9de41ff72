/** The words of the folder: behaviours, directives, references, systems and regions. */
import type { Disturbance } from './disturbance.ts';
import type { Clock, Logger, Timer, Timers } from '../base/index.ts';
import type { MailboxOptions } from './mailbox.ts';
import type { ActorNode, CrashRecord } from './tree.ts';

/** What a supervisor does with a child that crashed (Erlang's and Akka's directives). */
export type Directive = 'resume' | 'restart' | 'stop' | 'escalate';

/** Decisions live in `receive`; state is whatever it returns. It never runs twice at once for one actor. */
export interface Behaviour<State, Message> {
  /** Called at the first start and after each restart. */
  readonly initialState: (context: ActorContext<Message>) => State | Promise<State>;
  readonly receive: (state: State, message: Message, context: ActorContext<Message>) => State | Promise<State>;
  /** Frees what the actor holds; also called before a restart. */
  readonly afterStop?: ((state: State, context: ActorContext<Message>) => void | Promise<void>) | undefined;
}

export interface RestartBudget {
  readonly restartsMax: number;
  readonly withinMs: number;
  readonly backoffMs: number;
  readonly backoffMsMax: number;
}

/**
 * What becomes of an actor that spent its restarts. `escalate`: it is stopped and its parent crashes in its place, up
 * to the root, which ends the process. `park`: it stays where it is and rests, its neighbours undisturbed.
 */
type WhenSpent =
  | { readonly type: 'escalate' }
  /** After its rest a parked actor is tried again when messages wait or come; `retry`: also without any. */
  | { readonly type: 'park'; readonly restMs?: number; readonly restMsMax?: number; readonly retry?: boolean };

export interface SpawnOptions<Message> extends MailboxOptions<Message> {
  /** The directive for a crash; default `restart`. */
  readonly onCrash?: (error: unknown, message: Message | undefined) => Directive;
  readonly restart?: Partial<RestartBudget> | undefined;
  /** Default: escalate. */
  readonly whenSpent?: WhenSpent | undefined;
}

/** How an actor ended: by order, or because its restarts were spent. */
export type EndReason = 'stopped' | 'failed';

/** A handle on an actor. Local and remote handles look alike. */
export interface ActorRef<Message> {
  readonly address: string;
  /** False when the mailbox refused it or the actor is gone; nothing is lost silently. */
  tell(message: Message): boolean;
  /**
   * Asks and awaits; the behaviour answers through `reply` of the message it is given by `build`. Rejects with
   * AskError.
   */
  ask<Answer>(
    build: (reply: (answer: Answer) => void) => Message,
    options?: { readonly deadlineMs?: number },
  ): Promise<Answer>;
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
  /**
   * Tells this actor `build(reason)` once the other, of the same process, has stopped or given up; at once if it has
   * already.
   */
  watch(other: ActorRef<never>, build: (reason: EndReason) => Message): void;
}

/** The actors of one process: one tree, one root supervisor. */
export interface ActorSystem {
  spawn<S, M>(name: string, behaviour: Behaviour<S, M>, options?: SpawnOptions<M>): ActorRef<M>;
  tree(): ActorNode;
  /** One actor of the tree with all below it. */
  find(address: string): ActorNode | undefined;
  /**
   * Restarts an actor between two messages, or at once when it waits or is parked; its budget is whole again. False: no
   * such actor.
   */
  restart(address: string): boolean;
  /** Disturbs an actor, or those below a shard. Answers how many messages wait for it; undefined: no such actor. */
  disturb(address: string, disturbance: Disturbance): number | undefined;
  /** The newest crashes, oldest first, those of earlier processes included. */
  crashes(): readonly CrashRecord[];
  /** Called at each crash. */
  onCrash(listener: (record: CrashRecord) => void): () => void;
  /** Called when an actor is parked. */
  onParked(listener: (record: CrashRecord) => void): () => void;
  /** Called when a crash escalated past the root: the process must stop serving. */
  onFailure(listener: (record: CrashRecord) => void): () => void;
  /** Stops all actors; resolves when what they held is freed. */
  stop(): Promise<void>;
}

/**
 * Which objects' actors a region hosts: one kind; its actors are made with their first message and passivated when
 * idle.
 */
export interface RegionOptions<State, Message> {
  /** For the address: kind/bucket/namespace/name. */
  readonly kind: string;
  /** Supervisors between the kind and its objects, so that none has too many children. */
  readonly buckets: number;
  /** What the bucket follows from; default: the key. */
  readonly bucketKey?: ((key: string) => string) | undefined;
  readonly behaviour: (key: string) => Behaviour<State, Message>;
  readonly spawn?: SpawnOptions<Message> | undefined;
  /** An actor without messages for this long leaves memory; default 60 s. */
  readonly idleMs?: number | undefined;
}

/** Sends by key ('namespace/name'); finds or makes the actor in its bucket. */
export interface Region<Message> {
  tell(key: string, message: Message): boolean;
  ask<Answer>(
    key: string,
    build: (reply: (answer: Answer) => void) => Message,
    options?: { readonly deadlineMs?: number },
  ): Promise<Answer>;
  /** Stops one actor now (its object is gone). */
  stop(key: string): void;
  /** All idle actors leave memory now: for actors that hold nothing. */
  disperse(): void;
  /** Actors of keys that another process has leave memory now, also parked ones, but none that is at work. */
  leave(isLeft: (key: string) => boolean): void;
  /** Actors in memory. */
  readonly resident: number;
}
