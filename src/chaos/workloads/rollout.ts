/** A Deployment that is rolled all the time, with evictions: maxUnavailable and the disruption budget hold. */
import { isRefused } from '../clients/api-client.ts';
import { Follower } from '../clients/follower.ts';
import { Availability } from './availability.ts';
import { podViewOf } from './pod-view.ts';
import { Clients, type Finding, untilTrue, type Workload, type WorkloadContext } from './workload.ts';

const replicas = 4;
const maxUnavailable = 1;
const rollMs = 5_000;
const evictMs = 3_000;
const readyMs = 120_000;
/** Labels of its pods: faults that strike pods find them by it. */
export const rolloutLabel = 'chaos=rollout';

export class Rollout implements Workload {
  readonly #context: WorkloadContext;
  readonly #clients: Clients;
  readonly #rolling: Clients;
  readonly #follower: Follower;
  readonly #pods = new Map<string, string>();
  readonly availability = new Availability(replicas - maxUnavailable);
  #rolled = 0;
  #evicted = 0;
  #refused = 0;

  constructor(context: WorkloadContext) {
    this.#context = context;
    this.#clients = new Clients(context.timers);
    this.#rolling = new Clients(context.timers);
    this.#follower = new Follower({
      api: context.api,
      timers: context.timers,
      path: `/api/v1/namespaces/${context.namespace}/pods?labelSelector=${encodeURIComponent(rolloutLabel)}`,
      changed: (event) => {
        const pod = podViewOf(event);
        if (pod.gone || pod.ending) this.#pods.delete(pod.uid);
        else this.#pods.set(pod.uid, pod.name);
        this.availability.change(pod, context.now());
      },
    });
  }

  async start(): Promise<void> {
    const { api, namespace } = this.#context;
    await api.must({ method: 'POST', path: this.#deployments(), body: this.#deployment() });
    const path = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
    await api.must({ method: 'POST', path, body: budget });
    await this.#follower.start();
    await untilTrue(
      this.#context,
      { what: 'the rollout to be ready', withinMs: readyMs },
      () => this.availability.available === replicas,
    );
    this.availability.settled();
    this.#rolling.start(1, rollMs, () => this.#roll());
    this.#clients.start(1, evictMs, () => this.#evict());
  }

  async stop(): Promise<void> {
    await Promise.all([this.#clients.stop(), this.#rolling.stop()]);
  }

  counts(): Readonly<Record<string, number>> {
    const { fewest } = this.availability;
    return { rolled: this.#rolled, evicted: this.#evicted, evictionsRefused: this.#refused, fewestAvailable: fewest };
  }

  async judge(): Promise<readonly Finding[]> {
    // What does not come to its end is told by `cluster-heals`.
    const awaited = { what: 'the rollout to end', withinMs: readyMs };
    await untilTrue(this.#context, awaited, () => this.availability.available >= replicas).catch(() => undefined);
    this.#follower.stop();
    const evidence = this.availability.evidence();
    const { taken } = this.availability;
    const of = `${taken} available pods were taken away in ${this.#rolled} rollouts and ${this.#evicted} evictions`;
    return (['rollout-bounds', 'budget-held'] as const).map((invariant) => ({
      invariant,
      outcome: evidence.length === 0 ? 'held' : 'broken',
      detail: `${evidence.length} times while too few were left; ${of}`,
      evidence,
    }));
  }

  async #roll(): Promise<void> {
    const { api, now } = this.#context;
    const annotations = { 'chaos/rolled': String(Math.round(now())) };
    const outcome = await api.call({
      method: 'PATCH',
      path: `${this.#deployments()}/rollout`,
      type: 'application/merge-patch+json',
      body: { spec: { template: { metadata: { annotations } } } },
      turn: this.#rolled,
    });
    if (outcome.type === 'answered' && outcome.status === 200) this.#rolled += 1;
  }

  async #evict(): Promise<void> {
    const { api, namespace, random } = this.#context;
    const names = [...this.#pods.values()].sort();
    const name = names[random.below(Math.max(1, names.length))];
    if (name === undefined) return;
    const outcome = await api.call({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/pods/${name}/eviction`,
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } },
    });
    if (outcome.type === 'answered' && outcome.status < 300) this.#evicted += 1;
    else if (outcome.type === 'answered' && isRefused(outcome)) this.#refused += 1;
  }

  #deployments(): string {
    return `/apis/apps/v1/namespaces/${this.#context.namespace}/deployments`;
  }

  #deployment(): object {
    const containers = [{ name: 'c', image: this.#context.image, command: ['sleep', '1000000'] }];
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'rollout' },
      spec: {
        replicas,
        strategy: { rollingUpdate: { maxUnavailable, maxSurge: 1 } },
        selector: { matchLabels: { chaos: 'rollout' } },
        template: {
          metadata: { labels: { chaos: 'rollout' } },
          spec: { terminationGracePeriodSeconds: 0, tolerations: soonElsewhere, containers },
        },
      },
    };
  }
}

/** Pods of a node that is silent go elsewhere soon, not after five minutes. */
export const soonElsewhere = ['not-ready', 'unreachable'].map((what) => ({
  key: `node.kubernetes.io/${what}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 5,
}));

const budget = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'rollout' },
  spec: { minAvailable: replicas - maxUnavailable, selector: { matchLabels: { chaos: 'rollout' } } },
};
