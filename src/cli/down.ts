/** Stops the cluster's processes of this machine. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  alive,
  type Home,
  lives,
  natsFolders,
  type PlannedMember,
  plannedMembers,
  purge,
  readNotes,
  runsWith,
  type Settings,
} from '../main/index.ts';
import { keeperPid } from './keeper.ts';
import { Problem } from './problem.ts';

interface DownOptions {
  readonly home: Home;
  readonly settings: Settings;
  /** Removes the cluster's data too: the home, and whatever carries its labels in Docker and nftables. */
  readonly purge: boolean;
  /** Leaves the pods' containers running. */
  readonly keepContainers: boolean;
  readonly say: (text: string) => void;
}

/** Longer than a member takes to hand over and finish. */
const stopMs = 25_000;

/**
 * Ends every process of the home: keepers pass SIGTERM on, so that nothing is restarted; what does not go is killed.
 */
export async function down(options: DownOptions): Promise<void> {
  const { home, say } = options;
  for (const names of endingOrder(namesOf(home), plannedMembers(home), options)) await endAll(pidsOf(home, names), say);
  for (const folder of natsFolders(home)) endOrphanedServer(folder);
  if (!options.keepContainers) await purge({ home, settings: options.settings });
  if (options.purge) rmSync(home.folder, { recursive: true, force: true });
}

/**
 * Which processes end together, one group after the other. Where pods run on and other machines have members, agents
 * outlive this machine's member: their nodes are silent for a shorter time, and keep their pods.
 */
export function endingOrder(
  names: readonly string[],
  plan: readonly Pick<PlannedMember, 'name' | 'elsewhere'>[],
  { keepContainers }: Pick<DownOptions, 'keepContainers'>,
): readonly (readonly string[])[] {
  if (!keepContainers || !plan.some(({ elsewhere }) => elsewhere === true)) return [names];
  const [members = [], others = []] = [true, false].map((wanted) =>
    names.filter((name) => plan.some((member) => member.name === name) === wanted),
  );
  return [members, others];
}

/** Of all keepers and processes of the home. */
function namesOf(home: Home): readonly string[] {
  return [...new Set([...keeperNames(home), ...readNotes(home).map(({ name }) => name)])];
}

function pidsOf(home: Home, names: readonly string[]): readonly number[] {
  const keepers = names.flatMap((name) => keeperPid(home, name) ?? []);
  const processes = readNotes(home).filter((note) => names.includes(note.name) && lives(note));
  return [...keepers, ...processes.map(({ pid }) => pid)];
}

async function endAll(pids: readonly number[], say: (text: string) => void): Promise<void> {
  for (const pid of pids) signal(pid, 'SIGTERM');
  if (await gone(pids, stopMs)) return;
  say('some processes did not stop in time; killing them');
  for (const pid of pids) signal(pid, 'SIGKILL');
  if (!(await gone(pids, 5_000))) throw new Problem('cannot kill some processes; see `troupe status`');
}

/**
 * Ends one process of the home with its keeper, if it runs here; one that may end by itself gets `byItselfMs` for it.
 */
export async function endProcess(home: Home, name: string, byItselfMs = 0): Promise<void> {
  const pids = [keeperPid(home, name), readNotes(home).find((note) => note.name === name && lives(note))?.pid].filter(
    (pid) => pid !== undefined,
  );
  if (await gone(pids, byItselfMs)) return;
  for (const pid of pids) signal(pid, 'SIGTERM');
  if (!(await gone(pids, stopMs))) throw new Problem(`${name} did not stop; kill it by hand (pids ${pids.join(', ')})`);
}

/** The nats-server of a member that was killed lives on without it. */
function endOrphanedServer(folder: string): void {
  const file = join(folder, 'nats-server.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8'));
  if (runsWith(pid, join(folder, 'nats-server.conf'))) signal(pid, 'SIGTERM');
  rmSync(file, { force: true });
}

function keeperNames(home: Home): readonly string[] {
  try {
    return readdirSync(home.run).flatMap((file) => /^keeper-(.*)\.pid$/.exec(file)?.[1] ?? []);
  } catch {
    return []; // No run folder: nothing was ever started here.
  }
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function gone(pids: readonly number[], withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    if (!pids.some(alive)) return true;
    await new Promise((resolve) => {
      setTimeout(resolve, 30);
    });
  }
  return false;
}
