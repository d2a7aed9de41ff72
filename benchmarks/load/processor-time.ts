/** Reads the processor time of processes from /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second (USER_HZ), which Linux has fixed for what it tells programs. */
const ticksPerSecond = 100;

interface ProcessTimes {
  readonly name: string;
  readonly parent: number;
  /** Its own and that of its ended children, in ms. */
  readonly usedMs: number;
}

function processes(): ReadonlyMap<number, ProcessTimes> {
  const found = new Map<number, ProcessTimes>();
  for (const id of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    let text: string;
    try {
      text = readFileSync(`/proc/${id}/stat`, 'utf8');
    } catch {
      continue; // The process has gone meanwhile.
    }
    const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ticks = [11, 12, 13, 14].reduce((sum, i) => sum + (fields[i] ?? 0), 0);
    found.set(Number(id), { name, parent: fields[1] ?? 0, usedMs: (ticks * 1000) / ticksPerSecond });
  }
  return found;
}

/**
 * What the container engine of this machine has used: the daemons, their shims, and the short-lived programs of both.
 */
export function engineTime(): number {
  return [...processes().values()]
    .filter(({ name }) => name === 'dockerd' || name.startsWith('containerd'))
    .reduce((sum, { usedMs }) => sum + usedMs, 0);
}

/** What a process and all below it have used. */
export function treeTime(root: number): number {
  const all = processes();
  const below = (id: number): boolean => id === root || (id > 1 && below(all.get(id)?.parent ?? 0));
  return [...all].filter(([id]) => below(id)).reduce((sum, [, { usedMs }]) => sum + usedMs, 0);
}
