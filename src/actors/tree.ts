/** The live tree as plain data: nodes and crash records. */

/**
 * What an actor is at. `parked`: it spent its restarts, keeps its messages and waits for a rest, a change or an
 * operator.
 */
export type ActorPhase = 'starting' | 'running' | 'backoff' | 'parked' | 'stopped';

/** Why an actor crashed; kept by its supervisor and shown in the tree, the metrics and as an Event. */
export interface CrashRecord {
  readonly address: string;
  readonly messageType: string;
  readonly error: string;
  readonly at: number;
  /** Crashes of this actor since it was made. */
  readonly count: number;
  /** The request that led to it. */
  readonly traceId?: string | undefined;
}

/** One actor in the live supervision tree. Times are in ms. */
export interface ActorNode {
  readonly address: string;
  readonly name: string;
  readonly state: ActorPhase;
  readonly restarts: number;
  /** Messages that wait. */
  readonly mailbox: number;
  /** How long the oldest of them has waited; 0 when none waits. */
  readonly oldestMs: number;
  /** Messages handled since the start. */
  readonly handled: number;
  /** Messages handled per second, over the last seconds. */
  readonly perSecond: number;
  /** Time spent in its turns, waiting for answers included. */
  readonly busyMs: number;
  /** How long the message it is at has taken so far; 0 between messages. */
  readonly turnMs: number;
  /** Messages that a full mailbox dropped, refused, or merged with a waiting one of the same key. */
  readonly dropped: number;
  readonly refused: number;
  readonly coalesced: number;
  readonly lastCrash?: CrashRecord | undefined;
  readonly children: readonly ActorNode[];
}
