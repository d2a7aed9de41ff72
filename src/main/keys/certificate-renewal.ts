/** Renews the certificates of a running member. */
import { type Clock, errorMessage, type Logger, type Timers } from '../../base/index.ts';
import type { Pki } from './pki.ts';

/** How often certificates are checked; they are renewed months before they expire. */
const certificateCheckMs = 60 * 60_000;

interface RenewalPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

interface RenewalOptions {
  /** Those in use. */
  readonly current: () => Pki;
  /** Makes the certificates that are past two thirds of their life. `now`: wall-clock ms. */
  readonly ensure: (now: number) => Promise<Pki>;
  /** Puts them to use. */
  readonly renewed: (pki: Pki) => Promise<void>;
}

export function keepCertificates({ clock, timers, log }: RenewalPorts, options: RenewalOptions): { close(): void } {
  const check = async (): Promise<void> => {
    const current = options.current();
    const found = await options.ensure(clock.now());
    if (found.serverCertificate === current.serverCertificate && found.adminCertificate === current.adminCertificate)
      return;
    await options.renewed(found);
    log.info('renewed certificates');
  };
  const timer = timers.every(certificateCheckMs, () => {
    check().catch((error: unknown) => {
      log.error('cannot renew certificates; retrying in an hour', { error: errorMessage(error) });
    });
  });
  return {
    close: () => {
      timer.cancel();
    },
  };
}
