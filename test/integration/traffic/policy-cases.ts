/** NetworkPolicies as data: which are in force, and who reaches whom by which port. */

/** A pod of the policy cases; `app: wall` are asked, all others ask. */
export interface Resident {
  readonly name: string;
  readonly namespace: 'walls' | 'guests';
  readonly machine: number;
  readonly role: 'wall' | 'friend' | 'stranger';
}

const resident = (name: string, machine: number, role: Resident['role']): Resident => ({
  name,
  namespace: name.startsWith('guest') ? 'guests' : 'walls',
  machine,
  role,
});
export const residents: readonly Resident[] = [
  resident('wall-1', 1, 'wall'),
  resident('wall-2', 2, 'wall'),
  resident('friend-1', 1, 'friend'),
  resident('stranger-2', 2, 'stranger'),
  resident('guest-1', 1, 'stranger'),
  resident('guest-2', 2, 'friend'),
];

/** The ports of every wall, by name. */
export const wallPorts = { first: 18_081, second: 18_082, third: 18_085 } as const;

export interface Asked {
  /** A resident, or a machine's own programs: `machine-1`. */
  readonly from: string;
  readonly to: 'wall-1' | 'wall-2';
  readonly port: keyof typeof wallPorts;
  readonly protocol: 'tcp' | 'udp';
}

export interface PolicyCase {
  readonly title: string;
  /** Specs of the policies in the namespace `walls`. */
  readonly policies: readonly object[];
  /** Of residents and machines that are not the wall's own, which always reach it. */
  readonly reaches: (asked: Asked) => boolean;
}

const walls = { matchLabels: { role: 'wall' } };
const friends = { podSelector: { matchLabels: { role: 'friend' } } };
const guests = { namespaceSelector: { matchLabels: { team: 'guests' } } };
const ingress = (...rules: readonly object[]): object => ({
  podSelector: walls,
  policyTypes: ['Ingress'],
  ingress: rules,
});
/** Of friend-1, the only friend in the namespace. */
const egress = (...rules: readonly object[]): object => ({ ...friends, policyTypes: ['Egress'], egress: rules });
const isGuest = ({ from }: Asked): boolean => from.startsWith('guest');
const isMachine = ({ from }: Asked): boolean => from.startsWith('machine');
const port = (name: number | string, more: object = {}): object => ({ port: name, protocol: 'TCP', ...more });

/** `addresses`: of residents, by name. */
export const policyCases = (addresses: ReadonlyMap<string, string>): readonly PolicyCase[] => [
  { title: 'none', policies: [], reaches: () => true },
  { title: 'deny all', policies: [ingress()], reaches: () => false },
  {
    title: 'from pods by label',
    policies: [ingress({ from: [friends] })],
    reaches: ({ from }) => from === 'friend-1',
  },
  { title: 'from a namespace', policies: [ingress({ from: [guests] })], reaches: isGuest },
  {
    title: 'from pods of a namespace',
    policies: [ingress({ from: [{ ...guests, ...friends }] })],
    reaches: ({ from }) => from === 'guest-2',
  },
  {
    title: 'two rules, two policies',
    policies: [ingress({ from: [friends] }, { ports: [port(wallPorts.second)] }), ingress({ from: [guests] })],
    reaches: (asked) =>
      asked.from === 'friend-1' || isGuest(asked) || (asked.port === 'second' && asked.protocol === 'tcp'),
  },
  {
    title: 'a port',
    policies: [ingress({ ports: [port(wallPorts.first), port(wallPorts.first, { protocol: 'UDP' })] })],
    reaches: ({ port: to }) => to === 'first',
  },
  {
    title: 'a range of ports',
    policies: [ingress({ ports: [port(wallPorts.second, { endPort: wallPorts.third })] })],
    reaches: ({ port: to, protocol }) => to !== 'first' && protocol === 'tcp',
  },
  {
    title: 'a named port',
    policies: [ingress({ ports: [port('second-udp', { protocol: 'UDP' })], from: [guests] })],
    reaches: (asked) => isGuest(asked) && asked.port === 'second' && asked.protocol === 'udp',
  },
  {
    title: 'a range of addresses but one',
    policies: [
      ingress({ from: [{ ipBlock: { cidr: '10.246.0.0/16', except: [`${addresses.get('friend-1')}/32`] } }] }),
    ],
    reaches: (asked) => !isMachine(asked) && asked.from !== 'friend-1',
  },
  {
    title: 'a machine by its address',
    policies: [ingress({ from: [{ ipBlock: { cidr: `${addresses.get('machine-3')}/32` } }] })],
    reaches: ({ from }) => from === 'machine-3',
  },
  { title: 'nothing leaves', policies: [egress()], reaches: ({ from }) => from !== 'friend-1' },
  {
    title: 'leaves to pods by a named port',
    policies: [egress({ to: [{ podSelector: walls }], ports: [port('first-tcp')] })],
    reaches: ({ from, port: to, protocol }) => from !== 'friend-1' || (to === 'first' && protocol === 'tcp'),
  },
  {
    title: 'leaves to addresses but one',
    policies: [egress({ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: [`${addresses.get('wall-2')}/32`] } }] })],
    reaches: ({ from, to }) => from !== 'friend-1' || to !== 'wall-2',
  },
  {
    title: 'both ends must agree',
    policies: [ingress({ from: [friends, guests] }), egress({ ports: [port(wallPorts.first)] })],
    reaches: (asked) =>
      isGuest(asked) || (asked.from === 'friend-1' && asked.port === 'first' && asked.protocol === 'tcp'),
  },
];
