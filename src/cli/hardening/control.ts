/** What a control of the benchmark is. */
import type { ExaminedCluster } from './examined-cluster.ts';
import type { Verdict } from './verdict.ts';

/** One control of the CIS Kubernetes Benchmark; the titles are ours. */
export interface Control {
  readonly id: string;
  readonly title: string;
  readonly check: (cluster: ExaminedCluster) => Verdict | Promise<Verdict>;
}

/** A control about something that Troupe does not have. */
export const without = (reason: string) => (): Verdict => ({ state: 'not applicable', detail: reason });

/** A control that only people can judge. */
export const judgedByPeople = (reason: string) => (): Verdict => ({ state: 'manual', detail: reason });

/** A control that no setting can break. */
export const builtIn = (detail: string) => (): Verdict => ({ state: 'pass', detail: `built in: ${detail}` });
