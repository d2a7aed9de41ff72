/** For tests: the supervision of processes over a bus in memory, and time by hand. */
import { type Behaviour, createActorSystem } from '../actors/index.ts';
import {
  type Clock,
  limits,
  type LogLevels,
  type LogRule,
  silentLogger,
  silentMetrics,
  type Timer,
  type TraceStep,
} from '../base/index.ts';
import { decode, SimulatedNetwork, subjectsOf } from '../bus/index.ts';
import type { ResourceView } from '../resources/index.ts';
import type { StoreStatus } from '../state/index.ts';
import type { Frame } from './frame.ts';
import { startReporter } from './reporter.ts';
import { startSupervision, type Supervision } from './supervision.ts';

export const store = (more: Partial<StoreStatus>): StoreStatus => ({
  member: 'm',
  role: 'follower',
  term: 1,
  commitIndex: 10,
  appliedIndex: 10,
  revision: 1,
  keys: 1,
  logBytes: 1,
  lastSyncMs: 1,
  voters: ['m1', 'm2', 'm3'],
  ...more,
});
function levels(): LogLevels {
  const rules: LogRule[] = [];
  return {
    level: 'info',
    rules,
    setLevel: (pattern, level) => level !== undefined && rules.length < 1 && rules.push({ pattern, level }) > 0,
  };
}

/** Time by hand; the bus delivers in microtasks. */
class HandTime {
  ms = 100_000_000;
  readonly #timers = new Set<{ at: number; readonly every: number | undefined; readonly call: () => void }>();
  readonly clock = { now: () => this.ms, monotonic: () => this.ms };
  readonly timers = {
    after: (ms: number, call: () => void): Timer => this.#add(ms, undefined, call),
    every: (ms: number, call: () => void): Timer => this.#add(ms, ms, call),
  };
  #add(ms: number, every: number | undefined, call: () => void): Timer {
    const timer = { at: this.ms + ms, every, call };
    this.#timers.add(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
      },
    };
  }
  async pass(ms: number): Promise<void> {
    for (const stop = this.ms + ms; this.ms < stop;) {
      this.ms += 500;
      for (const timer of [...this.#timers].filter(({ at }) => at <= this.ms)) {
        if (timer.every === undefined) this.#timers.delete(timer);
        else timer.at += timer.every;
        timer.call();
      }
      for (let i = 0; i < 10; i++)
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
    }
  }
}

const emptyView = { list: () => [], facts: () => [], onChange: () => () => undefined } as unknown as ResourceView;
const failing: Behaviour<number, { readonly type: 'fail' | 'work' }> = {
  initialState: () => 0,
  receive: (state, { type }) => {
    if (type === 'fail') throw new Error('told to fail');
    return state + 1;
  },
};

/** Processes over a bus in memory, each with one actor that fails when it is told to. */
export function cluster(): {
  time: HandTime;
  publish: (payload: Uint8Array) => void;
  ask: (name: string, payload: Uint8Array) => Promise<unknown>;
  process: (
    name: string,
    clock?: Clock,
  ) => { supervision: Supervision; tell: (type: 'fail' | 'work') => void; die: () => void };
} {
  const time = new HandTime();
  const network = new SimulatedNetwork({
    after: (ms, call) => {
      if (ms < limits.askMs) queueMicrotask(call);
      return { cancel: () => undefined };
    },
    every: () => ({ cancel: () => undefined }),
  });
  const subjects = subjectsOf('test');
  const stranger = network.client('stranger');
  return {
    time,
    publish: (payload) => {
      stranger.publish(subjects.tree('stranger'), payload);
    },
    ask: async (name, payload) =>
      decode((await stranger.request(subjects.treeControl(name), payload, { deadlineMs: limits.askMs })).payload),
    process: (name, clock = time.clock) => {
      const system = createActorSystem({
        name,
        clock,
        timers: time.timers,
        log: silentLogger,
        metrics: silentMetrics,
      });
      const ref = system.spawn('worker', failing);
      const ports = { process: name, bus: network.client(name), subjects, clock, timers: time.timers };
      const traces = {
        steps: (traceId: string): TraceStep[] => [
          { traceId, spanId: name, process: name, what: 'x', at: name === 'one' ? 2 : 1, ms: 0 },
        ],
      };
      const reporter = startReporter({
        ...ports,
        role: 'member',
        system,
        traces,
        levels: levels(),
        figures: () => ({ residentBytes: 1, heapBytes: 1, cpuSeconds: 1, loopLagMs: 0 }),
        store: () => store({ member: name, voters: [name] }),
      });
      const supervision = startSupervision({
        ...ports,
        reporter,
        view: emptyView,
        log: silentLogger,
        metrics: silentMetrics,
      });
      return {
        supervision,
        tell: (type) => {
          ref.tell({ type });
        },
        die: () => {
          reporter.close();
        },
      };
    },
  };
}

/** What a member shows of a process. */
export const processOf = (supervision: Supervision, name: string): Frame | undefined =>
  supervision.now().frames.find(({ process }) => process === name);
