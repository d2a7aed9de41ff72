/** The order in which waiting pods are tried. */
import type { PodInfo } from './pod-info.ts';

/** A pod that waits for a node. */
export interface WaitingPod {
  readonly info: PodInfo;
  /** Tries so far. */
  readonly attempts: number;
  /** When it first waited, in ms: among equal priorities the oldest is first. */
  readonly since: number;
  /** Not before this time. */
  readonly notBefore: number;
  /** The filters that rejected it last; empty: not tried yet. */
  readonly filters: ReadonlySet<string>;
}

/** First and longest pause between two tries of a pod, as kube-scheduler's pod backoff. */
const backoffMs = 1_000;
const backoffMsMax = 10_000;
/** A pod that nothing woke is tried again after this long. */
const unschedulableMsMax = 5 * 60_000;

/**
 * Pods without a node: ready ones are tried by priority, then by age; those that were rejected are parked until
 * something changes that could help them, and never wait less than their pause.
 */
export class SchedulingQueue {
  /** Pods to try now, in the heap; a heap entry that is no longer its pod's is passed over. */
  readonly #ready = new Map<string, WaitingPod>();
  readonly #heap: WaitingPod[] = [];
  /** Pods to try after their pause. */
  readonly #pausing = new Map<string, WaitingPod>();
  readonly #parked = new Map<string, WaitingPod & { readonly parkedAt: number }>();

  get ready(): number {
    return this.#ready.size;
  }

  get waiting(): number {
    return this.#ready.size + this.#pausing.size + this.#parked.size;
  }

  get(uid: string): WaitingPod | undefined {
    return this.#ready.get(uid) ?? this.#pausing.get(uid) ?? this.#parked.get(uid);
  }

  /** A new pod, or a new version whose wish has changed: it is tried (again). */
  put(info: PodInfo, now: number): void {
    const known = this.get(info.uid);
    this.remove(info.uid);
    this.#activate(
      {
        info,
        attempts: known?.attempts ?? 0,
        since: known?.since ?? now,
        notBefore: known?.notBefore ?? 0,
        filters: new Set(),
      },
      now,
    );
  }

  /** A new version of a known pod with the same wish: it stays where it is. */
  refresh(info: PodInfo): void {
    const { uid } = info;
    const ready = this.#ready.get(uid);
    if (ready !== undefined) {
      const next = { ...ready, info };
      this.#ready.set(uid, next);
      pushHeap(this.#heap, next);
    }
    const pausing = this.#pausing.get(uid);
    if (pausing !== undefined) this.#pausing.set(uid, { ...pausing, info });
    const parked = this.#parked.get(uid);
    if (parked !== undefined) this.#parked.set(uid, { ...parked, info });
  }

  remove(uid: string): void {
    this.#ready.delete(uid);
    this.#pausing.delete(uid);
    this.#parked.delete(uid);
  }

  /** The next pod to try; it is out of the queue then. */
  pop(): WaitingPod | undefined {
    for (let next = popHeap(this.#heap); next !== undefined; next = popHeap(this.#heap)) {
      if (this.#ready.get(next.info.uid) !== next) continue;
      this.#ready.delete(next.info.uid);
      return next;
    }
    return undefined;
  }

  /** Puts a pod aside that found no node. */
  park(waiting: WaitingPod, filters: ReadonlySet<string>, now: number): void {
    this.#parked.set(waiting.info.uid, { ...paused(waiting, now), filters, parkedAt: now });
  }

  /** The same of one for which something is being made: it is tried without a pause once that is there. */
  parkUntried(waiting: WaitingPod, filters: ReadonlySet<string>, now: number): void {
    this.#parked.set(waiting.info.uid, { ...waiting, filters, parkedAt: now });
  }

  /** Tries a pod again after its pause (its binding failed). */
  retry(waiting: WaitingPod, now: number): void {
    this.#activate(paused(waiting, now), now);
  }

  /** Something changed that may help pods which one of these filters rejected (`all`: any pod). */
  wake(filters: readonly string[] | 'all', now: number): void {
    for (const [uid, waiting] of this.#parked) {
      if (filters !== 'all' && waiting.filters.size > 0 && !filters.some((filter) => waiting.filters.has(filter)))
        continue;
      this.#parked.delete(uid);
      this.#activate(waiting, now);
    }
  }

  /**
   * Moves pods whose pause is over (or that have been parked for very long) to the ready ones. Answers when to look
   * next, in ms.
   */
  flush(now: number): number | undefined {
    let next: number | undefined;
    const look = (at: number): void => {
      next = Math.min(next ?? Number.POSITIVE_INFINITY, at - now);
    };
    for (const [uid, waiting] of this.#parked) {
      if (now - waiting.parkedAt < unschedulableMsMax) look(waiting.parkedAt + unschedulableMsMax);
      else {
        this.#parked.delete(uid);
        this.#activate(waiting, now);
      }
    }
    for (const [uid, waiting] of this.#pausing) {
      if (waiting.notBefore > now) look(waiting.notBefore);
      else {
        this.#pausing.delete(uid);
        this.#activate(waiting, now);
      }
    }
    return this.#ready.size > 0 ? 0 : next;
  }

  #activate(waiting: WaitingPod, now: number): void {
    if (waiting.notBefore > now) {
      this.#pausing.set(waiting.info.uid, waiting);
      return;
    }
    this.#ready.set(waiting.info.uid, waiting);
    pushHeap(this.#heap, waiting);
  }
}

function paused(waiting: WaitingPod, now: number): WaitingPod {
  const attempts = waiting.attempts + 1;
  return { ...waiting, attempts, notBefore: now + Math.min(backoffMs * 2 ** (attempts - 1), backoffMsMax) };
}

function before(a: WaitingPod, b: WaitingPod): boolean {
  return a.info.priority !== b.info.priority ? a.info.priority > b.info.priority : a.since < b.since;
}

function pushHeap(heap: WaitingPod[], item: WaitingPod): void {
  let index = heap.push(item) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent] as WaitingPod;
    if (!before(item, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = item;
}

function popHeap(heap: WaitingPod[]): WaitingPod | undefined {
  const [top] = heap;
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return top;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1] as WaitingPod, heap[child] as WaitingPod)) child += 1;
    if (!before(heap[child] as WaitingPod, last)) break;
    heap[index] = heap[child] as WaitingPod;
    index = child;
  }
  heap[index] = last;
  return top;
}
