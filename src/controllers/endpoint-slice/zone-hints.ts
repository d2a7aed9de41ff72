/** Hints that keep a Service's traffic in its zone where zones have endpoints in proportion to their processors. */
import type { Endpoint, Service } from '../../api/index.ts';
import type { ZoneShares } from './zone-processors.ts';

const modeAnnotations = ['service.kubernetes.io/topology-mode', 'service.kubernetes.io/topology-aware-hints'] as const;
/** An endpoint may get so much more than its share, as a part of it. */
const overloadMax = 0.2;

/** Whether the Service asks for hints by zone (the annotation `topology-mode: Auto`). */
export function wantsZoneHints({ metadata }: Service): boolean {
  const value = modeAnnotations.map((name) => metadata.annotations?.[name]).find((found) => found !== undefined);
  return value === 'Auto' || value === 'auto';
}

/** The endpoints with their hints, or why they have none. */
interface HintedEndpoints {
  readonly endpoints: readonly Endpoint[];
  /** In words; undefined where there are hints. */
  readonly obstacle: string | undefined;
}

/**
 * Gives each ready endpoint the zone that shall use it: its own, but for those that a zone has beyond its share, which
 * go where endpoints are missing. Without hints all zones use all endpoints: where a zone is unknown, there is one zone
 * only, or some endpoints would get a fifth more than their share. Pure. Follows Kubernetes' topology aware routing.
 */
export function withZoneHints(endpoints: readonly Endpoint[], shares: ZoneShares): HintedEndpoints {
  const ready = endpoints.filter(({ conditions }) => conditions?.ready === true);
  const obstacle =
    typeof shares === 'string'
      ? shares
      : ready.some(({ zone }) => zone === undefined)
        ? 'One or more endpoints do not have a zone specified'
        : shortage(shares, ready.length);
  if (typeof shares === 'string' || obstacle !== undefined)
    return { endpoints: endpoints.map(({ hints: _, ...rest }) => rest), obstacle };
  const zones = divide(ready, shares);
  return {
    obstacle: undefined,
    endpoints: endpoints.map(({ hints: _, ...rest }, i) => {
      const zone = zones.get(endpoints[i] as Endpoint);
      return zone === undefined ? rest : { ...rest, hints: { forZones: [{ name: zone }] } };
    }),
  };
}

/** Endpoints that a zone must have so that none of them is overloaded. */
const leastOf = (share: number, count: number): number => Math.ceil((share * count) / (1 + overloadMax));

function shortage(shares: ReadonlyMap<string, number>, count: number): string | undefined {
  const least = [...shares.values()].reduce((sum, share) => sum + leastOf(share, count), 0);
  return Math.max(least, shares.size) > count
    ? `Insufficient number of endpoints (${count}), impossible to safely allocate proportionally`
    : undefined;
}

/** Goes before every other lack. */
const urgent = 1_000_000;

interface ZoneBalance {
  readonly zone: string;
  /** Its share, in endpoints. */
  readonly wanted: number;
  readonly least: number;
  count: number;
}

/**
 * The zone of each endpoint. Each zone gets the least that it must have and its share to less than one endpoint; as few
 * as possible leave their zone, but for those in a zone without nodes that count.
 */
function divide(ready: readonly Endpoint[], shares: ReadonlyMap<string, number>): ReadonlyMap<Endpoint, string> {
  // The order must not depend on the order in which pods came.
  const inOrder = [...ready].sort((a, b) => (`${a.addresses[0]}` < `${b.addresses[0]}` ? -1 : 1));
  const zones = new Map(inOrder.map((endpoint) => [endpoint, endpoint.zone ?? '']));
  const balances = [...new Set([...shares.keys(), ...zones.values()])].sort().map((zone): ZoneBalance => {
    const share = shares.get(zone) ?? 0;
    const count = inOrder.filter((endpoint) => endpoint.zone === zone).length;
    return { zone, wanted: share * ready.length, least: leastOf(share, ready.length), count };
  });
  for (let move = nextMove(balances); move !== undefined; move = nextMove(balances)) {
    const [giver, taker] = move;
    const moved = inOrder.find((endpoint) => zones.get(endpoint) === giver.zone);
    if (moved === undefined) return zones;
    zones.set(moved, taker.zone);
    giver.count -= 1;
    taker.count += 1;
  }
  return zones;
}

/** Who gives an endpoint to whom; undefined when all have what they must. */
function nextMove(balances: readonly ZoneBalance[]): readonly [ZoneBalance, ZoneBalance] | undefined {
  const lack = ({ wanted, least, count }: ZoneBalance): number => (count < least ? urgent : 0) + wanted - count;
  const [taker] = [...balances].sort((a, b) => lack(b) - lack(a));
  const [giver] = balances.filter(({ least, count }) => count > least).sort((a, b) => lack(a) - lack(b));
  if (taker === undefined || giver === undefined || giver === taker) return undefined;
  const isNeeded = taker.count < taker.least || taker.wanted - taker.count >= 1;
  const isTooMuch = giver.wanted === 0 || giver.count - giver.wanted >= 1;
  return isNeeded || isTooMuch ? [giver, taker] : undefined;
}
