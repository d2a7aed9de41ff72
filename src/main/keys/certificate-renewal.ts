import { type Clock, errorMessage, type Logger, type Timers } from '../../base/index.ts';
import type { Pki } from './pki.ts';

/** How often certificates are looked at; they are renewed months before they end. */
export const certificateCheckMs = 60 * 60_000;

export interface RenewalPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

/**
 * Keeps a running member's certificates in force: `ensure` makes what is past two thirds of its life, `renewed` puts it
 * to use.
 */
export function keepCertificates(
  { clock, timers, log }: RenewalPorts,
  options: {
    readonly current: Pki;
    readonly ensure: (now: number) => Promise<Pki>;
    readonly renewed: (pki: Pki) => Promise<void>;
  },
): { close(): void } {
  let current = options.current;
  const check = async (): Promise<void> => {
    const found = await options.ensure(clock.now());
    if (found.serverCertificate === current.serverCertificate && found.adminCertificate === current.adminCertificate)
      return;
    await options.renewed(found);
    current = found;
    log.info('certificates were renewed');
  };
  const timer = timers.every(certificateCheckMs, () => {
    check().catch((error: unknown) => {
      log.error('certificates could not be renewed; it is tried again in an hour', { error: errorMessage(error) });
    });
  });
  return {
    close: () => {
      timer.cancel();
    },
  };
}
