/** All processes of a Docker engine of the run's own: what it starts, and its containers. */
import { readdirSync, readFileSync, readlinkSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const groups = '/sys/fs/cgroup';
const engines = /^(dockerd|containerd|runc)/;

interface EngineMarks {
  /** Where its engine has its files: in the command lines of the engine, containerd and shims. */
  readonly folder: string;
  /** The control group of its containers, of this name only. */
  readonly group: string;
  /** The file of its network namespace, if it has one of its own. */
  readonly space: string | undefined;
}

/** Their ids, as the kernel lists them. */
export function processesOf({ folder, group, space }: EngineMarks): readonly number[] {
  const network = space === undefined ? undefined : inodeOf(space);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      const inNetwork = network !== undefined && linkOf(`/proc/${pid}/ns/net`) === `net:[${network}]`;
      const ofEngine = engines.test(read(`/proc/${pid}/comm`)) && read(`/proc/${pid}/cmdline`).includes(folder);
      return inNetwork || ofEngine || read(`/proc/${pid}/cgroup`).includes(`/${group}/`);
    })
    .map(Number);
}

/** Removes the control groups that dead containers have left. */
export function removeGroups(name: string): void {
  for (const controller of readdirSync(groups)) removeGroup(join(groups, controller, name));
  removeGroup(join(groups, name));
}

function removeGroup(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) removeGroup(join(folder, entry.name));
    rmdirSync(folder);
  } catch {
    // There is none of this controller, or the kernel has not let go of it.
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}

function inodeOf(file: string): number | undefined {
  try {
    return statSync(file).ino;
  } catch {
    return undefined;
  }
}
