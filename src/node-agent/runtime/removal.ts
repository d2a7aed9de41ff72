/** Removals where two of one container at a time may fail both ways: what is left decides. */
import { delay, type Timers } from '../../base/index.ts';
import { RuntimeError } from './runtime.ts';

const [triesMax, againMs] = [25, 200] as const;

/** Tries until it succeeds, or what was to go is gone. Rejects at once with `unreachable`, and after five seconds. */
export async function removeUntilGone(
  timers: Timers,
  attempt: () => Promise<void>,
  isGone: () => Promise<boolean>,
): Promise<void> {
  for (let tries = 1; ; tries++)
    try {
      await attempt();
      return;
    } catch (error) {
      if (error instanceof RuntimeError && error.code === 'unreachable') throw error;
      if (await isGone()) return;
      if (tries === triesMax) throw error;
      await delay(timers, againMs);
    }
}
