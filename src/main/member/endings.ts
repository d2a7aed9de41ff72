/** How a member's process ends for good, and what it tells the operator when it cannot start. */
import type { ActorSystem } from '../../actors/index.ts';
import { errorMessage, type Logger } from '../../base/index.ts';
import { doNotRestart, noteRemoval } from '../join/index.ts';
import { type Home, type Place, removeNote, type Settings, StartProblem } from '../process/index.ts';

interface EndingPorts {
  readonly log: Logger;
  readonly system: ActorSystem;
}

/** Lets the answers that are being written go out. */
const removalMs = 500;

/** Ends the later of two processes of the same name. */
export function endTaken({ log, system }: EndingPorts, error: unknown): void {
  log.error('another process runs this member', { error: errorMessage(error) });
  process.stderr.write(`troupe: ${errorMessage(error)}\n`);
  end(system);
}

/** Ends the process of a member that was removed from the cluster. */
export function endRemoved(home: Home, { name, plan }: Place, { log, system }: EndingPorts): void {
  log.error('this member was removed from the cluster; stopping');
  if (plan.some(({ host }) => host !== undefined)) noteRemoval(home);
  removeNote(home, { role: 'member', name });
  setTimeout(() => {
    end(system);
  }, removalMs);
}

/** With its nats-server: while that ran, it would stay in the others' cluster of servers. */
function end(system: ActorSystem): void {
  void system.stop().finally(() => {
    process.exit(doNotRestart);
  });
}

/** The error as a StartProblem, which says what to do, where an operator can mend it; otherwise as it is. */
export function startProblemOf(error: unknown, { apiPort }: Settings): unknown {
  const codes = [error, error instanceof Error ? error.cause : undefined].map((found) =>
    found instanceof Error && 'code' in found ? found.code : undefined,
  );
  if (codes.includes('EADDRINUSE'))
    return new StartProblem(`port ${apiPort} is in use by another program; choose another port with --api-port`);
  if (codes.includes('EACCES'))
    return new StartProblem(`port ${apiPort} needs root; choose a port above 1023 with --api-port`);
  if ((codes.includes('in-use') || codes.includes('newer-format')) && error instanceof Error)
    return new StartProblem(error.message);
  return error;
}
