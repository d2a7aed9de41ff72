/** Measures how long the event loop is held, by processor time as well: that is comparable on a busy machine. */
import { PerformanceObserver } from 'node:perf_hooks';

interface LongestTurns {
  /** Processor time of this thread in the longest turn, in ms, without the collection of garbage. */
  readonly processorMs: number;
  readonly wallMs: number;
  /** The longest pause in which garbage was collected, in ms of wall time. */
  readonly garbageMs: number;
}

/** Processor time of this thread so far. */
export function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

interface Turn {
  readonly from: number;
  readonly to: number;
  readonly processorMs: number;
}

/** Shorter turns are not worth a look. */
const turnMsMin = 5;

/** The longest turns of the loop while `work` goes on. */
export async function longestTurns(work: () => Promise<unknown>): Promise<LongestTurns> {
  const turns: Turn[] = [];
  const garbage: { readonly from: number; readonly to: number }[] = [];
  const collections = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries())
      garbage.push({ from: startTime, to: startTime + duration });
  });
  collections.observe({ entryTypes: ['gc'] });
  let last = { processor: processorMs(), wall: performance.now() };
  let over = false;
  const turn = (): void => {
    const now = { processor: processorMs(), wall: performance.now() };
    if (now.wall - last.wall >= turnMsMin)
      turns.push({ from: last.wall, to: now.wall, processorMs: now.processor - last.processor });
    last = now;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  try {
    await work();
    // The turn in which the work ended counts too, and the last collections are still to be told.
    for (let i = 0; i < 10; i += 1)
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
  } finally {
    over = true;
    collections.disconnect();
  }
  return {
    processorMs: Math.max(0, ...turns.map((each) => withoutGarbage(each, garbage))),
    wallMs: Math.max(0, ...turns.map(({ from, to }) => to - from)),
    garbageMs: Math.max(0, ...garbage.map(({ from, to }) => to - from)),
  };
}

/** A collection is told in wall time; its part of the turn's processor time is taken to be as large. */
function withoutGarbage(turn: Turn, garbage: readonly { readonly from: number; readonly to: number }[]): number {
  let collecting = 0;
  for (const { from, to } of garbage) collecting += Math.max(0, Math.min(to, turn.to) - Math.max(from, turn.from));
  return turn.processorMs * (1 - collecting / (turn.to - turn.from));
}
