/** The reporter of one process: it publishes what changed in its tree. */
import type { ActorSystem } from '../actors/index.ts';
import type { Clock, LogLevels, Timer, Timers, TraceStep } from '../base/index.ts';
import { type Bus, encode, type Subjects } from '../bus/index.ts';
import type { StoreStatus } from '../state/index.ts';
import type { ActorCounts, ActorRow, Frame, ProcessFigures, ProcessRole, ShardRow } from './frame.ts';
import { answerOf } from './questions.ts';
import { type Difference, TreeDifference } from './tree-difference.ts';

interface ReporterOptions {
  readonly process: string;
  readonly role: ProcessRole;
  readonly system: ActorSystem;
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly figures: () => ProcessFigures;
  readonly store?: (() => StoreStatus) | undefined;
  readonly shards?: (() => readonly ShardRow[]) | undefined;
  /** The steps that this process took; absent: it remembers none. */
  readonly traces?: { steps(traceId: string): readonly TraceStep[] } | undefined;
  /** What it writes down; absent: that cannot be changed. */
  readonly levels?: LogLevels | undefined;
}

/** Tells the cluster about one process. */
export interface Reporter {
  /** Called with each frame, before it is published. */
  onFrame(listener: (frame: Frame) => void): void;
  /** Everything, for a reader that begins. */
  reset(): void;
  close(): void;
}

const periodMs = 1_000;
/** Looking at the tree may cost this share of a core; a huge tree is looked at less often. */
const costShare = 0.01;
/** Rows and counts of one frame: it stays below the largest payload of the bus. */
const rowsPerFrameMax = 2_000;

const nothingNew: Difference = { put: [], gone: [], counts: [] };

type Changes = Partial<Pick<Frame, 'reset' | 'put' | 'gone' | 'counts'>>;

/** Looks at the tree of this process each second, publishes what changed, and answers what members ask of it. */
export function startReporter(options: ReporterOptions): Reporter {
  const { process, role, system, bus, subjects, clock, timers } = options;
  const difference = new TreeDifference();
  const listeners: ((frame: Frame) => void)[] = [];
  const startedAt = clock.now();
  let sequence = 0;
  let resetAsked = true;
  let shardsText = '';
  let timer: Timer;

  const send = (changes: Changes, facts: Partial<Frame>): void => {
    sequence += 1;
    const frame: Frame = { process, role, startedAt, sequence, at: clock.now(), ...changes, ...facts };
    for (const listener of listeners) listener(frame);
    bus.publish(subjects.tree(process), encode(frame));
  };
  const facts = (): Partial<Frame> => {
    const shards = options.shards?.();
    const text = JSON.stringify(shards);
    const changed = shards !== undefined && (resetAsked || text !== shardsText);
    shardsText = text;
    return { figures: options.figures(), store: options.store?.(), shards: changed ? shards : undefined };
  };
  let lookAt = -Infinity;
  /** Each second a sign of life with the figures; the tree as often as its price allows. */
  const beat = (): void => {
    const from = clock.monotonic();
    const due = from >= lookAt || resetAsked;
    const next = due ? difference.next(system.tree()) : nothingNew;
    const known = facts();
    const parts = piecesOf(resetAsked ? difference.all() : next);
    parts.forEach((part, i) => {
      send(
        { ...(resetAsked && i === 0 ? { reset: true as const } : {}), ...part },
        i === parts.length - 1 ? known : {},
      );
    });
    resetAsked = false;
    if (due) lookAt = from + Math.max(periodMs, (clock.monotonic() - from) / costShare) - periodMs / 2;
    timer = timers.after(periodMs, beat);
  };
  const subscriptions = [
    bus.subscribe(subjects.treeReset(process), () => {
      resetAsked = true;
    }),
    bus.subscribe(subjects.treeControl(process), ({ payload, reply }) => {
      if (reply !== undefined) bus.publish(reply, encode(answerOf(options, payload) ?? null));
    }),
  ];
  timer = timers.after(0, beat);
  return {
    onFrame: (listener) => {
      listeners.push(listener);
    },
    reset: () => {
      resetAsked = true;
    },
    close: () => {
      timer.cancel();
      for (const subscription of subscriptions) subscription.close();
    },
  };
}

/**
 * Cuts a difference so that each piece fits into one message; always at least one piece, since a frame is also a sign
 * of life.
 */
export function piecesOf({ put, gone, counts }: Difference): Changes[] {
  const pieces: Changes[] = [];
  const cut = <T>(list: readonly T[], piece: (part: readonly T[]) => Changes): void => {
    for (let i = 0; i < list.length; i += rowsPerFrameMax) pieces.push(piece(list.slice(i, i + rowsPerFrameMax)));
  };
  if (put.length + gone.length + counts.length <= rowsPerFrameMax) {
    return [
      {
        ...(put.length > 0 ? { put } : {}),
        ...(gone.length > 0 ? { gone } : {}),
        ...(counts.length > 0 ? { counts } : {}),
      },
    ];
  }
  cut<string>(gone, (part) => ({ gone: part }));
  cut<ActorRow>(put, (part) => ({ put: part }));
  cut<ActorCounts>(counts, (part) => ({ counts: part }));
  return pieces;
}
