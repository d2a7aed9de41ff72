/** The ids of users that pods with a user namespace of their own have on the machine. */
import type { UserRange } from '../runtime/index.ts';

/** As the user namespace manager of a kubelet gives them: as many for each pod, after those of the machine itself. */
const idsOfPod = 65_536;
/** The kernel's ids have 32 bits, and the last one stands for none. */
const rangesMax = 2 ** 16 - 2;

/** One range of ids for each pod that asks, out of as many as the node takes pods. */
export class UserRanges {
  readonly #count: number;
  /** By pod: the number of its range, the first one being 1. */
  readonly #byPod = new Map<string, number>();

  constructor(podsMax: number) {
    this.#count = Math.min(podsMax, rangesMax);
  }

  /** The pod's range, the same at each call until released; undefined when none is free. */
  acquire(podUid: string): UserRange | undefined {
    const known = this.heldBy(podUid);
    if (known !== undefined) return known;
    const taken = new Set(this.#byPod.values());
    for (let number = 1; number <= this.#count; number++) {
      if (taken.has(number)) continue;
      this.#byPod.set(podUid, number);
      return rangeOf(number);
    }
    return undefined;
  }

  heldBy(podUid: string): UserRange | undefined {
    const number = this.#byPod.get(podUid);
    return number === undefined ? undefined : rangeOf(number);
  }

  /** The range that a sandbox of the pod was made with; what is none is passed over. */
  reserve(podUid: string, firstId: number): void {
    const number = firstId / idsOfPod;
    if (Number.isSafeInteger(number) && number >= 1 && number <= rangesMax) this.#byPod.set(podUid, number);
  }

  release(podUid: string): void {
    this.#byPod.delete(podUid);
  }
}

const rangeOf = (number: number): UserRange => ({ firstId: number * idsOfPod, length: idsOfPod });
