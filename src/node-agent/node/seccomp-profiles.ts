/** Seccomp profiles that the administrator put into a folder of the node (the kubelet's seccomp root). */
import { open } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { errorMessage } from '../../base/index.ts';
import { ConfinementError } from '../container/index.ts';

const profileBytesMax = 2 ** 20;

/**
 * The JSON text of the profile that `localhostProfile` names, relative to the folder. Rejects with ConfinementError
 * when it cannot be had: the container must not run without it.
 */
export async function readSeccompProfile(folder: string, name: string): Promise<string> {
  const refused = (why: string): ConfinementError =>
    new ConfinementError('seccomp', `cannot load seccomp profile "${join(folder, name)}": ${why}`);
  if (name === '' || isAbsolute(name) || name.split('/').includes('..'))
    throw new ConfinementError('seccomp', `seccomp profile "${name}" is not a path inside of ${folder}`);
  const text = await readBounded(join(folder, name)).catch((error: unknown) => {
    throw refused(errorMessage(error));
  });
  if (text === undefined) throw refused(`it has more than ${profileBytesMax} bytes`);
  if (!isProfile(text)) throw refused('it is not a JSON object with a defaultAction');
  return text;
}

/** Undefined when it is larger than a profile may be. */
async function readBounded(path: string): Promise<string | undefined> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(profileBytesMax + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      length += bytesRead;
      if (length > profileBytesMax) return undefined;
      if (bytesRead === 0) return buffer.toString('utf8', 0, length);
    }
  } finally {
    await file.close();
  }
}

function isProfile(text: string): boolean {
  try {
    const profile = JSON.parse(text) as { readonly defaultAction?: unknown } | null;
    return typeof profile?.defaultAction === 'string';
  } catch {
    return false;
  }
}
