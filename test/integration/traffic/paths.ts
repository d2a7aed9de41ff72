/**
 * Every path to a pod as data: who asks, what for, who has to answer and under whose address. The expectations are
 * Kubernetes' own (kube-proxy's rules, the pod network's promises). Two differ: what kube-proxy drops, because the
 * policy Local finds no endpoint on the machine, is refused at once here; and a node port at the loopback address,
 * which kube-proxy serves in one of its modes only, leads to the machine's own pods.
 */

/** A place to ask from. `machine`: 0 for the outside. */
export interface Place {
  readonly name: string;
  readonly kind: 'pod' | 'host' | 'outside';
  readonly machine: number;
}

/** A pod that answers. */
export interface Server {
  readonly name: string;
  readonly machine: number;
  readonly hostNetwork: boolean;
  /** It has been told to end and goes on answering. */
  readonly ending: boolean;
}

const server = (name: string, machine: number, more: Partial<Server> = {}): Server => ({
  name,
  machine,
  hostNetwork: false,
  ending: false,
  ...more,
});
export const servers: readonly Server[] = [
  server('s1', 1),
  server('s2', 2),
  server('h2', 2, { hostNetwork: true }),
  server('e1', 1, { ending: true }),
];

/** Pods behind a Service, by the name of the set. */
export const endpointSets: Readonly<Record<string, readonly string[]>> = {
  one: ['s1'],
  two: ['s1', 's2'],
  host: ['h2'],
  none: [],
  ending: ['e1'],
  beside: ['e1', 's2'],
};

/** `caller-…`: a pod that answers nothing. A server asks too, and meets itself behind its own Services. */
export const places: readonly Place[] = [
  ...[1, 2, 3].map((machine) => ({ name: `caller-${machine}`, kind: 'pod' as const, machine })),
  ...[1, 2, 3].map((machine) => ({ name: `machine-${machine}`, kind: 'host' as const, machine })),
  { name: 's1', kind: 'pod', machine: 1 },
  { name: 's2', kind: 'pod', machine: 2 },
  { name: 'outside', kind: 'outside', machine: 0 },
];

/** A Service of the lane, reachable in every way that Services are. */
export interface Variant {
  readonly name: string;
  readonly endpoints: string;
  readonly external: 'Cluster' | 'Local';
  readonly internal: 'Cluster' | 'Local';
  readonly affinity: boolean;
  readonly port: number;
  readonly nodePort: number;
}

const policies = ['Cluster', 'Local'] as const;
export const variants: readonly Variant[] = Object.keys(endpointSets)
  .flatMap((endpoints) =>
    policies.flatMap((external) =>
      policies.flatMap((internal) => [false, true].map((affinity) => ({ endpoints, external, internal, affinity }))),
    ),
  )
  .map((variant, i) => ({ ...variant, name: `v${i}`, port: 9000 + i, nodePort: 30_000 + i }));

/** What is asked for. `machine`: whose address it is, or that the outside sends it to. */
export interface Target {
  readonly type: 'cluster' | 'node' | 'loopback' | 'balancer' | 'external';
  readonly machine: number;
}

const machines = [1, 2, 3];
export const targets: readonly Target[] = [
  { type: 'cluster', machine: 0 },
  ...machines.map((machine) => ({ type: 'node' as const, machine })),
  { type: 'loopback', machine: 0 },
  ...machines.map((machine) => ({ type: 'balancer' as const, machine })),
  ...machines.map((machine) => ({ type: 'external' as const, machine })),
];

/** Why nobody can ask that there; undefined: it can be asked. */
export function impossible(place: Place, target: Target): string | undefined {
  if (target.type === 'loopback' && place.kind === 'pod') return "a pod's loopback is its own";
  if (target.type === 'loopback' && place.kind === 'outside') return 'a loopback address leads to nobody else';
  return undefined;
}

/** Whose address the pod sees: the asker's own, or one of the machine with this number. */
type Seen = 'own' | number;

export interface Expected {
  /** By the pods' names; none: refused at once. */
  readonly pods: readonly string[];
  readonly seen: (pod: string) => Seen;
}

/** Ready ones, or where there are none those that end. */
function serving(of: readonly Server[]): readonly Server[] {
  const ready = of.filter(({ ending }) => !ending);
  return ready.length > 0 ? ready : of;
}

const membersOf = (endpoints: string): readonly Server[] =>
  servers.filter(({ name }) => endpointSets[endpoints]?.includes(name) === true);
const on = (machine: number, of: readonly Server[]): readonly Server[] => of.filter((each) => each.machine === machine);

/** Who answers, and whom they see. */
export function expected(place: Place, target: Target, variant: Variant): Expected {
  const all = membersOf(variant.endpoints);
  const entry = entryOf(place, target);
  // What another machine's processes and pods send to a node comes from outside for that node.
  const outside = entry !== place.machine;
  if (target.type === 'cluster') {
    const pods = serving(variant.internal === 'Local' ? on(entry, all) : all);
    return { pods: names(pods), seen: (pod) => seenInside(place, { entry, pod, masquerade: outside }) };
  }
  if (target.type === 'balancer' && !isListed(target.machine, variant, all)) return refused;
  // An answer to the loopback address cannot come from another machine.
  if (target.type === 'loopback') return { pods: names(serving(on(entry, all))), seen: () => entry };
  const local = variant.external === 'Local';
  const pods = serving(local && outside ? on(entry, all) : all);
  if (local && outside) return { pods: names(pods), seen: () => (place.machine === 0 ? 'own' : place.machine) };
  return { pods: names(pods), seen: (pod) => seenInside(place, { entry, pod, masquerade: !local }) };
}

const names = (of: readonly Server[]): readonly string[] => of.map(({ name }) => name);
const refused: Expected = { pods: [], seen: () => 'own' };

/** The machine whose rules translate the address. */
function entryOf({ machine }: Place, target: Target): number {
  if (target.type === 'node') return target.machine;
  return machine === 0 ? target.machine || 1 : machine;
}

/** A balancer with the policy Local names the machines with ready endpoints only. */
const isListed = (machine: number, { external }: Variant, all: readonly Server[]): boolean =>
  external === 'Cluster' || on(machine, all).some(({ ending }) => !ending);

function seenInside(
  place: Place,
  { entry, pod, masquerade }: { readonly entry: number; readonly pod: string; readonly masquerade: boolean },
): Seen {
  const met = servers.find(({ name }) => name === pod);
  const ownMachine = met?.hostNetwork === true && met.machine === entry;
  // Nothing is masqueraded on its way to a process of the machine itself.
  if (ownMachine) return place.machine === entry || place.kind === 'outside' ? ownOrMachine(place) : place.machine;
  if (place.kind === 'host' || masquerade || pod === place.name || met?.hostNetwork === true) return entry;
  return place.machine === entry ? 'own' : place.machine;
}

const ownOrMachine = (place: Place): Seen => (place.kind === 'host' ? place.machine : 'own');

/** Who answers at a pod's own address or under a name that leads there. */
export function seenDirectly(place: Place, pod: string): Seen {
  if (pod === place.name) return 'own';
  return seenInside(place, { entry: place.machine, pod, masquerade: false });
}

/** Pods under the name of a headless Service: those that are ready. */
export const named = (endpoints: string): readonly string[] =>
  names(membersOf(endpoints).filter(({ ending }) => !ending));

/** A pod's port on its machine, 1. */
export function hostPortExpected(place: Place, machine: number): Expected {
  if (machine !== 1) return refused;
  const own = place.kind === 'outside' ? 'own' : place.machine;
  return { pods: ['s1'], seen: () => own };
}

/** Every node serves Ingresses; the pod reads the client's address in X-Forwarded-For. */
export function ingressExpected(place: Place, machine: number, endpoints: string): Expected {
  const pods = serving(membersOf(endpoints));
  const own = place.kind === 'outside' || (place.kind === 'pod' && place.machine === machine) ? 'own' : place.machine;
  return { pods: names(pods), seen: () => own };
}
