/** Clients of the NATS door: requests, and a cache that follows the changes to the end. */
import { type Client, connect, kinds } from '../../client/index.ts';
import { Clients, type EvidenceRow, type Finding, untilTrue, type Workload, type WorkloadContext } from './workload.ts';

const pauseMs = 50;
const answerMs = 5_000;
const catchUpMs = 30_000;

export class NatsClients implements Workload {
  readonly #context: WorkloadContext;
  readonly #file: string;
  readonly #clients: Clients;
  #client: Client | undefined;
  #informer: ReturnType<Client['informer']> | undefined;
  /** Name and version of each create that was acknowledged. */
  readonly #acknowledged = new Map<string, number>();
  #failed = 0;

  constructor(context: WorkloadContext, natsFile: string) {
    this.#context = context;
    this.#file = natsFile;
    this.#clients = new Clients(context.timers);
  }

  async start(): Promise<void> {
    const { namespace, count } = this.#context;
    this.#client = await connect({ file: this.#file, deadlineMs: answerMs, name: 'troupe-chaos' });
    this.#informer = this.#client.informer(kinds.secrets, { namespace });
    await this.#informer.synced;
    this.#clients.start(count, pauseMs, (client, turn) => this.#create(`asked-${client}-${turn}`));
  }

  stop(): Promise<void> {
    return this.#clients.stop();
  }

  counts(): Readonly<Record<string, number>> {
    return { acknowledged: this.#acknowledged.size, failed: this.#failed };
  }

  async judge(): Promise<readonly Finding[]> {
    const awaited = { what: 'the cache to catch up', withinMs: catchUpMs };
    await untilTrue(this.#context, awaited, () => this.#missing().length === 0).catch(() => undefined);
    const missing = this.#missing();
    this.#informer?.close();
    await this.#client?.close();
    return [
      {
        invariant: 'feed-complete',
        outcome: missing.length === 0 ? 'held' : 'broken',
        detail: `${missing.length} of ${this.#acknowledged.size} acknowledged creates never came to the cache`,
        evidence: missing.slice(0, 20).map(([name, atMs]): EvidenceRow => ({
          atMs,
          who: name,
          what: 'was acknowledged over NATS, and never came',
        })),
      },
    ];
  }

  #missing(): readonly (readonly [string, number])[] {
    const { namespace } = this.#context;
    return [...this.#acknowledged].filter(([name]) => this.#informer?.get(name, namespace) === undefined);
  }

  async #create(name: string): Promise<void> {
    const { namespace, now, probes } = this.#context;
    const began = now();
    const probe = probes.of('nats', 500);
    try {
      await this.#client?.of(kinds.secrets, namespace).create({ metadata: { name } });
      this.#acknowledged.set(name, now());
      probe.succeeded(began, now());
    } catch (error) {
      this.#failed += 1;
      probe.failed(now(), error instanceof Error ? error.message : String(error));
    }
  }
}
