/** Stops containers with signals of their own, of which containerd knows nothing before 2.1. */
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delay, type Timers } from '../../../base/index.ts';

const realTime = { SIGRTMIN: 34, SIGRTMAX: 64 } as const;

/** The number of a signal as Kubernetes names it: `SIGUSR1`, `SIGRTMIN+3`; undefined: there is none. */
export function signalNumber(name: string): number | undefined {
  const [, end, offset = '0'] = /^(SIGRTMIN|SIGRTMAX)([+-]\d+)?$/.exec(name) ?? [];
  if (end === 'SIGRTMIN' || end === 'SIGRTMAX') return realTime[end] + Number(offset);
  // Of the same number, by another name.
  const usual = name === 'SIGCLD' ? 'SIGCHLD' : name;
  return constants.signals[usual as NodeJS.Signals] as number | undefined;
}

/** How often a process that was told to end is looked for. */
const lookMs = 50;

/** Sends a process of this machine a signal and waits for its end, for `graceMs` at most. */
export async function signalAndWait(
  timers: Timers,
  processId: number,
  { signal, graceMs }: { readonly signal: string; readonly graceMs: number },
): Promise<void> {
  const number = signalNumber(signal);
  if (processId <= 0 || number === undefined) return;
  const place = `/proc/${processId}`;
  try {
    process.kill(processId, number);
  } catch {
    return; // It has ended already.
  }
  for (let waited = 0; waited < graceMs && existsSync(place); waited += lookMs) await delay(timers, lookMs);
}
