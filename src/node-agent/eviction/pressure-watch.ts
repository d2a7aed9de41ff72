/** Looks how much room the machine has, and ends pods before it suffocates: one at a time. */
import { podGraceSeconds, type Pod } from '../../api/index.ts';
import {
  type Clock,
  delay,
  errorMessage,
  type Logger,
  type Metrics,
  type Timer,
  type Timers,
} from '../../base/index.ts';
import type { Reading } from './machine-room.ts';
import { isRelieved, noPressure, type Pressure, type PressureState, type Shortage, stepPressure } from './pressure.ts';
import { evictionMessage, type PodUse, rankForEviction } from './ranking.ts';
import type { EvictionPolicy, Signal } from './thresholds.ts';

interface PressureWatchOptions {
  readonly policy: EvictionPolicy;
  readonly read: () => Promise<Reading>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** What it acts with, once the node has pods. */
interface EvictionActions {
  /** The pods that may go, with what each was given. */
  readonly candidates: () => readonly Pod[];
  readonly measure: (
    shortage: Shortage,
    at: { readonly pods: readonly Pod[]; readonly separateImages: boolean },
  ) => Promise<ReadonlyMap<string, PodUse>>;
  /** Frees what nobody needs before a pod goes. */
  readonly reclaimDisk: () => Promise<void>;
  readonly evict: (pod: Pod, how: { readonly message: string; readonly graceMs: number }) => void;
  /** Nothing of an evicted pod is left on the node. */
  readonly isGone: (pod: Pod) => Promise<boolean>;
  /** The pressures are others now. */
  readonly changed: (before: readonly Pressure[], now: readonly Pressure[]) => void;
  readonly shortOf: (shortage: Shortage) => void;
}

/** As often as the kubelet's eviction manager looks. */
const periodMs = 10_000;
/** What a pod gets to stop where there is no time (the kubelet's immediateEvictionGracePeriodSeconds). */
export const immediateGraceMs = 1000;
/** The next pod goes when nothing of this one is left, or after this long. */
const cleanUpMsMax = 30_000;
const cleanUpPollMs = 1000;

export class PressureWatch {
  readonly #options: PressureWatchOptions;
  #state: PressureState = noPressure;
  #pressures: readonly Pressure[] = [];
  #timer: Timer | undefined;
  #busy = false;
  #closed = false;

  constructor(options: PressureWatchOptions) {
    this.#options = options;
  }

  /** The node's pressures by the last look. */
  get pressures(): readonly Pressure[] {
    return this.#pressures;
  }

  /** Looks once and acts on nothing, so that the node registers with what is so. */
  async open(): Promise<void> {
    await this.#look().catch((error: unknown) => {
      this.#warn(error);
    });
  }

  /** Looks each period, and acts. */
  start(actions: EvictionActions): void {
    this.#timer = this.#options.timers.every(periodMs, () => {
      if (this.#busy || this.#closed) return;
      this.#busy = true;
      this.#round(actions)
        .catch((error: unknown) => {
          this.#warn(error);
        })
        .finally(() => {
          this.#busy = false;
        });
    });
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #warn(error: unknown): void {
    this.#options.log.warn('failed to look for pressure on the node', { error: errorMessage(error) });
  }

  async #look(): Promise<{ readonly reading: Reading; readonly shortage: Shortage | undefined }> {
    const { policy, read, clock } = this.#options;
    const reading = await read();
    const seen = { observations: reading.observations, now: clock.monotonic() };
    const { state, pressures, shortage } = stepPressure(this.#state, policy, seen);
    this.#state = state;
    this.#pressures = pressures;
    return { reading, shortage };
  }

  async #round(actions: EvictionActions): Promise<void> {
    const before = this.#pressures;
    const { reading, shortage } = await this.#look();
    if (before.join() !== this.#pressures.join()) actions.changed(before, this.#pressures);
    if (shortage === undefined || this.#closed) return;
    actions.shortOf(shortage);
    if (await this.#reclaimed(actions, shortage.threshold.signal, reading)) return;
    await this.#evictOne(actions, shortage, reading);
  }

  /** Whether the node has enough again without the end of a pod. */
  async #reclaimed(actions: EvictionActions, signal: Signal, { separateImages }: Reading): Promise<boolean> {
    if (!signal.startsWith('imagefs') && !(signal.startsWith('nodefs') && !separateImages)) return false;
    await actions.reclaimDisk();
    return isRelieved(this.#options.policy, (await this.#options.read()).observations);
  }

  async #evictOne(actions: EvictionActions, shortage: Shortage, { separateImages }: Reading): Promise<void> {
    const { policy, log, metrics, timers } = this.#options;
    const pods = actions.candidates();
    if (pods.length === 0) return;
    const uses = await actions.measure(shortage, { pods, separateImages });
    const candidates = pods.map((pod) => ({ pod, use: uses.get(pod.metadata.uid ?? '') }));
    const [first] = rankForEviction(shortage.scarce, candidates);
    if (first === undefined || this.#closed) return;
    const { pod } = first;
    const { signal, hard } = shortage.threshold;
    const ownGraceMs = podGraceSeconds(pod) * 1000;
    const graceMs = hard ? immediateGraceMs : Math.min(ownGraceMs, policy.podGraceMsMax);
    const { namespace, name } = pod.metadata;
    log.warn('the node is short of something and ends a pod', { signal, pod: `${namespace}/${name}` });
    metrics.count('troupe_evictions_total', { signal });
    actions.evict(pod, { message: evictionMessage(shortage, first), graceMs });
    for (let waitedMs = 0; waitedMs < cleanUpMsMax && !this.#closed; waitedMs += cleanUpPollMs) {
      if (await actions.isGone(pod)) return;
      await delay(timers, cleanUpPollMs);
    }
  }
}
