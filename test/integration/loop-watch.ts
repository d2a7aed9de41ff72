/**
 * Loaded into a member by NODE_OPTIONS: notes each time in which its event loop came to no timer for 5 ms or more, as
 * lines of JSON in the file that LOOP_WATCH names.
 */
import { appendFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';

/** A time without a turn for timers. */
export interface LoopPause {
  /** When it ended, wall-clock ms. */
  readonly at: number;
  readonly wallMs: number;
  /** Processor time of the thread meanwhile, without the collection of garbage; that is told in wall time. */
  readonly processorMs: number;
  readonly garbageMs: number;
}

const file = process.env['LOOP_WATCH'] ?? '';
const pauseMsMin = 5;
const everyMs = 1;
const writeEveryMs = 100;

if (file !== '' && process.argv.includes('run-member')) watch();

function watch(): void {
  const processor = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  const garbage: { readonly from: number; readonly to: number }[] = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries())
      garbage.push({ from: startTime, to: startTime + duration });
  }).observe({ entryTypes: ['gc'] });
  const turns: { readonly from: number; readonly to: number; readonly processorMs: number }[] = [];
  let last = { wall: performance.now(), processor: processor() };
  setInterval(() => {
    const now = { wall: performance.now(), processor: processor() };
    if (now.wall - last.wall >= pauseMsMin + everyMs)
      turns.push({ from: last.wall, to: now.wall, processorMs: now.processor - last.processor });
    last = now;
  }, everyMs).unref();
  setInterval(() => {
    // Collections are told a little late.
    const known = turns.splice(0);
    setTimeout(() => {
      const lines = known.map(({ from, to, processorMs }) => {
        const spent = garbage.map((each) => Math.max(0, Math.min(each.to, to) - Math.max(each.from, from)));
        const garbageMs = spent.reduce((sum, ms) => sum + ms, 0);
        const wallMs = to - from;
        const at = Math.round(performance.timeOrigin + to);
        return JSON.stringify({ at, wallMs, processorMs: processorMs * (1 - garbageMs / wallMs), garbageMs });
      });
      if (lines.length > 0) appendFileSync(file, `${lines.join('\n')}\n`);
      garbage.splice(0, Math.max(0, garbage.length - 200));
    }, writeEveryMs).unref();
  }, writeEveryMs).unref();
}
