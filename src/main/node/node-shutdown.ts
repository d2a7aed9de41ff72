/** The end of a node's pods when its machine goes down: the signal that asks for it, and the note of how far it is. */
import { join } from 'node:path';
import { readFileSync, rmSync } from 'node:fs';
import { errorMessage, type Logger } from '../../base/index.ts';
import { type NodeAgent, shutdownMsMax, shutdownSteps } from '../../node-agent/index.ts';
import { type Home, lives, readNotes, type Settings, writePrivate } from '../process/index.ts';

/** What init tells processes when the power fails; nobody else sends it. */
const signal = 'SIGPWR';

/** What a process notes of it. */
interface ShutdownNote {
  readonly state: 'ending' | 'ended';
  readonly ended: number;
  readonly left: number;
}

const noteFile = (home: Home, node: string): string => join(home.run, `shutdown-${node}.json`);

/** Ends the pods of the node when the process gets the signal; the returned function ends the waiting for it. */
export function serveShutdown(agent: Pick<NodeAgent, 'shutDown'>, home: Home, node: string, log: Logger): () => void {
  const note = (text: ShutdownNote): void => {
    writePrivate(noteFile(home, node), `${JSON.stringify(text)}\n`);
  };
  const begin = (): void => {
    note({ state: 'ending', ended: 0, left: 0 });
    agent
      .shutDown()
      .then((outcome) => {
        note({ state: 'ended', ...outcome });
      })
      .catch((error: unknown) => {
        log.error('failed to end the pods of the node', { error: errorMessage(error) });
      });
  };
  process.on(signal, begin);
  return () => {
    process.off(signal, begin);
  };
}

/** What became of the pods of a node. `undefined`: its process did not say in time. */
interface EndedNode {
  readonly node: string;
  readonly outcome: Pick<ShutdownNote, 'ended' | 'left'> | undefined;
}

/** Longer than the steps themselves: what the engine and the API take. */
const marginMs = 15_000;
const pollMs = 100;

/** Ends the pods of the nodes whose processes run on this machine, and waits for it. */
export async function shutDownNodes(home: Home, settings: Settings): Promise<readonly EndedNode[]> {
  const running = readNotes(home)
    .filter(lives)
    .flatMap(({ role, name, node, pid }) => {
      const own = role === 'node' ? name : node;
      return own === undefined ? [] : [{ node: own, pid }];
    });
  const endsAt = performance.now() + shutdownMsMax(shutdownSteps(settings.node)) + marginMs;
  for (const { node, pid } of running) {
    rmSync(noteFile(home, node), { force: true });
    process.kill(pid, signal);
  }
  return Promise.all(
    running.map(async ({ node }): Promise<EndedNode> => {
      while (performance.now() < endsAt) {
        const note = readNote(home, node);
        if (note?.state === 'ended') return { node, outcome: note };
        await new Promise((resolve) => {
          setTimeout(resolve, pollMs);
        });
      }
      return { node, outcome: undefined };
    }),
  );
}

function readNote(home: Home, node: string): ShutdownNote | undefined {
  try {
    return JSON.parse(readFileSync(noteFile(home, node), 'utf8')) as ShutdownNote;
  } catch {
    return undefined; // Not written yet.
  }
}
