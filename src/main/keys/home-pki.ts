/** The keys, secrets and certificates of a home's cluster. */
import { systemClock } from '../../platform/index.ts';
import { ensureNatsSecrets, type Home, type Settings } from '../process/index.ts';
import { ensurePki, type Pki } from './pki.ts';

/** Makes those that are missing or past two thirds of their life. */
export function ensureHomePki(home: Home, settings: Settings): Promise<Pki> {
  ensureNatsSecrets(home);
  const peerHost = settings.address === '' ? undefined : settings.address;
  return ensurePki({
    folder: home.pki,
    cluster: settings.cluster,
    now: systemClock.now(),
    hosts: [firstAddress(settings.network.serviceCidr), ...(peerHost === undefined ? [] : [peerHost])],
    peerHost,
  });
}

/** The address of the Service `kubernetes`: the first of the range. */
function firstAddress(cidr: string): string {
  const octets = (cidr.split('/')[0] ?? '').split('.').map(Number);
  return [...octets.slice(0, 3), (octets[3] ?? 0) + 1].join('.');
}
