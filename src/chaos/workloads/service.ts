/** A Service that is asked every 10 ms from the nodes; in the end every ready endpoint must be reached through it. */
import type { Timer } from '../../base/index.ts';
import { Follower } from '../clients/follower.ts';
import { podViewOf } from './pod-view.ts';
import { soonElsewhere } from './rollout.ts';
import { ask, type Door, lastAsks, webProgram, webReplicas } from './web-server.ts';
import { type EvidenceRow, type Finding, untilTrue, type Workload, type WorkloadContext } from './workload.ts';

const probeMs = 10;
const ingressMs = 50;
/** Requests without an answer yet: what comes beyond is left out. */
const underWayMax = 200;
const readyMs = 120_000;
/** How often it is looked at whether every replica is ready, and how long they may not be. */
const replicasMs = 250;
const replicasToleranceMs = 1_000;

interface WebServiceOptions {
  /** Which way its clients come. */
  readonly probed: 'service' | 'ingress';
  /** Where an Ingress answers, if one does. */
  readonly ingress?: { readonly host: string; readonly port: number } | undefined;
}

interface Service {
  readonly spec: { readonly clusterIP: string };
}

/** A Deployment behind a Service, asked by its address or through an Ingress. */
export class WebService implements Workload {
  readonly #context: WorkloadContext;
  readonly #options: WebServiceOptions;
  readonly #name: string;
  #ticks: Timer | undefined;
  #looks: Timer | undefined;
  #underWay = 0;
  readonly #follower: Follower;
  readonly #ready = new Map<string, string>();
  #address = '';
  #asked = 0;

  constructor(context: WorkloadContext, options: WebServiceOptions) {
    this.#context = context;
    this.#options = options;
    this.#name = `web-${options.probed}`;
    this.#follower = new Follower({
      api: context.api,
      timers: context.timers,
      path: `/api/v1/namespaces/${context.namespace}/pods?labelSelector=chaos%3D${this.#name}`,
      changed: (event) => {
        const { name, available } = podViewOf(event);
        if (available) this.#ready.set(name, name);
        else this.#ready.delete(name);
      },
    });
  }

  async start(): Promise<void> {
    const { probed, ingress: door } = this.#options;
    if (probed === 'ingress' && door === undefined) throw new Error('no Ingress is served here');
    await this.#make();
    await this.#follower.start();
    const awaited = { what: `${this.#name} to answer`, withinMs: readyMs };
    const asked = probed === 'ingress' && door !== undefined ? door : { host: this.#address, port: 80 };
    await untilTrue(this.#context, awaited, async () => {
      const answers = await Promise.all(Array.from({ length: 5 }, () => ask(asked)));
      return this.#ready.size === webReplicas && answers.every(({ ok }) => ok);
    });
    this.#ticks = this.#context.timers.every(probed === 'service' ? probeMs : ingressMs, () => {
      if (this.#underWay < underWayMax) void this.#probe(asked);
    });
    if (probed === 'service') this.#looks = this.#context.timers.every(replicasMs, () => this.#look());
  }

  async #make(): Promise<void> {
    const { api, namespace, image } = this.#context;
    const create = <T>(group: string, what: string, body: object): Promise<T> =>
      api.must<T>({ method: 'POST', path: `${group}/namespaces/${namespace}/${what}`, body });
    await create('/apis/apps/v1', 'deployments', deployment(this.#name, image));
    this.#address = (await create<Service>('/api/v1', 'services', service(this.#name))).spec.clusterIP;
    if (this.#options.probed === 'ingress')
      await create('/apis/networking.k8s.io/v1', 'ingresses', ingress(this.#name));
  }

  async stop(): Promise<void> {
    this.#ticks?.cancel();
    this.#looks?.cancel();
    const awaited = { what: 'the last answers', withinMs: readyMs };
    await untilTrue(this.#context, awaited, () => this.#underWay === 0);
  }

  counts(): Readonly<Record<string, number>> {
    return { asked: this.#asked, endpoints: this.#ready.size };
  }

  async judge(): Promise<readonly Finding[]> {
    const awaited = { what: 'the endpoints to be ready', withinMs: readyMs };
    await untilTrue(this.#context, awaited, () => this.#ready.size === webReplicas).catch(() => undefined);
    const reached = new Map<string, number>();
    let unanswered = 0;
    for (let i = 0; i < lastAsks; i++) {
      const { ok, text } = await ask({ host: this.#address, port: 80 });
      if (ok) reached.set(text, (reached.get(text) ?? 0) + 1);
      else unanswered += 1;
    }
    this.#follower.stop();
    const forgotten = [...this.#ready.keys()].filter((name) => !reached.has(name));
    const evidence = [...this.#ready.keys()].map((name): EvidenceRow => ({
      atMs: this.#context.now(),
      who: name,
      what: `is ready and answered ${reached.get(name) ?? 0} of ${lastAsks} requests to the Service`,
    }));
    return [
      {
        invariant: 'endpoints-reached',
        outcome: forgotten.length > 0 || unanswered > 0 ? 'broken' : 'held',
        detail:
          `${forgotten.length} of ${this.#ready.size} ready endpoints are not reached through the Service, ` +
          `${unanswered} of ${lastAsks} requests in the end were not answered`,
        evidence,
      },
    ];
  }

  #look(): void {
    const now = this.#context.now();
    const probe = this.#context.probes.of('replicas', replicasToleranceMs);
    if (this.#ready.size >= webReplicas) probe.succeeded(now, now);
    else probe.failed(now, `${this.#ready.size} of ${webReplicas} are ready`);
  }

  async #probe(asked: Door): Promise<void> {
    const { now, probes } = this.#context;
    const began = now();
    this.#asked += 1;
    this.#underWay += 1;
    const { ok, text } = await ask(asked);
    this.#underWay -= 1;
    const probe = probes.of(this.#options.probed, 200);
    if (ok) probe.succeeded(began, now());
    else probe.failed(now(), text);
  }
}

const deployment = (name: string, image: string): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: webReplicas,
    selector: { matchLabels: { chaos: name } },
    template: {
      metadata: { labels: { chaos: name } },
      spec: {
        terminationGracePeriodSeconds: 5,
        tolerations: soonElsewhere,
        containers: [
          {
            name: 'c',
            image,
            command: ['sh', '-c', webProgram],
            readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
          },
        ],
      },
    },
  },
});

const service = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { chaos: name }, ports: [{ port: 80, targetPort: 8080 }] },
});

const ingress = (name: string): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name },
  spec: {
    rules: [
      {
        host: 'web.chaos.test',
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { number: 80 } } } }],
        },
      },
    ],
  },
});
