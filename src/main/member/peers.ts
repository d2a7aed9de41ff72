/** The way between the stores of several members: direct links, and the bus where there is none. */
import type { Logger, Metrics } from '../../base/index.ts';
import { type Bus, openPeerLinks, type PeerLinks, subjectsOf } from '../../bus/index.ts';
import { systemClock, systemRandom, systemTimers } from '../../platform/index.ts';
import { type BusTransport, busTransport, claimName } from '../../state/index.ts';
import type { Pki } from '../keys/index.ts';
import { entryOf, type Place } from '../process/index.ts';

interface PeerPorts {
  readonly bus: Bus;
  readonly pki: Pki;
  /** The store's folder, which keeps the claim of the name. */
  readonly folder: string;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Another process has the name; this one must end. */
  readonly onLost: (error: unknown) => void;
}

export interface Peers {
  readonly transport: BusTransport;
  /** Shows and believes other certificates from now on. */
  renew(pki: Pki): void;
  /** Opens the links anew: what proved itself by older certificates goes. */
  reopen(): void;
  close(): Promise<void>;
}

/** Resolves once the name is this process's own. Undefined for an only member. */
export async function openPeers(place: Place, ports: PeerPorts): Promise<Peers | undefined> {
  if (place.plan.length === 0) return undefined;
  const { bus, folder, log, metrics, onLost } = ports;
  const { name: member, settings } = place;
  const subjects = subjectsOf(settings.cluster);
  const claim = await claimName({
    bus,
    subjects,
    member,
    life: systemRandom.uuid(),
    folder,
    since: systemClock.now(),
    timers: systemTimers,
    log,
    onLost,
  });
  const links = await openLinks(place, ports);
  const transport = busTransport({ bus, subjects, member, links, metrics });
  return {
    transport,
    renew: (pki) => {
      if (pki.store !== undefined) links.renew(pki.store);
    },
    reopen: () => {
      links.reopen();
    },
    close: async () => {
      claim.close();
      transport.close();
      await links.close();
    },
  };
}

/** Members on one machine meet on loopback; between machines both sides show certificates. */
function openLinks(place: Place, { bus, pki, log }: PeerPorts): Promise<PeerLinks> {
  const { name, settings } = place;
  const host = entryOf(place)?.host;
  const tls = host === undefined ? undefined : pki.store;
  return openPeerLinks({
    bus,
    subject: subjectsOf(settings.cluster).links,
    member: name,
    timers: systemTimers,
    random: systemRandom,
    log: log.with({ part: 'links' }),
    listen: host === undefined ? { host: settings.nats.host } : { host, port: settings.linkPort },
    tls,
  });
}
