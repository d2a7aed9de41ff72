/** Renews the certificates of a running member. */
import { type Clock, errorMessage, type Logger, type Timers } from '../../base/index.ts';
import { renewalTime } from './certificate-life.ts';
import type { Pki } from './pki.ts';

/** How often the files are checked, which other members of this machine may have renewed. */
const certificateCheckMs = 60 * 60_000;
/** How often the clock is looked at: a machine may have slept, or been given another time, for as long as it likes. */
const lookMs = 5_000;
const retryMs = 60_000;

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

const certificatesIn = ({ serverCertificate, adminCertificate, frontProxy, store }: Pki): readonly string[] => [
  serverCertificate,
  adminCertificate,
  frontProxy.certificate,
  ...(store === undefined ? [] : [store.certificate]),
];

export function keepCertificates({ clock, timers, log }: RenewalPorts, options: RenewalOptions): { close(): void } {
  /** Of the last check; they were made, or found good, just before. Monotonic ms. */
  let checkedAt = clock.monotonic();
  let failed = false;
  const isDue = (): boolean => {
    const sinceMs = clock.monotonic() - checkedAt;
    if (failed) return sinceMs >= retryMs;
    const old = certificatesIn(options.current()).some((certificate) => clock.now() >= renewalTime(certificate));
    return old || sinceMs >= certificateCheckMs;
  };
  const check = async (): Promise<void> => {
    const current = new Set(certificatesIn(options.current()));
    const found = await options.ensure(clock.now());
    if (certificatesIn(found).every((certificate) => current.has(certificate))) return;
    await options.renewed(found);
    log.info('renewed certificates');
  };
  let busy = false;
  const look = async (): Promise<void> => {
    if (busy || !isDue()) return;
    busy = true;
    failed = false;
    try {
      await check();
    } catch (error) {
      failed = true;
      log.error('cannot renew certificates; retrying in a minute', { error: errorMessage(error) });
    }
    checkedAt = clock.monotonic();
    busy = false;
  };
  const timer = timers.every(lookMs, () => void look());
  return {
    close: () => {
      timer.cancel();
    },
  };
}
