/** What the operating system knows of this process. */
import { statfsSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ProcessFigures } from '../../supervision/index.ts';

const diskPeriodMs = 10_000;
const resolutionMs = 20;

/** Measures the process and the disk that holds `folder`; each call starts a new period of the event loop's lag. */
export function processFigures(folder: string): () => ProcessFigures {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  let disk: Pick<ProcessFigures, 'diskFreeBytes' | 'diskBytes'> = {};
  let diskAt = -Infinity;
  return () => {
    const now = performance.now();
    if (now - diskAt >= diskPeriodMs) {
      diskAt = now;
      disk = diskOf(folder);
    }
    // Before the first value the histogram has only its neutral minimum.
    const loopLagMs = delay.count === 0 ? 0 : Math.max(0, delay.max / 1e6 - resolutionMs);
    delay.reset();
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    return {
      residentBytes: rss,
      heapBytes: heapUsed,
      cpuSeconds: (user + system) / 1e6,
      loopLagMs: Math.round(loopLagMs * 10) / 10,
      ...disk,
    };
  };
}

function diskOf(folder: string): Pick<ProcessFigures, 'diskFreeBytes' | 'diskBytes'> {
  try {
    const { bsize, blocks, bavail } = statfsSync(folder);
    return { diskFreeBytes: bavail * bsize, diskBytes: blocks * bsize };
  } catch {
    // A file system without such figures is no reason to say nothing else.
    return {};
  }
}
