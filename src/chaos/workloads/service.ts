/** A Service that is asked every 10 ms from the nodes; in the end every ready endpoint must be reached through it. */
import { Agent, request } from 'node:http';
import type { Timer } from '../../base/index.ts';
import { Follower } from '../clients/follower.ts';
import { podViewOf } from './pod-view.ts';
import { soonElsewhere } from './rollout.ts';
import { type EvidenceRow, type Finding, untilTrue, type Workload, type WorkloadContext } from './workload.ts';

const replicas = 3;
const probeMs = 10;
const ingressMs = 50;
const answerMs = 2_000;
/** Requests without an answer yet: what comes beyond is left out. */
const underWayMax = 200;
const readyMs = 120_000;
/** Asked so often, each endpoint of three is met, unless with a chance of 1 in 10^35. */
const lastAsks = 200;

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
      return this.#ready.size === replicas && answers.every(({ ok }) => ok);
    });
    this.#ticks = this.#context.timers.every(probed === 'service' ? probeMs : ingressMs, () => {
      if (this.#underWay < underWayMax) void this.#probe(asked);
    });
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
    const awaited = { what: 'the last answers', withinMs: readyMs };
    await untilTrue(this.#context, awaited, () => this.#underWay === 0);
  }

  counts(): Readonly<Record<string, number>> {
    return { asked: this.#asked, endpoints: this.#ready.size };
  }

  async judge(): Promise<readonly Finding[]> {
    const awaited = { what: 'the endpoints to be ready', withinMs: readyMs };
    await untilTrue(this.#context, awaited, () => this.#ready.size === replicas).catch(() => undefined);
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

const agent = new Agent({ keepAlive: false });

interface Door {
  readonly host: string;
  readonly port: number;
}

/** One request on a connection of its own: each is balanced anew. */
function ask({ host, port }: Door): Promise<{ readonly ok: boolean; readonly text: string }> {
  return new Promise((resolve) => {
    const call = request({ host, port, agent, headers: { host: 'web.chaos.test' } }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => {
        resolve({
          ok: response.statusCode === 200,
          text: response.statusCode === 200 ? text.trim() : `status ${response.statusCode}`,
        });
      });
      response.on('error', (error) => {
        resolve({ ok: false, text: error.message });
      });
    });
    AbortSignal.timeout(answerMs).addEventListener('abort', () => {
      call.destroy(new Error(`no answer within ${answerMs} ms`));
    });
    call.on('error', (error) => {
      resolve({ ok: false, text: error.message });
    });
    call.end();
  });
}

/** Each pod answers with its name. It goes on serving for a moment after it is told to end, as a good server does. */
const program = `mkdir -p /tmp/www; hostname > /tmp/www/index.html; httpd -p 8080 -h /tmp/www
trap 'sleep 2; exit 0' TERM; while :; do sleep 0.2; done`;

const deployment = (name: string, image: string): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
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
            command: ['sh', '-c', program],
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
