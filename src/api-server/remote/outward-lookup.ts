/** Names that a tenant may choose (a Service's external name) lead to no address that this machine keeps for itself. */
import { lookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { isGlobalUnicast } from '../../api/index.ts';

const refusal = (): Error => new Error('address not allowed');

/** Throws for an address that is loopback, link-local (a cloud's metadata) or no machine's; names are let by. */
export function refuseInward(host: string): void {
  if (isIP(host) !== 0 && !isGlobalUnicast(host)) throw refusal();
}

/** Looks a name up as the system does, and fails where one of its addresses is refused. */
export const outwardLookup: LookupFunction = (name, options, answer) => {
  lookup(name, { ...options, all: true }, (error, addresses: readonly LookupAddress[]) => {
    const [first] = addresses ?? [];
    if (error !== null || first === undefined) answer(error ?? refusal(), '');
    else if (!addresses.every(({ address }) => isGlobalUnicast(address))) answer(refusal(), '');
    else if (options.all === true) answer(null, [...addresses]);
    else answer(null, first.address, first.family);
  });
};
