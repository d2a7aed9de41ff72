/** The keys, secrets and certificates of a home's cluster. */
import { addressIn, parseCidr } from '../../api/index.ts';
import { systemClock } from '../../platform/index.ts';
import { ensureNatsSecrets, type Home, defaultFamily, networkRanges, type Settings } from '../process/index.ts';
import { ensurePki, machineAddresses, type Pki } from './pki.ts';

/** Makes those that are missing or past two thirds of their life. */
export function ensureHomePki(home: Home, settings: Settings): Promise<Pki> {
  ensureNatsSecrets(home);
  const peerHost = settings.address === '' ? undefined : settings.address;
  return ensurePki({
    folder: home.pki,
    cluster: settings.cluster,
    now: systemClock.now(),
    hosts: [
      ...apiAddresses(settings),
      ...machineAddresses(defaultFamily(settings.network)),
      ...(peerHost === undefined ? [] : [peerHost]),
    ],
    peerHost,
  });
}

/** Where the Service `kubernetes` may be: the first address of each range. */
function apiAddresses({ network }: Settings): readonly string[] {
  return networkRanges(network).serviceCidrs.flatMap((text) => {
    const range = parseCidr(text);
    return range === undefined ? [] : [addressIn(range, 1n)];
  });
}
