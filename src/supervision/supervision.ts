/** The supervision of the whole cluster, as one member sees it. */
import type { Disturbance } from '../actors/index.ts';
import {
  actorPattern,
  AwakeTime,
  type Clock,
  errorMessage,
  limits,
  type Logger,
  type LogLevel,
  type Metrics,
  type Timers,
  type TraceStep,
} from '../base/index.ts';
import { type Bus, decode, type Subjects } from '../bus/index.ts';
import type { ResourceView } from '../resources/index.ts';
import { AlertBook, findings } from './alerts.ts';
import { ClusterWatch } from './cluster-facts.ts';
import type { ActorRow, Alert, Frame, Tick, TimelineEvent } from './frame.ts';
import { parseFrame } from './frame-parsing.ts';
import { Picture, type ProcessPicture } from './picture.ts';
import { askProcess, askProcesses, type ProcessLevels } from './questions.ts';
import { Recording } from './recording.ts';
import type { Reporter } from './reporter.ts';
import { StormWatch } from './storm-watch.ts';

interface SupervisionOptions {
  /**
   * Of this process, and closed with the supervision. Its frames come without a way over the bus, so that the picture
   * lives on while the bus does not.
   */
  readonly reporter: Reporter;
  readonly process: string;
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly view: ResourceView;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
}

type Note = Omit<TimelineEvent, 'at'>;

/** What a member knows of all processes of its cluster. */
export interface Supervision {
  /**
   * Everything that is known now, as one tick; with `since` (a tick's `at`) also the newest events of the ticks after
   * it.
   */
  now(since?: number): Tick;
  /** Each tick from now on; the function ends it. */
  follow(listener: (tick: Tick) => void): () => void;
  /** The last hour as JSON (see Recording). */
  replay(visible: (event: TimelineEvent) => boolean): string;
  /** False: the process has no such actor. Rejects with BusError when the process does not answer. */
  restart(actor: { readonly process: string; readonly address: string }): Promise<boolean>;
  /** Answers how many messages wait for the actor; undefined: no such actor. Rejects as `restart` does. */
  disturb(
    actor: { readonly process: string; readonly address: string },
    disturbance: Disturbance,
  ): Promise<number | undefined>;
  /** The processes that are heard of. */
  processes(): readonly string[];
  /** The actors whose address fits, and those below, of all processes that are heard: `limits.actorsListedMax`. */
  actors(pattern: string | undefined): readonly (ActorRow & { readonly process: string })[];
  /** What all processes remember of a trace, in the order of time; `silent` did not answer. */
  trace(traceId: string): Promise<{ readonly steps: readonly TraceStep[]; readonly silent: readonly string[] }>;
  /** What the processes write down, after the change that is asked for. */
  logLevels(
    change: LevelChange,
  ): Promise<{ readonly processes: readonly ProcessLevels[]; readonly silent: readonly string[] }>;
  /** Puts something on the time line. */
  note(event: Note): void;
  close(): void;
}

/** `level` for the actors that fit, else for all; in one process, else in all. */
interface LevelChange {
  readonly level?: LogLevel | 'default' | undefined;
  readonly actor?: string | undefined;
  readonly process?: string | undefined;
}

const tickMs = 1_000;

/** Gathers the frames of every process, judges them each second, keeps the last hour and serves those who look. */
class ClusterSupervision implements Supervision {
  readonly #options: SupervisionOptions;
  readonly #picture = new Picture();
  readonly #recording = new Recording();
  readonly #alerts = new AlertBook();
  readonly #storms = new StormWatch();
  readonly #cluster: ClusterWatch;
  readonly #listeners = new Set<(tick: Tick) => void>();
  readonly #close: (() => void)[];
  /** When a reset was last asked of a process, so that a torn stream asks once a second and not with each frame. */
  readonly #askedAt = new Map<string, number>();
  /** What silence is measured in: no wall clock, neither this machine's nor another's, says who is alive. */
  readonly #awake: AwakeTime;
  /** When it began to listen, in awake time. */
  readonly #beganAt: number;
  /** When each process of the picture was last heard, in awake time. */
  readonly #heardAt = new Map<string, number>();
  #frames: Frame[] = [];
  #events: TimelineEvent[] = [];

  constructor(options: SupervisionOptions) {
    this.#options = options;
    this.#awake = new AwakeTime(options.clock, 2 * tickMs);
    this.#beganAt = this.#awake.now();
    const { bus, subjects, timers, view, reporter, process } = options;
    this.#cluster = new ClusterWatch(view, (event) => {
      this.note(event);
    });
    reporter.onFrame((frame) => {
      this.#take(frame);
    });
    const subscription = bus.subscribe(subjects.trees, ({ subject, payload }) => {
      this.#heard(subject, payload, process);
    });
    const timer = timers.every(tickMs, () => {
      this.#tick();
    });
    this.#close = [
      () => {
        reporter.close();
      },
      this.#cluster.close,
      () => {
        subscription.close();
      },
      () => {
        timer.cancel();
      },
    ];
  }

  now(since?: number): Tick {
    const events = since === undefined ? [] : this.#recording.eventsSince(since);
    return {
      at: this.#options.clock.now(),
      frames: this.#picture.frames(),
      alerts: this.#alerts.all,
      ...(events.length === 0 ? {} : { events }),
    };
  }

  follow(listener: (tick: Tick) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  replay(visible: (event: TimelineEvent) => boolean): string {
    return this.#recording.json(this.#options.clock.now(), visible);
  }

  restart({ process, address }: { readonly process: string; readonly address: string }): Promise<boolean> {
    return askProcess<{ readonly restarted?: unknown } | null>(this.#options, process, {
      type: 'restart',
      address,
    }).then((answer) => answer?.restarted === true);
  }

  async disturb(
    { process, address }: { readonly process: string; readonly address: string },
    disturbance: Disturbance,
  ): Promise<number | undefined> {
    const question = { type: 'disturb', address, ...disturbance } as const;
    const answer = await askProcess<{ readonly waiting?: number } | null>(this.#options, process, question);
    return answer?.waiting;
  }

  processes(): readonly string[] {
    return [...this.#picture.processes.values()].filter(({ silent }) => !silent).map(({ process }) => process);
  }

  actors(pattern: string | undefined): readonly (ActorRow & { readonly process: string })[] {
    const fits = pattern === undefined ? () => true : actorPattern(pattern);
    const found: (ActorRow & { readonly process: string })[] = [];
    for (const { process, rows, silent } of this.#picture.processes.values()) {
      if (silent) continue;
      for (const row of rows.values()) {
        if (found.length >= limits.actorsListedMax) return found;
        if (fits(row.address)) found.push({ process, ...row });
      }
    }
    return found;
  }

  async trace(traceId: string): Promise<{ readonly steps: readonly TraceStep[]; readonly silent: readonly string[] }> {
    const { answers, silent } = await askProcesses<{ readonly steps: readonly TraceStep[] }>(
      this.#options,
      this.processes(),
      { type: 'trace', traceId },
    );
    return { steps: answers.flatMap(({ steps }) => steps).sort((a, b) => a.at - b.at), silent };
  }

  async logLevels({
    process,
    ...change
  }: LevelChange): Promise<{ readonly processes: readonly ProcessLevels[]; readonly silent: readonly string[] }> {
    const { answers, silent } = await askProcesses<ProcessLevels>(
      this.#options,
      process === undefined ? this.processes() : [process],
      { type: 'log-levels', ...change },
    );
    return { processes: answers, silent };
  }

  note(event: Note): void {
    if (this.#events.length < limits.timelineEventsPerTickMax)
      this.#events.push({ at: this.#options.clock.now(), ...event });
    else this.#options.metrics.count('troupe_timeline_dropped_total');
  }

  close(): void {
    for (const close of this.#close) close();
    this.#listeners.clear();
  }

  #heard(subject: string, payload: Uint8Array, own: string): void {
    let frame: Frame | undefined;
    try {
      frame = parseFrame(decode(payload));
    } catch (error) {
      this.#options.log.debug('cannot read a frame of the supervision feed', { error: errorMessage(error) });
    }
    // Whoever may publish here may do so for one process: itself.
    if (frame === undefined || this.#options.subjects.tree(frame.process) !== subject)
      this.#options.metrics.count('troupe_supervision_malformed_frames_total');
    else if (frame.process !== own) this.#take(frame);
  }

  #take(frame: Frame): void {
    const before = this.#picture.processes.get(frame.process);
    const wasSilent = before?.silent ?? false;
    const wasStore = before?.store;
    if (this.#picture.apply(frame) === 'gap') {
      this.#askEverything(frame.process);
      return;
    }
    if (frame.silent !== true && this.#picture.processes.has(frame.process))
      this.#heardAt.set(frame.process, this.#awake.now());
    this.#frames.push(frame);
    this.#noteLife(frame, before, wasSilent);
    this.#noteCrashes(frame);
    if (
      frame.store !== undefined &&
      wasStore !== undefined &&
      (frame.store.role !== wasStore.role || frame.store.term !== wasStore.term)
    ) {
      this.note({
        type: 'raft',
        severity: 'info',
        title: `${frame.process} is ${frame.store.role} in term ${frame.store.term}`,
        detail: `It was ${wasStore.role} in term ${wasStore.term}.`,
        process: frame.process,
      });
    }
  }

  #askEverything(process: string): void {
    const { bus, subjects, clock } = this.#options;
    const now = clock.monotonic();
    if (now - (this.#askedAt.get(process) ?? -Infinity) < tickMs) return;
    this.#askedAt.set(process, now);
    bus.publish(subjects.treeReset(process), new Uint8Array(0));
  }

  #noteLife(frame: Frame, before: ProcessPicture | undefined, wasSilent: boolean): void {
    const { process } = frame;
    if (frame.silent === true)
      this.note({
        type: 'process',
        severity: 'warning',
        title: `${process} fell silent`,
        detail: 'Its process ended or cannot be reached.',
        process,
      });
    else if (before === undefined)
      this.note({
        type: 'process',
        severity: 'info',
        title: `${process} appeared`,
        detail: `A ${frame.role} took part from now on.`,
        process,
      });
    else if (before.startedAt !== frame.startedAt)
      this.note({
        type: 'process',
        severity: 'warning',
        title: `${process} was restarted`,
        detail: 'A new process took the place of the old one.',
        process,
      });
    else if (wasSilent)
      this.note({
        type: 'process',
        severity: 'info',
        title: `${process} is heard again`,
        detail: 'The same process as before.',
        process,
      });
  }

  #noteCrashes(frame: Frame): void {
    const now = this.#options.clock.monotonic();
    for (const { address, restarts = 0, lastCrash } of frame.put ?? []) {
      const actor = `${frame.process}/${address}`;
      const more = this.#storms.seen(actor, restarts, { now, first: frame.reset === true });
      if (more === 0 || lastCrash === undefined || lastCrash.at < frame.at - 2 * limits.processSilentMs) continue;
      this.note({
        type: 'crash',
        severity: 'warning',
        title: `${address} crashed`,
        detail: `on ${lastCrash.messageType}: ${lastCrash.error}`,
        process: frame.process,
        address,
      });
    }
  }

  #tick(): void {
    const { clock } = this.#options;
    const now = clock.now();
    this.#noteSilence();
    const alerts = this.#judge(now);
    const tick: Tick = {
      at: now,
      frames: this.#frames,
      alerts,
      events: this.#events.length === 0 ? undefined : this.#events,
    };
    this.#frames = [];
    this.#events = [];
    this.#recording.add(tick, clock.monotonic());
    for (const listener of this.#listeners) listener(tick);
  }

  #noteSilence(): void {
    const now = this.#awake.now();
    for (const { process, role, startedAt, sequence, at, silent } of [...this.#picture.processes.values()]) {
      const silentMs = now - (this.#heardAt.get(process) ?? now);
      // This process knows that it lives, however late its own frames are.
      if (process === this.#options.process || silentMs < limits.processSilentMs) continue;
      if (!silent) this.#take({ process, role, startedAt, sequence, at, silent: true });
      else if (silentMs > limits.processForgottenMs) this.#forget(process);
    }
  }

  #forget(process: string): void {
    this.#picture.remove(process);
    this.#heardAt.delete(process);
    this.#askedAt.delete(process);
  }

  #judge(now: number): readonly Alert[] | undefined {
    const { clock, log, metrics } = this.#options;
    const { raised, cleared, changed } = this.#alerts.update(
      findings(this.#picture, this.#cluster, {
        storms: this.#storms.recent(clock.monotonic()),
        settled: this.#awake.now() - this.#beganAt >= limits.processSilentMs,
      }),
      now,
    );
    for (const { id, severity, title, detail } of raised) {
      log.warn('an alert was raised', { alert: id, severity, title, detail });
      this.note({ type: 'alert', severity, title, detail });
    }
    for (const { title } of cleared)
      this.note({ type: 'alert', severity: 'info', title: `Over: ${title}`, detail: '' });
    for (const severity of ['warning', 'critical'] as const)
      metrics.gauge('troupe_alerts', this.#alerts.all.filter((alert) => alert.severity === severity).length, {
        severity,
      });
    return changed ? this.#alerts.all : undefined;
  }
}

export function startSupervision(options: SupervisionOptions): Supervision {
  return new ClusterSupervision(options);
}
