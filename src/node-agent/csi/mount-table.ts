/** The mount table of this process' machine. */
import { readFile } from 'node:fs/promises';

/** One line of /proc/self/mountinfo (proc(5)). */
interface Mount {
  readonly path: string;
  /** Whether mounts below it reach other mount namespaces. */
  readonly shared: boolean;
}

const unescaped = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

/** In the order of mounting. */
export function parseMountInfo(text: string): readonly Mount[] {
  return text
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields.length > 6)
    .map((fields) => ({
      path: unescaped(fields[4] ?? ''),
      shared: fields.slice(6, fields.indexOf('-')).some((option) => option.startsWith('shared:')),
    }));
}

export const readMounts = async (): Promise<readonly Mount[]> =>
  parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'));

export const isMounted = async (path: string): Promise<boolean> =>
  (await readMounts()).some((mount) => mount.path === path);
