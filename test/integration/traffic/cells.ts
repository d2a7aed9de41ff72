/** Every cell of the table: what to ask, and what to expect; and whether what was told is that. */
import { externalAddress, ports } from './manifests.ts';
import {
  type Expected,
  endpointSets,
  expected,
  hostPortExpected,
  impossible,
  ingressExpected,
  type Place,
  places,
  seenDirectly,
  servers,
  type Target,
  targets,
  type Variant,
  variants,
} from './paths.ts';
import type { Outcome, Probe } from './probe.ts';

/** What the run knows of the machines. */
export interface Facts {
  readonly pods: ReadonlyMap<string, string>;
  readonly services: ReadonlyMap<string, string>;
  /** Of machine 1 and on. */
  readonly machines: readonly string[];
  readonly outside: string;
  readonly gateway: string;
}

export interface Cell {
  readonly place: Place;
  /** The rows of the table: what is asked for, and what is behind it. */
  readonly to: string;
  readonly behind: string;
  /** Which of the Service's settings it has. */
  readonly settings: string;
  readonly probe: Probe;
  readonly expected: Expected;
  /** With session affinity all answers come from one of the expected pods. */
  readonly one: boolean;
}

/** Every answer and every refusal comes within this time: a packet that was lost is sent again after a second. */
const timeoutMs = 950;

function probeOf(
  cell: Pick<Cell, 'place' | 'expected' | 'one'>,
  more: Omit<Probe, 'pods' | 'least' | 'most' | 'timeoutMs'>,
): Probe {
  const { pods } = cell.expected;
  const least = pods.length === 0 ? 2 : pods.length === 1 ? 3 : 6;
  return { ...more, pods: cell.one ? 1 : pods.length, least, most: cell.one ? least : 48, timeoutMs };
}

function addressOf(
  target: Target,
  variant: Variant,
  facts: Facts,
): { readonly address: string; readonly port: number } {
  switch (target.type) {
    case 'cluster':
      return { address: facts.services.get(variant.name) ?? '', port: variant.port };
    case 'node':
      return { address: facts.machines[target.machine - 1] ?? '', port: variant.nodePort };
    case 'loopback':
      return { address: '127.0.0.1', port: variant.nodePort };
    case 'balancer':
      return { address: facts.machines[target.machine - 1] ?? '', port: variant.port };
    case 'external':
      return { address: externalAddress(target.machine), port: variant.port };
  }
}

const titles = {
  cluster: 'ClusterIP',
  node: 'NodePort',
  loopback: 'NodePort at 127.0.0.1',
  balancer: 'LoadBalancer',
  external: 'externalIP',
} as const;

const titleOf = ({ type, machine }: Target): string => (machine === 0 ? titles[type] : `${titles[type]} of ${machine}`);
const settingsOf = ({ external, internal, affinity }: Variant): string =>
  `${external[0]}${internal[0]}${affinity ? 'a' : '-'}`;

function* serviceCells(facts: Facts): Generator<Cell> {
  for (const variant of variants)
    for (const target of targets)
      for (const place of places) {
        if (impossible(place, target) !== undefined) continue;
        for (const protocol of ['tcp', 'udp'] as const) {
          const wanted = expected(place, target, variant);
          const cell = { place, expected: wanted, one: variant.affinity };
          const id = `${place.name} ${protocol} ${titleOf(target)} ${variant.name}`;
          yield {
            ...cell,
            to: titleOf(target),
            behind: variant.endpoints,
            settings: settingsOf(variant),
            probe: probeOf(cell, {
              id,
              protocol,
              ...addressOf(target, variant, facts),
              turn: variant.affinity ? `${variant.name} ${protocol}` : undefined,
            }),
          };
        }
      }
}

const plain = { settings: '', one: false };

function* directCells(facts: Facts): Generator<Cell> {
  for (const place of places.filter(({ kind }) => kind !== 'outside'))
    for (const { name } of servers)
      for (const protocol of ['tcp', 'udp'] as const) {
        const cell = { ...plain, place, to: 'pod', behind: name };
        const wanted: Expected = { pods: [name], seen: (pod) => seenDirectly(place, pod) };
        const address = { address: facts.pods.get(name) ?? '', port: ports.answer };
        const id = `${place.name} ${protocol} pod ${name}`;
        yield {
          ...cell,
          expected: wanted,
          probe: probeOf({ ...cell, expected: wanted }, { id, protocol, ...address }),
        };
      }
}

function* hostPortCells(facts: Facts): Generator<Cell> {
  for (const place of places)
    for (const [i, address] of facts.machines.entries())
      for (const protocol of ['tcp', 'udp'] as const) {
        const cell = {
          ...plain,
          place,
          to: `hostPort of ${i + 1}`,
          behind: 's1',
          expected: hostPortExpected(place, i + 1),
        };
        const id = `${place.name} ${protocol} hostPort ${i + 1}`;
        yield { ...cell, probe: probeOf(cell, { id, protocol, address, port: ports.host }) };
      }
}

function* ingressCells(facts: Facts): Generator<Cell> {
  for (const place of places)
    for (const [i, address] of facts.machines.entries())
      for (const behind of Object.keys(endpointSets)) {
        const cell = {
          ...plain,
          place,
          to: `Ingress of ${i + 1}`,
          behind,
          expected: ingressExpected(place, i + 1, behind),
        };
        const id = `${place.name} http Ingress ${i + 1} ${behind}`;
        yield {
          ...cell,
          probe: probeOf(cell, {
            id,
            protocol: 'http',
            address,
            port: 80,
            host: `${behind}.lane`,
            turn: `Ingress ${i}`,
          }),
        };
      }
}

export const cells = (facts: Facts): readonly Cell[] => [
  ...serviceCells(facts),
  ...directCells(facts),
  ...hostPortCells(facts),
  ...ingressCells(facts),
];

/** What no probe can ask, each with its reason. */
export const impossibleCells: readonly string[] = [
  ...new Set(
    places.flatMap((place) =>
      targets.flatMap((target) => {
        const why = impossible(place, target);
        return why === undefined ? [] : [`${place.name} → ${titleOf(target)}: ${why}`];
      }),
    ),
  ),
  'outside → pod: nothing outside of the cluster knows a route to pods',
  'outside → name: cluster DNS answers inside of the cluster',
];

/** The addresses under which the pod may see the place. */
function addressesSeen({ place, expected: { seen } }: Cell, pod: string, facts: Facts): readonly string[] {
  const by = seen(pod);
  if (by === 'own') return [place.kind === 'outside' ? facts.outside : (facts.pods.get(place.name) ?? '')];
  const met = servers.find(({ name }) => name === pod);
  // The bridge's address is the same on every machine, so no other machine may see it.
  return [facts.machines[by - 1] ?? '', ...(met?.machine === by ? [facts.gateway, '127.0.0.1'] : [])];
}

/** What is wrong with what the prober tells; undefined: nothing. */
export function difference(cell: Cell, { answers, failures, slowestMs }: Outcome, facts: Facts): string | undefined {
  const { pods } = cell.expected;
  const met = [...new Set(answers.map(({ pod }) => pod))].sort();
  const told = [met.join('+'), ...new Set(failures)].filter((text) => text !== '').join(', ');
  if (pods.length === 0) {
    const code = cell.probe.protocol === 'http' ? '503' : 'ECONNREFUSED';
    return met.length > 0 || failures.some((failure) => failure !== code) ? `${told}, not refused` : undefined;
  }
  if (failures.length > 0) return `${told}, not ${pods.join('+')}`;
  const missing = cell.one ? met.length !== 1 : met.length < pods.length;
  if (missing || met.some((pod) => !pods.includes(pod)))
    return `${told}, not ${cell.one ? 'one of ' : ''}${pods.join('+')}`;
  const wrong = answers.find(({ pod, peer }) => !addressesSeen(cell, pod, facts).includes(peer));
  if (wrong !== undefined)
    return `${wrong.pod} saw ${wrong.peer}, not ${addressesSeen(cell, wrong.pod, facts).join(' or ')}`;
  return slowestMs > timeoutMs ? `${slowestMs} ms` : undefined;
}
