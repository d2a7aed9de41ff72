import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsRoutes, NatsTlsFiles } from '../../bus/index.ts';
import { freePort } from './free-port.ts';
import { type Home, writePrivate } from './home.ts';
import { ensureNatsEndpoint, type NatsEndpoint, natsPortOf } from './nats-file.ts';
import type { Settings } from './settings.ts';
import { StartProblem } from './start-problem.ts';
import { firstMember, storeFolderOf } from './store-folder.ts';

/** A member as the others reach it: all on this machine, or each on a machine of its own. */
export interface PlannedMember {
  readonly name: string;
  /** The address of its machine. Absent: the members are all on this one, and meet on loopback. */
  readonly host?: string;
  /** It runs on another machine. */
  readonly elsewhere?: true;
  readonly apiPort: number;
  /** Where its NATS server listens for clients, and for the other servers. */
  readonly natsPort: number;
  readonly routePort: number;
}

const planFile = (home: Home): string => join(home.run, 'members.json');

/** The members of several machines, as this one knows them; its own first, at the settings' ports. */
export function membersOfMachines(
  settings: Settings,
  own: string,
  others: readonly PlannedMember[] = [],
): readonly PlannedMember[] {
  const { apiPort, nats, address } = settings;
  const here: PlannedMember = {
    name: own,
    host: address,
    apiPort,
    natsPort: natsPortOf(settings),
    routePort: nats.routePort,
  };
  return [
    here,
    ...others.filter(({ name }) => name !== own).map((member): PlannedMember => ({ ...member, elsewhere: true })),
  ];
}

/**
 * The members on one machine without those that were removed: `met`, who were recorded among the members once, and are
 * no more.
 */
export function withoutRemoved(
  plan: readonly PlannedMember[],
  met: ReadonlySet<string>,
  recorded: readonly { readonly name: string }[],
): readonly PlannedMember[] {
  return plan.filter(({ name }) => !met.has(name) || recorded.some((record) => record.name === name));
}

/** Keeps what is known of the members for the next start. Answers whether it is news. */
export function savePlan(home: Home, plan: readonly PlannedMember[]): boolean {
  const text = `${JSON.stringify(plan)}\n`;
  if (existsSync(planFile(home)) && readFileSync(planFile(home), 'utf8') === text) return false;
  writePrivate(planFile(home), text);
  return true;
}

/**
 * Chooses names and ports for `count` members and keeps them in the home, the same at each start. The first has the
 * configured ports. A cluster that has begun keeps its number, whatever a flag says, until a member is removed for
 * good; without `count` it has as many as before.
 */
export async function planMembers(home: Home, settings: Settings, count?: number): Promise<readonly PlannedMember[]> {
  const known = plannedMembers(home);
  if (
    settings.address !== '' &&
    (count ?? 1) === 1 &&
    (known.length === 0 || known.some(({ host }) => host !== undefined))
  ) {
    const plan = membersOfMachines(
      settings,
      known.find(({ elsewhere }) => elsewhere !== true)?.name ?? firstMember,
      known.filter(({ elsewhere }) => elsewhere === true),
    );
    savePlan(home, plan);
    return plan;
  }
  const present =
    known.length > 0 ? known.length : existsSync(storeFolderOf(home, firstMember).folder) ? 1 : (count ?? 1);
  if (count !== undefined && present !== count)
    throw new StartProblem(
      `the cluster in ${home.folder} has ${present} member${present === 1 ? '' : 's'}; start it without --members, or begin another one in another --home`,
    );
  if (present === 1) return [];
  const endpoint = await ensureNatsEndpoint(home, settings);
  const plan: PlannedMember[] = [];
  for (const name of known.length > 0
    ? known.map((member) => member.name)
    : Array.from({ length: present }, (_, i) => `member-${i + 1}`)) {
    const old = known.find((member) => member.name === name);
    const taken = plan.flatMap(({ apiPort, natsPort, routePort }) => [apiPort, natsPort, routePort]);
    const another = async (host: string): Promise<number> => await unusedPort(host, taken);
    plan.push({
      name,
      apiPort: name === firstMember ? settings.apiPort : (old?.apiPort ?? (await nextPort(settings.apiPort, taken))),
      natsPort: name === firstMember ? endpoint.port : (old?.natsPort ?? (await another(endpoint.host))),
      routePort: old?.routePort ?? (await another(endpoint.host)),
    });
  }
  savePlan(home, plan);
  return plan;
}

/** Leaves out a member that was removed for good: the next start begins without it. */
export function forgetMember(home: Home, name: string): void {
  const left = plannedMembers(home).filter((member) => member.name !== name);
  if (left.length > 0) savePlan(home, left);
}

/** What was planned; nothing for a home with a single member. */
export function plannedMembers(home: Home): readonly PlannedMember[] {
  return existsSync(planFile(home)) ? (JSON.parse(readFileSync(planFile(home), 'utf8')) as PlannedMember[]) : [];
}

/** Where the member's NATS server keeps its configuration and pid. */
export function natsFolder(home: Home, member: string): string {
  return member === firstMember ? home.run : join(home.run, member);
}

/** The folders of all servers that may have run here. */
export function natsFolders(home: Home): readonly string[] {
  return [home.run, ...plannedMembers(home).map(({ name }) => natsFolder(home, name))];
}

/** The member's own NATS server: where it listens, and the others of the plan. `tls`: of routes between machines. */
export function natsOf(
  plan: readonly PlannedMember[],
  member: string,
  found: { readonly endpoint: NatsEndpoint; readonly tls: NatsTlsFiles },
): { readonly endpoint: NatsEndpoint; readonly routes?: NatsRoutes } {
  const { endpoint, tls } = found;
  const own = plan.find(({ name }) => name === member);
  if (own === undefined) return { endpoint };
  const routes = {
    host: own.host ?? loopback,
    port: own.routePort,
    others: routesOf(plan, member),
    ...(own.host === undefined ? {} : { tls }),
  };
  return { endpoint: { ...endpoint, port: own.natsPort }, routes };
}

/** Where clients reach the members' NATS servers. `host`: of members on this machine. */
export function natsUrls(
  members: readonly Pick<PlannedMember, 'host' | 'natsPort'>[],
  host: string,
): readonly string[] {
  return members.map((member) => `nats://${member.host ?? host}:${member.natsPort}`);
}

/** The member that runs from this home; of several on one machine the first. */
export function ownMember(home: Home): string {
  return plannedMembers(home).find(({ elsewhere }) => elsewhere !== true)?.name ?? firstMember;
}

/** Where the other members' NATS servers listen for this one's. */
export function routesOf(plan: readonly PlannedMember[], member: string): readonly string[] {
  return plan.filter(({ name }) => name !== member).map(({ host = loopback, routePort }) => `${host}:${routePort}`);
}

const loopback = '127.0.0.1';

/** The next ports after the configured one that are free. */
async function nextPort(after: number, taken: readonly number[]): Promise<number> {
  for (let port = after + 1; port <= 65_535; port++) {
    if (
      !taken.includes(port) &&
      (await freePort('0.0.0.0', port).then(
        () => true,
        () => false,
      ))
    )
      return port;
  }
  throw new StartProblem(`no port above ${after} is free for another member's API; choose another --api-port`);
}

async function unusedPort(host: string, taken: readonly number[]): Promise<number> {
  for (;;) {
    const port = await freePort(host);
    if (!taken.includes(port)) return port;
  }
}
