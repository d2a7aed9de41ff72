/** Starts the agent of a node that joined a cluster on other machines. */
import { join } from 'node:path';
import { type Home, lives, readNotes } from '../main/index.ts';
import { keeperPid, startKeptNode } from './keeper.ts';
import { Problem } from './problem.ts';

const readyMs = 60_000;

/**
 * Starts it under a keeper and resolves when it has found its cluster. Rejects with a Problem when it is already
 * running.
 */
export async function startJoinedNode(home: Home, name: string): Promise<void> {
  if (keeperPid(home, name) !== undefined || noteOf(home, name) !== undefined)
    throw new Problem(`the agent of node ${name} is already running; see \`troupe logs --home ${home.folder}\``);
  startKeptNode(home, name);
  for (const end = performance.now() + readyMs; performance.now() < end;) {
    if (noteOf(home, name) !== undefined) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  throw new Problem(
    `the agent of node ${name} found no member of its cluster within ${readyMs / 1000} s; ` +
      `it keeps trying: see ${join(home.logs, `${name}.log`)}`,
  );
}

/** The agent's note, which it writes once it is connected. */
function noteOf(home: Home, name: string): object | undefined {
  return readNotes(home).find((note) => note.role === 'node' && note.name === name && lives(note));
}
