/** The members of the cluster as this home knows them: names, hosts and ports. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsRoutes, NatsTlsFiles } from '../../bus/index.ts';
import { freePort } from './free-port.ts';
import { type Home, writePrivate } from './home.ts';
import { ensureNatsEndpoint, type NatsEndpoint, natsPortOf } from './nats-file.ts';
import type { Settings } from './settings.ts';
import { StartProblem } from './start-problem.ts';
import { firstMember, storeFolderOf } from './store-folder.ts';

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
}

/** Which member this is, and with whom. */
export interface Place {
  readonly name: string;
  readonly settings: Settings;
  /** Empty for an only member. */
  readonly plan: readonly PlannedMember[];
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

/**
 * Chooses names and ports for `count` members and saves them in the home, the same at each start. The first has the
 * configured ports. An existing cluster keeps its number of members until one is removed for good; without `count` it
 * has as many as before. Rejects with StartProblem for another number.
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
      `the cluster in ${home.folder} has ${present} member${present === 1 ? '' : 's'}; ` +
        'start it without --members, or start another one in another --home',
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

/** Forgets a member that was removed for good, for the next start. */
export function forgetMember(home: Home, name: string): void {
  const left = plannedMembers(home).filter((member) => member.name !== name);
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
  return [home.run, ...plannedMembers(home).map(({ name }) => natsFolder(home, name))];
}

/** The addresses of the member's NATS server and of the others. `tls`: for routes between machines. */
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
    tls: own.host === undefined ? undefined : tls,
  };
  return { endpoint: { ...endpoint, port: own.natsPort }, routes };
}

/** The URLs of the members' NATS servers for clients. `host`: of members on this machine. */
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

/** The addresses of the other members' NATS servers for this one's, `host:port`. */
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
