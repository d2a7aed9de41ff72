/** Ends a process whose event loop stands still, so that its keeper starts it again. */
import { url as inspectorUrl } from 'node:inspector';
import { Worker } from 'node:worker_threads';
import { errorMessage, limits, type Logger } from '../base/index.ts';
import type { LoopWatchData } from './loop-watch-worker.ts';

interface LoopWatchOptions {
  /** The member's or node's name. */
  readonly name: string;
  /** Where the reason is written, beside the process's other lines; undefined: to standard error. */
  readonly logFile: string | undefined;
  readonly log: Logger;
  /** How often the loop shows that it turns. */
  readonly beatMs?: number | undefined;
  /** How long it may stand still. */
  readonly stuckMs?: number | undefined;
}

/** Memory of the thread in MiB; it needs less. */
const heapMax = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, codeRangeSizeMb: 4 };

const workerFile = (): URL =>
  new URL(import.meta.url.endsWith('.ts') ? './loop-watch-worker.ts' : './loop-watch-worker.js', import.meta.url);

/**
 * A thread of its own looks whether the loop still turns. It does not count time in which it stood still itself:
 * neither SIGSTOP nor a machine that slept ends the process. Nor does it while a debugger is attached.
 */
export function watchEventLoop(options: LoopWatchOptions): { close(): void } {
  const { name, logFile, log, beatMs = limits.loopBeatMs, stuckMs = limits.loopStuckMs } = options;
  const shared = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  const beat = (): void => {
    Atomics.store(shared, 1, inspectorUrl() === undefined ? 0 : 1);
    Atomics.add(shared, 0, 1);
  };
  beat();
  const timer = setInterval(beat, beatMs);
  timer.unref();
  const workerData: LoopWatchData = { shared, name, logFile, turnMs: beatMs, turnsMax: Math.ceil(stuckMs / beatMs) };
  const worker = new Worker(workerFile(), { workerData, resourceLimits: heapMax });
  worker.unref();
  worker.on('error', (error) => {
    log.warn('the event loop is not watched', { error: errorMessage(error) });
  });
  return {
    close: () => {
      clearInterval(timer);
      void worker.terminate();
    },
  };
}
