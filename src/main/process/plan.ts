/** The members of the cluster as this home knows them: names, hosts and ports. */
import { joinHostPort } from '../../base/index.ts';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsRoutes, NatsTlsFiles } from '../../bus/index.ts';
import { withOwnPorts } from '../../shards/index.ts';
import { type Home, writePrivate } from './home.ts';
import { type NatsEndpoint, natsPortOf } from './nats-file.ts';
import type { Settings } from './settings.ts';
import { firstMember } from './store-folder.ts';

/** The addresses of a member. All members are on this machine, or each is on a machine of its own. */
export interface PlannedMember {
  readonly name: string;
  /** The address of its machine. Absent: all members are on this one and use loopback. */
  readonly host?: string | undefined;
  /** It runs on another machine. */
  readonly elsewhere?: true;
  readonly apiPort: number;
  /** Of its NATS server, for clients and for the other servers. */
  readonly natsPort: number;
  readonly routePort: number;
  /** A replica never votes. Absent: a member that does. */
  readonly role?: 'replica' | undefined;
  /** Of a replica on the machine of a member: that member, whose ports and NATS server it uses. */
  readonly beside?: string | undefined;
}

/** Which member this is, and with whom. */
export interface Place {
  readonly name: string;
  readonly settings: Settings;
  /** Empty for an only member. */
  readonly plan: readonly PlannedMember[];
}

/** The place's own entry in its plan; undefined for an only member. */
export const entryOf = ({ name, plan }: Pick<Place, 'name' | 'plan'>): PlannedMember | undefined =>
  plan.find((member) => member.name === name);

/** Whether several processes of this machine answer at the place's port. */
export function sharesPort({ name, plan }: Pick<Place, 'name' | 'plan'>): boolean {
  const member = entryOf({ name, plan })?.beside ?? name;
  return besides(plan, member).length > 0;
}

const planFile = (home: Home): string => join(home.run, 'members.json');

/** The members of several machines, as this one knows them; its own first, at the settings' ports. */
export function membersOfMachines(
  settings: Settings,
  own: Pick<PlannedMember, 'name' | 'role'>,
  others: readonly PlannedMember[] = [],
): readonly PlannedMember[] {
  const { apiPort, nats, address } = settings;
  const here: PlannedMember = {
    ...own,
    host: address,
    apiPort,
    natsPort: natsPortOf(settings),
    routePort: nats.routePort,
  };
  return [
    here,
    ...withOwnPorts(others)
      .filter(({ name }) => name !== own.name)
      .map((member): PlannedMember => ({ ...member, elsewhere: true })),
  ];
}

/**
 * The members on one machine without those that were removed: the names in `met`, which were recorded once but no
 * longer are.
 */
export function withoutRemoved(
  plan: readonly PlannedMember[],
  met: ReadonlySet<string>,
  recorded: readonly { readonly name: string }[],
): readonly PlannedMember[] {
  return plan.filter(({ name }) => !met.has(name) || recorded.some((record) => record.name === name));
}

/** Saves the plan for the next start. Returns whether it differs from the saved one. */
export function savePlan(home: Home, plan: readonly PlannedMember[]): boolean {
  const text = `${JSON.stringify(plan)}\n`;
  if (existsSync(planFile(home)) && readFileSync(planFile(home), 'utf8') === text) return false;
  writePrivate(planFile(home), text);
  return true;
}

/** The replicas that share a member's ports. */
export const besides = (plan: readonly PlannedMember[], member: string): readonly PlannedMember[] =>
  plan.filter(({ beside }) => beside === member);

/** Forgets a member that was removed for good, and the replicas beside it, for the next start. */
export function forgetMember(home: Home, name: string): void {
  const left = plannedMembers(home).filter((member) => member.name !== name && member.beside !== name);
  if (left.length > 0) savePlan(home, left);
}

/** The saved plan; empty for a home with a single member. */
export function plannedMembers(home: Home): readonly PlannedMember[] {
  return existsSync(planFile(home)) ? (JSON.parse(readFileSync(planFile(home), 'utf8')) as PlannedMember[]) : [];
}

/** The folder of the configuration and pid of the member's NATS server. */
export function natsFolder(home: Home, member: string): string {
  return member === firstMember ? home.run : join(home.run, member);
}

/** The folders of all NATS servers that may have run here. */
export function natsFolders(home: Home): readonly string[] {
  return [home.run, ...withOwnPorts(plannedMembers(home)).map(({ name }) => natsFolder(home, name))];
}

/** The addresses of the NATS server that the member uses, and of the others. `tls`: for routes between machines. */
export function natsOf(
  plan: readonly PlannedMember[],
  member: string,
  found: { readonly endpoint: NatsEndpoint; readonly tls: NatsTlsFiles },
): { readonly endpoint: NatsEndpoint; readonly routes?: NatsRoutes } {
  const { endpoint, tls } = found;
  const own = entryOf({ name: member, plan });
  if (own === undefined) return { endpoint };
  // Machines may join later where this one has an address; all members of one machine are known from the start.
  if (own.beside !== undefined || (own.host === undefined && withOwnPorts(plan).length === 1))
    return { endpoint: { ...endpoint, port: own.natsPort } };
  const routes = {
    host: own.host ?? loopback,
    port: own.routePort,
    others: routesOf(plan, member),
    tls: own.host === undefined ? undefined : tls,
  };
  return { endpoint: { ...endpoint, port: own.natsPort }, routes };
}

/** The URLs of the members' NATS servers for clients. `host`: of members on this machine. */
export function natsUrls(
  members: readonly Pick<PlannedMember, 'host' | 'natsPort' | 'beside'>[],
  host: string,
): readonly string[] {
  return withOwnPorts(members).map((member) => `nats://${joinHostPort(member.host ?? host, member.natsPort)}`);
}

/** The member that runs from this home; of several on one machine the first. */
export function ownMember(home: Home): string {
  return plannedMembers(home).find(({ elsewhere }) => elsewhere !== true)?.name ?? firstMember;
}

/** The addresses of the other members' NATS servers for this one's, `host:port`. */
export function routesOf(plan: readonly PlannedMember[], member: string): readonly string[] {
  return withOwnPorts(plan)
    .filter(({ name }) => name !== member)
    .map(({ host = loopback, routePort }) => joinHostPort(host, routePort));
}

const loopback = '127.0.0.1';
