import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsRoutes } from '../bus/index.ts';
import { freePort } from './free-port.ts';
import { type Home, writePrivate } from './home.ts';
import { ensureNatsEndpoint, type NatsEndpoint } from './nats-file.ts';
import type { Settings } from './settings.ts';
import { StartProblem } from './start-problem.ts';
import { firstMember, storeFolderOf } from './store-files.ts';

/** A member of a cluster whose members all run on this machine: its name and its ports. */
export interface PlannedMember {
  readonly name: string;
  readonly apiPort: number;
  /** Where its NATS server listens for clients, and for the other servers. */
  readonly natsPort: number;
  readonly routePort: number;
}

const planFile = (home: Home): string => join(home.run, 'members.json');

/**
 * Chooses names and ports for `count` members and keeps them in the home, the same at each start. The first has the configured
 * ports. A cluster that has begun keeps its number, whatever a flag says, until a member is removed for good; without `count` it
 * has as many as before.
 */
export async function planMembers(home: Home, settings: Settings, count?: number): Promise<readonly PlannedMember[]> {
  const known = plannedMembers(home);
  const present = known.length > 0 ? known.length : existsSync(storeFolderOf(home, firstMember).folder) ? 1 : count ?? 1;
  if (count !== undefined && present !== count) throw new StartProblem(`the cluster in ${home.folder} has ${present} member${present === 1 ? '' : 's'}; start it without --members, or begin another one in another --home`);
  if (present === 1) return [];
  const endpoint = await ensureNatsEndpoint(home, settings);
  const plan: PlannedMember[] = [];
  for (const name of known.length > 0 ? known.map((member) => member.name) : Array.from({ length: present }, (_, i) => `member-${i + 1}`)) {
    const old = known.find((member) => member.name === name);
    const taken = plan.flatMap(({ apiPort, natsPort, routePort }) => [apiPort, natsPort, routePort]);
    const another = async (host: string): Promise<number> => await unusedPort(host, taken);
    plan.push({
      name,
      apiPort: name === firstMember ? settings.apiPort : (old?.apiPort ?? await nextPort(settings.apiPort, taken)),
      natsPort: name === firstMember ? endpoint.port : (old?.natsPort ?? await another(endpoint.host)),
      routePort: old?.routePort ?? await another(endpoint.host),
    });
  }
  writePrivate(planFile(home), `${JSON.stringify(plan)}\n`);
  return plan;
}

/** Leaves out a member that was removed for good: the next start begins without it. */
export function forgetMember(home: Home, name: string): void {
  const left = plannedMembers(home).filter((member) => member.name !== name);
  if (left.length > 0) writePrivate(planFile(home), `${JSON.stringify(left)}\n`);
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

/** The member's own NATS server: where it listens, and the others of the plan. */
export function natsOf(plan: readonly PlannedMember[], member: string, endpoint: NatsEndpoint): { readonly endpoint: NatsEndpoint; readonly routes?: NatsRoutes } {
  const own = plan.find(({ name }) => name === member);
  if (own === undefined) return { endpoint };
  const others = plan.filter(({ name }) => name !== member).map(({ routePort }) => `127.0.0.1:${routePort}`);
  return { endpoint: { ...endpoint, port: own.natsPort }, routes: { name: member, port: own.routePort, others } };
}

/** The next ports after the configured one that are free. */
async function nextPort(after: number, taken: readonly number[]): Promise<number> {
  for (let port = after + 1; port <= 65_535; port++) {
    if (!taken.includes(port) && await freePort('0.0.0.0', port).then(() => true, () => false)) return port;
  }
  throw new StartProblem(`no port above ${after} is free for another member's API; choose another --api-port`);
}

async function unusedPort(host: string, taken: readonly number[]): Promise<number> {
  for (;;) {
    const port = await freePort(host);
    if (!taken.includes(port)) return port;
  }
}
