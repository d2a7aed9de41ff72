/** Starts the cluster's processes of this machine and waits until they are ready. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { assert } from '../base/index.ts';
import {
  ensureHomePki,
  firstMember,
  hollowNodes,
  hollowNodesMax,
  type Home,
  lives,
  keepSettings,
  makeHome,
  ownMember,
  planMembers,
  plannedMembers,
  type ProcessNote,
  readNotes,
  saveSettings,
  type Settings,
  wasRemoved,
} from '../main/index.ts';
import { answersReady } from './api-call.ts';
import { requireMachine } from './doctor.ts';
import { keeperPid, startKeptHollowNodes, startKeptMember, startKeptNode, takeRestartMark } from './keeper.ts';
import { Problem } from './problem.ts';

interface UpOptions {
  readonly home: Home;
  readonly settings: Settings;
  /** Absent: as many as the home has, or one. */
  readonly members?: number | undefined;
  /** Processes that answer at the port of the API; absent: as many as the home has, or one. */
  readonly doors?: number | undefined;
  /** Separate node processes; undefined: the member runs the one node itself. */
  readonly nodes: number | undefined;
  /** Nodes without containers, all in one process; absent: none. */
  readonly hollow?: number | undefined;
  readonly say: (text: string) => void;
  /** The problem to report when the API is not ready in time; default: where to look. */
  readonly late?: string | undefined;
}

const readyMs = 60_000;
const membersMax = 5;
/** Each has a copy of the state in memory. */
export const doorsMax = 16;

/** The names of the separate node processes of this machine. */
function nodeNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `node-${i + 1}`);
}

/**
 * Starts the cluster's processes in the background and resolves when the API is ready on every member. Answers the
 * first one.
 */
export async function up(options: UpOptions): Promise<ProcessNote> {
  const { home, say } = options;
  const state = await prepare(options);
  const plan = plannedMembers(home);
  const planned = plan.filter(({ elsewhere }) => elsewhere !== true).map(({ name }) => name);
  const names = planned.length > 0 ? planned : [firstMember];
  if (state === 'new') {
    for (const name of names) takeRestartMark(home, name);
    // A node within a member is the first one's.
    for (const name of names)
      startKeptMember(home, name, { withNode: options.nodes === undefined && name === ownMember(home) });
  } else say('the keeper is already restarting the cluster');
  // Nodes need not wait for this machine's member where they know those of others.
  const atOnce = existsSync(home.natsFile) && plan.some(({ elsewhere }) => elsewhere === true);
  if (atOnce) startNodes(options);
  const [member] = await Promise.all(names.map((name) => untilServing(home, name, options.late)));
  assert(member !== undefined, 'a cluster has a first member');
  if (!atOnce) startNodes(options);
  return member;
}

/** Those that do not run yet. */
function startNodes({ home, nodes = 0, hollow = 0 }: Pick<UpOptions, 'home' | 'nodes' | 'hollow'>): void {
  for (const name of nodeNames(nodes)) {
    if (keeperPid(home, name) === undefined) startKeptNode(home, name);
  }
  if (hollow > 0 && keeperPid(home, hollowNodes) === undefined) startKeptHollowNodes(home, hollow);
}

/**
 * Checks what must hold before a cluster starts, in the background or not: no other cluster in this home, and a machine
 * and a port that fit. Makes the home and keeps the settings there. `recovering`: a keeper is already starting it.
 */
export async function prepare(
  options: Pick<UpOptions, 'home' | 'settings' | 'members' | 'doors' | 'hollow'>,
): Promise<'new' | 'recovering'> {
  const { home, settings, members, doors, hollow = 0 } = options;
  if (members !== undefined && (members % 2 === 0 || members > membersMax))
    throw new Problem(`--members ${members}: expected 1, 3 or 5, so that a majority can decide`);
  if (doors !== undefined && (doors < 1 || doors > doorsMax))
    throw new Problem(`--doors ${doors}: expected 1 to ${doorsMax}, or auto for one a core`);
  if (hollow > hollowNodesMax(settings))
    throw new Problem(
      `--hollow-nodes ${hollow}: ${settings.network.podCidr} has room for ${hollowNodesMax(settings)} nodes; ` +
        'set a wider network.podCidr, such as 10.128.0.0/11, in a new cluster',
    );
  const running = await findRunning(home);
  if (running === 'serving')
    throw new Problem(
      `a cluster is already running from ${home.folder}; ` +
        'use it (`troupe status`), stop it (`troupe down`) or choose another --home',
    );
  if (running === 'recovering') return 'recovering';
  if (wasRemoved(home))
    throw new Problem(
      `${ownMember(home)} was removed from the cluster; ` +
        '`troupe down --purge` removes what is left here, then this machine can join again',
    );
  await requireMachine(settings);
  await checkPort(plannedMembers(home).find(({ name }) => name === ownMember(home))?.apiPort ?? settings.apiPort);
  makeHome(home);
  keepSettings(home, { clusterId: settings.clusterId });
  saveSettings(home, settings);
  const plan = await planMembers(home, settings, { members, doors });
  // Members that start together find the same keys.
  if (plan.length > 1) await ensureHomePki(home, settings);
  return 'new';
}

/**
 * `recovering`: the keeper has restarted the member since the last `up`, or is about to. Whoever killed it and calls
 * `up` wants it back, so that is no error.
 */
async function findRunning(home: Home): Promise<'none' | 'recovering' | 'serving'> {
  if (!existsSync(home.run) || keeperPid(home, ownMember(home)) === undefined) {
    const foreign = readNotes(home).find((note) => note.role === 'member' && lives(note));
    return foreign === undefined ? 'none' : 'serving';
  }
  const note = readNotes(home).find((found) => found.role === 'member' && found.name === ownMember(home));
  const serves = note !== undefined && lives(note) && (await answersReady(home, note.url ?? ''));
  if (takeRestartMark(home, ownMember(home))) return 'recovering';
  return serves ? 'serving' : 'recovering';
}

function checkPort(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      const taken = 'code' in error && error.code === 'EADDRINUSE';
      reject(
        new Problem(
          taken
            ? `port ${port} is in use by another program; choose another port with --api-port`
            : `cannot use port ${port}: ${error.message}`,
        ),
      );
    });
    server.listen(port, () => {
      server.close(() => {
        resolve();
      });
    });
  });
}

/** Resolves when the member's API is ready; rejects with a Problem, saying `late` if it is given. */
export async function untilServing(home: Home, name: string, late?: string): Promise<ProcessNote> {
  const end = performance.now() + readyMs;
  while (performance.now() < end) {
    const note = readNotes(home).find((found) => found.role === 'member' && found.name === name);
    if (note?.url !== undefined && lives(note) && (await answersReady(home, note.url))) return note;
    await new Promise((resolve) => {
      setTimeout(resolve, 25);
    });
    if (performance.now() > end - readyMs + 3_000 && keeperPid(home, name) === undefined) break;
  }
  const [output, log] = [join(home.logs, `${name}.out`), join(home.logs, `${name}.log`)];
  throw new Problem(late ?? `the API did not become ready; see ${output} and ${log}`);
}
