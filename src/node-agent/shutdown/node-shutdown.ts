/** Ends the node's pods before its machine goes down: step by step, the least important first. */
import type { Pod } from '../../api/index.ts';
import { type Clock, delay, type Logger, type Timers } from '../../base/index.ts';
import { graceMsOf, shutdownGroups, shutdownMsMax, type ShutdownStep } from './shutdown-plan.ts';

interface NodeShutdownPorts {
  readonly steps: readonly ShutdownStep[];
  /** The pods that have not ended. */
  readonly pods: () => readonly Pod[];
  readonly endPod: (
    pod: Pod,
    why: { readonly reason: string; readonly message: string; readonly graceMs: number },
  ) => void;
  /** The node goes down: it is not ready any more, and takes no pods. */
  readonly begins: () => void;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

export interface ShutdownOutcome {
  readonly ended: number;
  /** Pods that still ran when the time of their step was up. */
  readonly left: number;
}

const pollMs = 100;
/** What the engine needs to kill a pod whose time is up. */
const killMs = 2000;

/** What the API shows of pods that end so (the kubelet's texts). */
const reason = 'Terminated';
const message = 'Pod was terminated in response to imminent node shutdown.';

/** Resolves when all pods have ended, or the time is up. It happens once: a later call gets the same outcome. */
export function nodeShutdown(ports: NodeShutdownPorts): () => Promise<ShutdownOutcome> {
  let running: Promise<ShutdownOutcome> | undefined;
  return () => {
    running ??= shutDown(ports);
    return running;
  };
}

async function shutDown(ports: NodeShutdownPorts): Promise<ShutdownOutcome> {
  const { steps, pods, log, begins } = ports;
  const before = pods();
  log.warn('the machine goes down: the node ends its pods', { pods: before.length, withinMs: shutdownMsMax(steps) });
  begins();
  for (const group of shutdownGroups(steps, before)) {
    for (const pod of group.pods) ports.endPod(pod, { reason, message, graceMs: graceMsOf(group.step, pod) });
    await ended(ports, group.pods, group.step.graceMs + killMs);
  }
  const left = pods().length;
  log.info('the pods of the node have ended', { ended: before.length - left, left });
  return { ended: before.length - left, left };
}

/** The next step begins as soon as this one is done. */
async function ended(
  { pods, clock, timers }: NodeShutdownPorts,
  awaited: readonly Pod[],
  withinMs: number,
): Promise<void> {
  const uids = new Set(awaited.map(({ metadata }) => metadata.uid));
  const end = clock.monotonic() + withinMs;
  while (clock.monotonic() < end && pods().some(({ metadata }) => uids.has(metadata.uid))) await delay(timers, pollMs);
}
