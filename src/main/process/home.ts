/** The home: the files of one cluster on this machine, and the notes of its running processes. */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface Home {
  readonly folder: string;
  readonly kubeconfig: string;
  /** With several members: the API of each as a context. */
  readonly kubeconfigAll: string;
  readonly natsFile: string;
  readonly configFile: string;
  readonly pki: string;
  readonly data: string;
  readonly run: string;
  readonly logs: string;
}

export function homeAt(folder: string): Home {
  return {
    folder,
    kubeconfig: join(folder, 'kubeconfig'),
    kubeconfigAll: join(folder, 'kubeconfig-all'),
    natsFile: join(folder, 'nats.json'),
    configFile: join(folder, 'config.yaml'),
    pki: join(folder, 'pki'),
    data: join(folder, 'data'),
    run: join(folder, 'run'),
    logs: join(folder, 'logs'),
  };
}

/** Makes the folders, for the owner only. */
export function makeHome(home: Home): void {
  mkdirSync(home.folder, { recursive: true, mode: 0o700 });
  for (const folder of [home.pki, home.data, home.run, home.logs]) mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/**
 * Replaces the file atomically, with mode 0600; durable when it returns. It is synced before it gets its name: the name
 * alone may survive a power loss, and would lead to an empty file.
 */
export function writePrivate(file: string, text: string): void {
  // The pid, since several processes may write the same file at the same time.
  const fresh = `${file}.${process.pid}.new`;
  writeFileSync(fresh, text, { mode: 0o600, flush: true });
  chmodSync(fresh, 0o600);
  renameSync(fresh, file);
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** A file in run/ by which `status`, `down` and a restart find the process. */
export interface ProcessNote {
  readonly role: 'member' | 'node' | 'hollow-nodes';
  readonly name: string;
  readonly pid: number;
  /** Members: the API's address. */
  readonly url?: string | undefined;
  /** Members that run an agent in the same process: the node's name. */
  readonly node?: string | undefined;
  readonly startedAt: string;
  /** When the kernel started the process: tells it from a later one with the same pid. */
  readonly born?: string | undefined;
}

const noteFile = (home: Home, note: { readonly role: string; readonly name: string }): string =>
  join(home.run, `${note.role}-${note.name}.json`);

export function writeNote(home: Home, note: ProcessNote): void {
  writePrivate(noteFile(home, note), `${JSON.stringify({ ...note, born: bornOf(note.pid) })}\n`);
}

export function removeNote(home: Home, note: { readonly role: string; readonly name: string }): void {
  rmSync(noteFile(home, note), { force: true });
}

/** The notes of all processes, alive or not. */
export function readNotes(home: Home): readonly ProcessNote[] {
  if (!existsSync(home.run)) return [];
  return readdirSync(home.run)
    .filter((file) => /^(member|node)-.*\.json$/.test(file))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(home.run, file), 'utf8')) as ProcessNote);
}

/** Whether a process lives (a zombie does not). */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Whether a process of that pid lives and has the file among its arguments, by any path. */
export function runsWith(pid: number, file: string): boolean {
  if (!Number.isInteger(pid) || pid <= 1 || !alive(pid)) return false;
  const own = realPath(file);
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .some((word) => basename(word) === basename(file) && realPath(word) === own);
  } catch {
    return false; // It has ended meanwhile.
  }
}

function realPath(file: string): string {
  return existsSync(file) ? realpathSync(file) : file;
}

/** Whether the process that wrote the note lives, and not a later one with the same pid. */
export function lives({ pid, born }: ProcessNote): boolean {
  return alive(pid) && (born === undefined || born === bornOf(pid));
}

/** The boot of the machine, and the ticks from there to the start of the process; undefined: no such process. */
function bornOf(pid: number): string | undefined {
  try {
    // The name, in brackets, may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[startTimeField] ?? ''}`;
  } catch {
    return undefined;
  }
}

/** Of the fields after the name (proc(5): the 22nd of all). */
const startTimeField = 19;
