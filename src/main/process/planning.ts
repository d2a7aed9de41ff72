/** Chooses the names and ports of the processes of the control plane that run from one home. */
import { existsSync } from 'node:fs';
import { withOwnPorts } from '../../shards/index.ts';
import { freePort } from '../../platform/index.ts';
import type { Home } from './home.ts';
import { ensureNatsEndpoint } from './nats-file.ts';
import { besides, membersOfMachines, type PlannedMember, plannedMembers, savePlan } from './plan.ts';
import type { Settings } from './settings.ts';
import { StartProblem } from './start-problem.ts';
import { firstMember, storeFolderOf } from './store-folder.ts';

/** How many processes of the control plane a home has; absent: as many as before, or one. */
interface PlannedCounts {
  readonly members?: number | undefined;
  /** Processes that answer at the port of each member of this machine: itself, and replicas beside it. */
  readonly doors?: number | undefined;
}

/**
 * Chooses names and ports and saves them in the home, the same at each start. The first member has the configured
 * ports. An existing cluster keeps its number of members until one is removed for good; the number of doors may change
 * with each start. Empty for a single member with one door. Rejects with StartProblem for another number of members.
 */
export async function planMembers(
  home: Home,
  settings: Settings,
  counts: PlannedCounts = {},
): Promise<readonly PlannedMember[]> {
  const known = plannedMembers(home);
  const members = withOwnPorts(known);
  const doors = counts.doors ?? doorsOf(known);
  if (isOfMachines(settings, members, counts.members)) {
    const { name, role } = members.find(({ elsewhere }) => elsewhere !== true) ?? { name: firstMember };
    const others = members.filter(({ elsewhere }) => elsewhere === true);
    return saved(home, withDoors(membersOfMachines(settings, { name, role }, others), doors));
  }
  const present = countOf(home, members, counts.members);
  if (present === 1 && doors === 1) {
    if (known.length > members.length) savePlan(home, members);
    return [];
  }
  return saved(home, withDoors(await withPorts(home, settings, namesOf(members, present)), doors));
}

function saved(home: Home, plan: readonly PlannedMember[]): readonly PlannedMember[] {
  savePlan(home, plan);
  return plan;
}

/** Each member of this machine has as many. */
function doorsOf(known: readonly PlannedMember[]): number {
  const own = known.find(({ elsewhere }) => elsewhere !== true);
  return own === undefined ? 1 : 1 + besides(known, own.name).length;
}

const isOfMachines = ({ address }: Settings, members: readonly PlannedMember[], wanted: number | undefined): boolean =>
  address !== '' && (wanted ?? 1) === 1 && (members.length === 0 || members.some(({ host }) => host !== undefined));

function countOf(home: Home, members: readonly PlannedMember[], wanted: number | undefined): number {
  const present =
    members.length > 0 ? members.length : existsSync(storeFolderOf(home, firstMember).folder) ? 1 : (wanted ?? 1);
  if (wanted !== undefined && present !== wanted)
    throw new StartProblem(
      `the cluster in ${home.folder} has ${present} member${present === 1 ? '' : 's'}; ` +
        'start it without --members, or start another one in another --home',
    );
  return present;
}

const namesOf = (members: readonly PlannedMember[], present: number): readonly string[] =>
  members.length > 0 ? members.map(({ name }) => name) : Array.from({ length: present }, (_, i) => `member-${i + 1}`);

/** The members on one machine, each with ports that no other has. */
async function withPorts(home: Home, settings: Settings, names: readonly string[]): Promise<readonly PlannedMember[]> {
  const known = plannedMembers(home);
  const endpoint = await ensureNatsEndpoint(home, settings);
  const plan: PlannedMember[] = [];
  for (const name of names) {
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
  return plan;
}

/** Adds the replicas beside each member of this machine. */
function withDoors(plan: readonly PlannedMember[], doors: number): readonly PlannedMember[] {
  const here = plan.filter(({ elsewhere }) => elsewhere !== true);
  const replicas = here.flatMap((member) =>
    Array.from({ length: doors - 1 }, (_, i): PlannedMember => ({
      ...member,
      name: `${member.name}-door-${i + 2}`,
      role: 'replica',
      beside: member.name,
    })),
  );
  return [...here, ...replicas, ...plan.filter(({ elsewhere }) => elsewhere === true)];
}

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
