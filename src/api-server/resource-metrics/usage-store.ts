/** The latest usage report of each node. */
import type { MeasuredUsage, PodUsage, UsageReport } from '../../protocol/index.ts';

interface Kept {
  readonly until: number;
  readonly node: MeasuredUsage | undefined;
  readonly pods: ReadonlyMap<string, PodUsage>;
}

/** Periods that a node may miss before what it said last counts no more. */
const missedPeriodsMax = 3;

/** The latest report of each node. Times are monotonic ms. */
export class UsageStore {
  /** The one that was heard of longest ago comes first. */
  readonly #reports = new Map<string, Kept>();

  take(node: string, report: UsageReport, now: number): void {
    this.#reports.delete(node);
    this.#reports.set(node, {
      until: now + missedPeriodsMax * report.periodMs,
      node: report.node,
      pods: new Map(report.pods.map((pod) => [pod.uid, pod])),
    });
    for (const [name, { until }] of this.#reports) {
      if (until > now) break;
      this.#reports.delete(name);
    }
  }

  node(name: string, now: number): MeasuredUsage | undefined {
    return this.#fresh(name, now)?.node;
  }

  /** Only the node that a pod is bound to can say anything of it. */
  pod(nodeName: string, uid: string, now: number): PodUsage | undefined {
    return this.#fresh(nodeName, now)?.pods.get(uid);
  }

  #fresh(name: string, now: number): Kept | undefined {
    const kept = this.#reports.get(name);
    return kept === undefined || kept.until <= now ? undefined : kept;
  }
}
