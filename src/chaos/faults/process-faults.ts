/** Processes that die or stand still. */
import { readFileSync } from 'node:fs';
import { alive } from '../../main/index.ts';
import type { Victim } from '../targets/troupe-home.ts';
import { type BeginFault, type Effect, type FaultContext, homeOf, once, untilShown, victimOf } from './fault.ts';

/** Sends a signal to a process that may have ended. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** The kernel's letter for the state of a process: `T` stands still; undefined: it is gone. */
function stateOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')[0];
  } catch {
    return undefined;
  }
}

/**
 * Kills a victim's processes and does `then`, which answers the proof. Its keeper stands still until the fault ends:
 * nobody starts it meanwhile.
 */
export async function keepDead(context: FaultContext, victim: Victim, then: () => Promise<string>): Promise<Effect> {
  const { name, pids } = victim;
  const keeper = homeOf(context).keeper(name);
  if (keeper === undefined) throw new Error(`${name} has no keeper that would start it again`);
  const end = (): Promise<undefined> => {
    send(keeper, 'SIGCONT');
    return Promise.resolve(undefined);
  };
  send(keeper, 'SIGSTOP');
  try {
    await untilShown(context, () => stateOf(keeper) === 'T', `${name}'s keeper does not stand still after SIGSTOP`);
    for (const pid of pids) send(pid, 'SIGKILL');
    await untilShown(context, () => !pids.some(alive), `${name} lives on after SIGKILL`);
    return { victim: name, proof: await then(), end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Kills it, and waits until the kernel has no such process any more. */
export const kill: BeginFault = async (context): Promise<Effect> => {
  const { name, pids } = await victimOf(context);
  for (const pid of pids) send(pid, 'SIGKILL');
  await untilShown(context, () => !pids.some(alive), `${name} (pids ${pids.join(', ')}) lives on after SIGKILL`);
  return once(name, `SIGKILL; no process ${pids.join(', ')} any more`);
};

export const freeze: BeginFault = async (context): Promise<Effect> => {
  const { name, pids } = await victimOf(context);
  const goOn = (): Promise<undefined> => {
    for (const pid of pids) send(pid, 'SIGCONT');
    return Promise.resolve(undefined);
  };
  for (const pid of pids) send(pid, 'SIGSTOP');
  try {
    const still = (): boolean => pids.every((pid) => stateOf(pid) === 'T');
    await untilShown(context, still, `${name} does not stand still after SIGSTOP`);
  } catch (error) {
    await goOn();
    throw error;
  }
  return { victim: name, proof: `SIGSTOP; the kernel says that ${pids.join(', ')} stand still`, end: goOn };
};
