/** Jobs of a few completions each: as many pods succeed as were asked for, and the status says just that. */
import { Follower } from '../clients/follower.ts';
import { podViewOf } from './pod-view.ts';
import { Clients, type EvidenceRow, type Finding, untilTrue, type Workload, type WorkloadContext } from './workload.ts';

interface Job {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly succeeded?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

const completions = 3;
const startMs = 6_000;
const endMs = 120_000;

export class Jobs implements Workload {
  readonly #context: WorkloadContext;
  readonly #clients: Clients;
  readonly #follower: Follower;
  /** By job: the pods that were seen to succeed. */
  readonly #succeeded = new Map<string, Set<string>>();
  #made = 0;
  #complete = 0;

  constructor(context: WorkloadContext) {
    this.#context = context;
    this.#clients = new Clients(context.timers);
    this.#follower = new Follower({
      api: context.api,
      timers: context.timers,
      path: `/api/v1/namespaces/${context.namespace}/pods?labelSelector=chaos%3Djob`,
      changed: (event) => {
        const { labels, uid, succeeded } = podViewOf(event);
        const job = labels['batch.kubernetes.io/job-name'] ?? '';
        if (succeeded) this.#succeeded.set(job, (this.#succeeded.get(job) ?? new Set()).add(uid));
      },
    });
  }

  async start(): Promise<void> {
    await this.#follower.start();
    this.#clients.start(this.#context.count, startMs, (client, turn) => this.#make(`job-${client}-${turn}`));
  }

  stop(): Promise<void> {
    return this.#clients.stop();
  }

  counts(): Readonly<Record<string, number>> {
    return { made: this.#made, complete: this.#complete };
  }

  async judge(): Promise<readonly Finding[]> {
    let jobs: readonly Job[] = [];
    const awaited = { what: 'the Jobs to complete', withinMs: endMs };
    await untilTrue(this.#context, awaited, async () => {
      jobs = await this.#list();
      return jobs.every(isComplete);
    }).catch(() => undefined);
    this.#follower.stop();
    this.#complete = jobs.filter(isComplete).length;
    const wrong = jobs.flatMap((job) => this.#wrong(job));
    return [
      {
        invariant: 'completions-exact',
        outcome: wrong.length === 0 ? 'held' : 'broken',
        detail: `${wrong.length} of ${jobs.length} Jobs did not end with exactly ${completions} completions`,
        evidence: wrong,
      },
    ];
  }

  #wrong(job: Job): readonly EvidenceRow[] {
    const { name } = job.metadata;
    const [counted, seen] = [job.status?.succeeded ?? 0, this.#succeeded.get(name)?.size ?? 0];
    if (isComplete(job) && counted === completions && seen === completions) return [];
    const state = isComplete(job) ? 'complete' : 'not complete';
    const what = `${state}; counted are ${counted}, seen to succeed ${seen}, asked for ${completions}`;
    return [{ atMs: this.#context.now(), who: `job ${name}`, what }];
  }

  async #make(name: string): Promise<void> {
    const { api, image } = this.#context;
    const containers = [{ name: 'c', image, command: ['sleep', '0.3'] }];
    const outcome = await api.call({
      method: 'POST',
      path: this.#path(),
      body: {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name },
        spec: {
          completions,
          parallelism: 2,
          backoffLimit: 20,
          template: { metadata: { labels: { chaos: 'job' } }, spec: { restartPolicy: 'Never', containers } },
        },
      },
    });
    if (outcome.type === 'answered' && outcome.status === 201) this.#made += 1;
  }

  async #list(): Promise<readonly Job[]> {
    return (await this.#context.api.must<{ readonly items: readonly Job[] }>({ path: this.#path() })).items;
  }

  #path(): string {
    return `/apis/batch/v1/namespaces/${this.#context.namespace}/jobs`;
  }
}

const isComplete = ({ status }: Job): boolean =>
  status?.conditions?.some((condition) => condition.type === 'Complete' && condition.status === 'True') === true;
