/** A node's bearer token on a machine that can issue one itself. */
import { delay, errorMessage, type Logger } from '../../base/index.ts';
import { systemClock, systemTimers } from '../../platform/index.ts';

const tokenSeconds = 24 * 60 * 60;

/** How often the key is looked at: tokens of an older one hold for seconds more while keys are rotated. */
export const keyCheckMs = 2_000;

interface TokenSource {
  readonly issue: (expirationSeconds: number) => Promise<string>;
  /** Tells the key that signs from others. */
  readonly key: () => string;
}

/**
 * Resolves with a function that returns the current token; it is replaced at two thirds of its life, and when another
 * key signs.
 */
export async function renewedToken({ issue, key }: TokenSource, log: Logger): Promise<() => string> {
  let token = await issue(tokenSeconds);
  const renew = async (): Promise<void> => {
    for (;;) {
      const signing = key();
      const end = systemClock.monotonic() + (tokenSeconds * 1000 * 2) / 3;
      while (key() === signing && systemClock.monotonic() < end) await delay(systemTimers, keyCheckMs);
      token = await issue(tokenSeconds);
    }
  };
  renew().catch((error: unknown) => {
    log.error("cannot renew the node's token", { error: errorMessage(error) });
  });
  return () => token;
}
