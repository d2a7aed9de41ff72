/** Counts the outcomes of probes. */
import type { ProbeKind } from './probe-state.ts';

/** Whose probe it was. */
interface ProbedContainer {
  readonly podUid: string;
  readonly container: string;
}

interface ProbeCount extends ProbedContainer {
  readonly kind: ProbeKind;
  readonly passed: number;
  readonly failed: number;
}

/** Since the agent started. What belongs to a pod goes with it. */
export class ProbeTally {
  readonly #pods = new Map<string, Map<string, ProbeCount>>();

  note({ podUid, container }: ProbedContainer, kind: ProbeKind, passed: boolean): void {
    const counts = this.#pods.get(podUid) ?? new Map<string, ProbeCount>();
    this.#pods.set(podUid, counts);
    const key = `${container}/${kind}`;
    const before = counts.get(key) ?? { podUid, container, kind, passed: 0, failed: 0 };
    counts.set(key, passed ? { ...before, passed: before.passed + 1 } : { ...before, failed: before.failed + 1 });
  }

  forget(podUid: string): void {
    this.#pods.delete(podUid);
  }

  counts(): readonly ProbeCount[] {
    return [...this.#pods.values()].flatMap((counts) => [...counts.values()]);
  }
}
