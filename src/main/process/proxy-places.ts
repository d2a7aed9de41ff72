/** Where nodes have kube-proxy's ports, out of the settings. */
import { parseAddress } from '../../api/index.ts';
import { splitHostPort } from '../../base/index.ts';
import type { ProxyPlaces } from '../../node-agent/index.ts';
import { bindAddress, type NetworkRangeSettings } from './network-ranges.ts';

interface ProxyPlaceSettings {
  /** Each an address and a port, or empty; absent in settings that an earlier version saved: kube-proxy's. */
  readonly healthzBindAddress?: string | undefined;
  readonly metricsBindAddress?: string | undefined;
}

/** The places of settings that were checked. */
export function proxyPlaces({
  healthzBindAddress = '0.0.0.0:10256',
  metricsBindAddress = '127.0.0.1:10249',
  ...ranges
}: ProxyPlaceSettings & NetworkRangeSettings): ProxyPlaces {
  const placeOf = (text: string): ProxyPlaces['healthz'] => {
    const place = splitHostPort(text);
    return place === undefined ? undefined : { ...place, host: bindAddress(place.host, ranges) };
  };
  return { healthz: placeOf(healthzBindAddress), metrics: placeOf(metricsBindAddress) };
}

/** The first setting that is no place. */
export function proxyPlaceProblem(settings: ProxyPlaceSettings): keyof ProxyPlaceSettings | undefined {
  return (['healthzBindAddress', 'metricsBindAddress'] as const).find((key) => {
    const { [key]: text = '' } = settings;
    const place = splitHostPort(text);
    return text !== '' && (place === undefined || place.port === 0 || parseAddress(place.host) === undefined);
  });
}
