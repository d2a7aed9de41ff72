/** What a running process has from its first line on: log, metrics, traces, and the tree of its actors. */
import { join } from 'node:path';
import { type ActorSystem, createActorSystem } from '../../actors/index.ts';
import { errorMessage } from '../../base/index.ts';
import {
  createTraces,
  MetricsRegistry,
  openLogger,
  systemClock,
  systemRandom,
  systemTimers,
  type Traces,
  watchEventLoop,
} from '../../platform/index.ts';
import { crashFile } from './crash-file.ts';
import type { Home } from './home.ts';
import type { Settings } from './settings.ts';

interface RunningProcessOptions {
  /** The member's or node's name. */
  readonly name: string;
  readonly home: Home;
  readonly settings: Pick<Settings, 'logLevel'>;
  /** Log to standard error instead of the home. */
  readonly foreground: boolean;
}

export interface RunningProcess {
  readonly log: ReturnType<typeof openLogger>;
  readonly metrics: MetricsRegistry;
  readonly traces: Traces;
  readonly system: ActorSystem;
  /** Logs the failure and ends the process; its service restarts it. */
  fail(what: string, error: unknown): void;
}

/**
 * Opens them. From now on a failure that nobody handles ends the process, and so does an event loop that stands still.
 */
export function openProcess({ name, home, settings, foreground }: RunningProcessOptions): RunningProcess {
  const file = foreground ? undefined : join(home.logs, `${name}.log`);
  const log = openLogger({ level: settings.logLevel, file });
  watchEventLoop({ name, logFile: file, log });
  const metrics = new MetricsRegistry();
  const traces = createTraces({ process: name, clock: systemClock, random: systemRandom, log });
  const system = createActorSystem({
    name,
    clock: systemClock,
    timers: systemTimers,
    log,
    metrics,
    traces,
    crashStore: crashFile(join(home.logs, `${name}-crashes.jsonl`)),
  });
  const fail = (what: string, error: unknown): void => {
    log.error(what, { error: errorMessage(error), stack: error instanceof Error ? error.stack : undefined });
    process.exit(1);
  };
  const unexpected = (error: unknown): void => {
    fail('unexpected failure; restarting the process', error);
  };
  system.onFailure(({ address, error }) => {
    fail('a component failed for good; restarting the process', new Error(`${address}: ${error}`));
  });
  process.on('unhandledRejection', unexpected);
  process.on('uncaughtException', unexpected);
  return { log, metrics, traces, system, fail };
}

/** Resolves when the process is asked to stop. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    // Not once: what asks both the keeper and its process to stop would end the process in the middle of it.
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.on(signal, () => {
        resolve();
      });
  });
}
