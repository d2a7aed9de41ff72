/** How many pods of a set are available at each moment, and who took one away when too few were left. */
import type { EvidenceRow } from './workload.ts';
import type { PodView } from './pod-view.ts';

/** A pod that was available when somebody asked for its end, and how many that left. */
interface Taken {
  readonly atMs: number;
  readonly pod: string;
  readonly left: number;
  readonly availableForMs: number;
}

/**
 * A controller decides on what it saw a moment ago: a pod that fell ill or got well within this time may be unknown to
 * it. Kubernetes promises no more.
 */
const staleMs = 5_000;
/** Deletions that neither maxUnavailable nor a budget bounds: of a node that is sick, of a lower priority. */
const unbounded = ['DeletionByTaintManager', 'DeletionByPodGC', 'PreemptionByScheduler', 'TerminationByKubelet'];

/**
 * Pure: fed with pods in the order of the store's versions. `least` pods must be left when a pod that is available is
 * deleted, unless there were more than that within the last five seconds, it became available within them, the operator
 * deleted it, or its node was sick.
 */
export class Availability {
  readonly #least: number;
  readonly #pods = new Map<string, PodView>();
  /** By uid, of those that are available now. */
  readonly #since = new Map<string, number>();
  /** Until when more than `least` were available. */
  #amplyUntilMs = -Infinity;
  #fewest = Infinity;
  readonly #violations: Taken[] = [];
  readonly #excused = new Set<string>();
  taken = 0;

  constructor(least: number) {
    this.#least = least;
  }

  get available(): number {
    return [...this.#pods.values()].filter((pod) => pod.available).length;
  }

  /** The fewest since `settled` was first called. */
  get fewest(): number {
    return this.#fewest;
  }

  /** A pod that the operator deletes: no controller's doing. */
  excuse(pod: string): void {
    this.#excused.add(pod);
  }

  change(pod: PodView, atMs: number): void {
    const before = this.#pods.get(pod.uid);
    if (this.available > this.#least) this.#amplyUntilMs = atMs;
    if (pod.gone) this.#pods.delete(pod.uid);
    else this.#pods.set(pod.uid, pod);
    const { available } = this;
    this.#fewest = Math.min(this.#fewest, available);
    if (unbounded.includes(pod.disruption)) this.#excused.add(pod.name);
    if (before?.available === true && (pod.ending || pod.gone))
      this.#take({ pod: pod.name, atMs, left: available, availableForMs: atMs - (this.#since.get(pod.uid) ?? 0) });
    if (!pod.available) this.#since.delete(pod.uid);
    else if (!this.#since.has(pod.uid)) this.#since.set(pod.uid, atMs);
  }

  /** Counts from here on: the set is complete. */
  settled(): void {
    this.#fewest = this.available;
  }

  evidence(): readonly EvidenceRow[] {
    return this.#violations.map(({ atMs, pod, left, availableForMs }) => ({
      atMs,
      who: pod,
      what:
        `was deleted when it had been available for ${Math.round(availableForMs / 1_000)} s; ` +
        `${left} were left, and ${this.#least} must be`,
    }));
  }

  #take(taken: Taken): void {
    this.taken += 1;
    const { atMs, pod, left, availableForMs } = taken;
    if (left >= this.#least || this.#excused.has(pod)) return;
    if (atMs - this.#amplyUntilMs <= staleMs || availableForMs <= staleMs) return;
    this.#violations.push(taken);
  }
}
