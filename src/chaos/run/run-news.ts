/** What a run tells those who look at its cluster: an annotation of its namespace, which the dashboard shows. */
import type { ApiClient } from '../clients/api-client.ts';
import type { Probes } from '../probes/probe.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { FaultMoment, FaultRecord } from './fault-runner.ts';

const annotation = 'troupe.dev/chaos-run';
/** It must cost the cluster next to nothing. */
const everyMs = 2_000;
const faultsMax = 12;
const complaintsMax = 4;
const answerMs = 2_000;

interface NewsOptions {
  readonly api: Pick<ApiClient, 'call'>;
  readonly namespace: string;
  readonly scenario: Pick<Scenario, 'name' | 'summary' | 'durationMs'>;
  readonly now: () => number;
}

export class RunNews {
  readonly #options: NewsOptions;
  /** The latest last. */
  readonly #faults = new Map<number, object>();
  #busy = false;
  #toldAt = -Infinity;

  constructor(options: NewsOptions) {
    this.#options = options;
  }

  fault({ id, spec, victim, beganMs, endedMs, proof }: FaultRecord, moment: FaultMoment): void {
    this.#faults.delete(id);
    this.#faults.set(id, {
      id,
      spec,
      victim,
      beganMs,
      endedMs: moment === 'began' ? undefined : endedMs,
      moment,
      proof,
    });
  }

  /** Tells it, unless it has just been told; what a sick cluster does not take is told later. */
  async tell(fromMs: number, probes: Probes, complaints: readonly string[]): Promise<void> {
    const { api, namespace, now, scenario } = this.#options;
    if (this.#busy || now() - this.#toldAt < everyMs) return;
    this.#busy = true;
    this.#toldAt = now();
    const { name, summary, durationMs } = scenario;
    const run = {
      format: 1,
      ...{ name, summary, durationMs },
      atMs: Math.round(now() - fromMs),
      faults: [...this.#faults.values()].slice(-faultsMax),
      probes: probes.all.map(({ name: probe, attempts, failures }) => ({ name: probe, attempts, failures })),
      complaints: complaints.slice(0, complaintsMax),
    };
    await api.call({
      method: 'PATCH',
      path: `/api/v1/namespaces/${namespace}`,
      type: 'application/merge-patch+json',
      body: { metadata: { annotations: { [annotation]: JSON.stringify(run) } } },
      timeoutMs: answerMs,
    });
    this.#busy = false;
  }
}
