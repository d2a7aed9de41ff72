/** The cluster's DNS server, asked for the address of a Service. */
import { Resolver } from 'node:dns/promises';
import { Clients, untilTrue, type Workload, type WorkloadContext } from './workload.ts';

const askMs = 50;
const answerMs = 2_000;
const readyMs = 60_000;

export class DnsQuestions implements Workload {
  readonly #context: WorkloadContext;
  readonly #clients: Clients;
  readonly #resolver = new Resolver({ timeout: answerMs, tries: 1 });
  #address = '';
  #wrong = 0;

  constructor(context: WorkloadContext, dnsAddress: string) {
    this.#context = context;
    this.#clients = new Clients(context.timers);
    this.#resolver.setServers([dnsAddress]);
  }

  async start(): Promise<void> {
    const { api, namespace, count } = this.#context;
    const path = `/api/v1/namespaces/${namespace}/services`;
    const metadata = { name: 'named' };
    const body = { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 80 }] } };
    const made = await api.must<{ spec: { clusterIP: string } }>({ method: 'POST', path, body });
    this.#address = made.spec.clusterIP;
    const awaited = { what: 'the DNS server to answer', withinMs: readyMs };
    await untilTrue(this.#context, awaited, async () => (await this.#ask()) === this.#address);
    this.#clients.start(count, askMs, () => this.#probe());
  }

  async stop(): Promise<void> {
    await this.#clients.stop();
    this.#resolver.cancel();
  }

  counts(): Readonly<Record<string, number>> {
    return { wrongAnswers: this.#wrong };
  }

  judge(): Promise<readonly []> {
    return Promise.resolve([]);
  }

  async #ask(): Promise<string> {
    const name = `named.${this.#context.namespace}.svc.cluster.local`;
    return this.#resolver.resolve4(name).then(
      ([address = 'no address']) => address,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  }

  async #probe(): Promise<void> {
    const { now, probes } = this.#context;
    const began = now();
    const answer = await this.#ask();
    const probe = probes.of('dns', 500);
    if (answer === this.#address) probe.succeeded(began, now());
    else probe.failed(now(), answer);
    if (/^\d+(\.\d+){3}$/.test(answer) && answer !== this.#address) this.#wrong += 1;
  }
}
