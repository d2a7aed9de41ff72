/** Jobs that are tried again until they succeed, or while the container engine is away. */
import { delay, errorMessage, type Logger, type Timers } from '../base/index.ts';
import { RuntimeError } from './runtime/index.ts';

const retryMs = 1000;

interface RetryPorts {
  readonly timers: Timers;
  readonly log: Logger;
}

/** Tries a job each second until it succeeds. Rejects with its error once `stopped` says that nobody waits for it. */
export async function retryUntilSuccess<T>(
  ports: RetryPorts,
  step: string,
  job: () => Promise<T>,
  stopped: () => boolean = () => false,
): Promise<T> {
  for (;;) {
    try {
      return await job();
    } catch (error) {
      if (stopped()) throw error;
      ports.log.warn('a step of the node agent failed; retrying', { step, error: errorMessage(error) });
      await delay(ports.timers, retryMs);
    }
  }
}

const engineRetryMs = 500;
const engineTriesMax = 240;

/** Repeats a call while the engine cannot be reached, for two minutes at most. */
export async function retryWhileUnreachable<T>(timers: Timers, call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof RuntimeError) || error.code !== 'unreachable' || tries >= engineTriesMax) throw error;
      await delay(timers, engineRetryMs);
    }
  }
}
