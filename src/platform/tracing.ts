/** Traces on Node's AsyncLocalStorage, with the steps that this process took. */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  BoundedQueue,
  type Clock,
  errorMessage,
  limits,
  type Logger,
  type Random,
  type StepFacts,
  type Trace,
  type TraceScope,
  type TraceStep,
} from '../base/index.ts';

/** Characters of a step's text and of its error that are remembered: clients choose paths. */
const textMax = 512;

const storage = new AsyncLocalStorage<Trace | undefined>();

/** The trace of the running work: it follows promises, and timers of less than `limits.traceTimerMs`. */
export const currentTrace = (): Trace | undefined => storage.getStore();

/** Runs `call` as part of no trace. */
export function outsideTraces<T>(call: () => T): T {
  return storage.getStore() === undefined ? call() : storage.run(undefined, call);
}

interface TracePorts {
  /** The name of this process. */
  readonly process: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Follows requests through this process. */
export interface Traces extends TraceScope {
  /** The steps of a trace that this process took and still remembers, in the order in which they ended. */
  steps(traceId: string): readonly TraceStep[];
}

/** A copy when it is cut: a slice would keep the whole text alive. */
function cut(text: string): string {
  return text.length <= textMax ? text : Buffer.from(text.slice(0, textMax)).toString();
}

/**
 * Remembers the newest steps, `limits.traceStepsMax` of them, whatever trace they belong to; at log level debug they
 * are written down as well. A span's id is drawn once a process and counted on: ids are many, random values are dear.
 */
export function createTraces({ process, clock, random, log }: TracePorts): Traces {
  const kept = new BoundedQueue<TraceStep>(limits.traceStepsMax);
  const prefix = (random.below(2 ** 32 - 1) + 1).toString(16).padStart(8, '0');
  let count = 0;
  const spanId = (): string => {
    count = (count + 1) >>> 0;
    return prefix + count.toString(16).padStart(8, '0');
  };
  const keep = (step: TraceStep): void => {
    if (kept.full) kept.shift();
    kept.push(step);
    if (step.error === undefined) log.debug('a step of a trace', { ...step });
    else {
      const { error, ...known } = step;
      log.debug('a step of a trace', { ...known, failed: error });
    }
  };
  const leaf = <T>({ parent, what: whole, actor }: StepFacts, call: (trace: Trace) => T): T => {
    const what = cut(whole);
    const trace: Trace = { traceId: parent.traceId, spanId: spanId(), actor };
    const [at, from] = [clock.now(), clock.monotonic()];
    const ended = (error?: unknown): void => {
      const ms = clock.monotonic() - from;
      const done =
        parent.spanId === ''
          ? { ...trace, process, what, at, ms }
          : { ...trace, parentId: parent.spanId, process, what, at, ms };
      keep(error === undefined ? done : { ...done, error: cut(errorMessage(error)) });
    };
    try {
      const result = call(trace);
      if (result instanceof Promise)
        result.then(() => {
          ended();
        }, ended);
      else ended();
      return result;
    } catch (error) {
      ended(error);
      throw error;
    }
  };
  return {
    current: currentTrace,
    run: (trace, call) => (storage.getStore() === trace ? call() : storage.run(trace, call)),
    step: (facts, call) => leaf(facts, (trace) => storage.run(trace, () => call(trace))),
    leaf,
    steps: (traceId) => kept.items().filter((one) => one.traceId === traceId),
  };
}
