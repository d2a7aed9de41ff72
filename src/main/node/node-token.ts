/** A node's bearer token on a machine that can issue one itself. */
import { delay, errorMessage, type Logger } from '../../base/index.ts';
import { systemTimers } from '../../platform/index.ts';

const tokenSeconds = 24 * 60 * 60;

/** Resolves with a function that returns the current token; it is replaced at two thirds of its life. */
export async function renewedToken(
  issue: (expirationSeconds: number) => Promise<string>,
  log: Logger,
): Promise<() => string> {
  let token = await issue(tokenSeconds);
  const renew = async (): Promise<void> => {
    for (;;) {
      await delay(systemTimers, (tokenSeconds * 1000 * 2) / 3);
      token = await issue(tokenSeconds);
    }
  };
  renew().catch((error: unknown) => {
    log.error("cannot renew the node's token", { error: errorMessage(error) });
  });
  return () => token;
}
