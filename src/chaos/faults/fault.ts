/** What a fault is: it begins, proves that it took effect, and its end is always undone. */
import { delay, type Timers } from '../../base/index.ts';
import type { ApiClient } from '../clients/api-client.ts';
import type { FaultSpec } from '../scenario/scenario.ts';
import { Impossible, type Target } from '../targets/target.ts';
import type { TroupeHome, Victim } from '../targets/troupe-home.ts';

/** What a fault has at hand. */
export interface FaultContext {
  readonly target: Target;
  readonly api: ApiClient;
  readonly spec: FaultSpec;
  /** Which of the victims: its remainder by their number. */
  readonly pick: number;
  readonly namespace: string;
  readonly timers: Timers;
  /** Ms since the start of the workload. */
  readonly now: () => number;
  /** A pod that the fault takes away, for whoever judges what controllers do. */
  readonly excuse: (pod: string) => void;
}

/** A fault that took effect. */
export interface Effect {
  readonly victim: string;
  /** How it is known that it took effect: one sentence. */
  readonly proof: string;
  /**
   * Undoes it, once, unless that fails; harmless when the victim has died meanwhile. Answers what became known until
   * then; rejects with NotMended when the cluster had to mend it and did not.
   */
  readonly end: () => Promise<string | undefined>;
}

/** There is nothing to strike at this moment, as while members elect a leader; a later try may find something. */
export class NothingToStrike extends Error {
  override readonly name = 'NothingToStrike';
}

/** The fault took effect, and what the cluster should have mended by itself is not mended: it broke its promise. */
export class NotMended extends Error {
  override readonly name = 'NotMended';
}

/** Rejects with Impossible where the cluster or machine does not allow it, else with why it had no effect. */
export type BeginFault = (context: FaultContext) => Promise<Effect>;

/** An effect whose end has nothing to undo: what broke heals by itself. */
export function once(victim: string, proof: string): Effect {
  return { victim, proof, end: () => Promise.resolve(undefined) };
}

/** The home of the cluster; Impossible for one that has none on this machine. */
export function homeOf({ target }: FaultContext): TroupeHome {
  if (target.home !== undefined) return target.home;
  throw new Impossible('the processes of this cluster are out of reach: only its API is known');
}

/** The victim that the scenario asks for, of those that there are. */
export function chosen(victims: readonly Victim[], { spec, pick }: Pick<FaultContext, 'spec' | 'pick'>): Victim {
  const { victim, strikes } = spec;
  const fits = ({ name, leader }: Victim): boolean =>
    victim === 'any' || (victim === 'leader' && leader) || (victim === 'follower' && !leader) || victim === name;
  const fitting = victims
    .filter((each) => each.pids.length > 0 && fits(each))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const found = fitting[pick % Math.max(1, fitting.length)];
  if (found === undefined) throw new NothingToStrike(`there is no ${strikes} (${victim}) to strike just now`);
  return found;
}

/** The process of a member or agent that the fault strikes. */
export async function victimOf(context: FaultContext): Promise<Victim> {
  const { spec, api, target } = context;
  if (target.swarm !== undefined) {
    if (spec.strikes === 'nats-server') throw new Impossible('a Swarm has no nats-server: managers keep its store');
    return chosen(await target.swarm.victims(spec.strikes, api), context);
  }
  if (spec.strikes === 'dockerd' || spec.strikes === 'containerd') return chosen([engineOf(context)], context);
  return chosen(await homeOf(context).victims(spec.strikes, api), context);
}

/** The engine below the nodes of a Troupe cluster, or its containerd. */
function engineOf({ target: { engine, facts }, spec }: FaultContext): Victim {
  if (facts.runtime === 'simulated') throw new Impossible('containers are simulated: no engine runs them');
  if (engine === undefined) throw new Impossible('the Docker engine of this machine serves others too');
  const pid = spec.strikes === 'containerd' ? engine.containerd : engine.pid;
  return { name: spec.strikes, pids: pid === undefined ? [] : [pid], leader: false };
}

const effectMs = 3_000;

/** Waits until the effect shows; rejects with the sentence when it does not within three seconds. */
export async function untilShown(
  { timers, now }: Pick<FaultContext, 'timers' | 'now'>,
  holds: () => boolean,
  otherwise: string,
): Promise<void> {
  const end = now() + effectMs;
  while (!holds()) {
    if (now() > end) throw new Error(otherwise);
    await delay(timers, 10);
  }
}
