/** Creates that were acknowledged: none may be lost, none may be there twice. */
import { Clients, type EvidenceRow, type Finding, type Workload, type WorkloadContext } from './workload.ts';

/** What the client was told of one create. */
interface Told {
  readonly atMs: number;
  readonly answer: string;
  readonly acknowledged: boolean;
}

const objectsMax = 20_000;
const evidenceMax = 20;

export class Creates implements Workload {
  readonly #context: WorkloadContext;
  readonly #clients: Clients;
  readonly #told = new Map<string, Told>();

  constructor(context: WorkloadContext) {
    this.#context = context;
    this.#clients = new Clients(context.timers);
  }

  start(): Promise<void> {
    const { count, durationMs } = this.#context;
    const pauseMs = Math.max(20, (durationMs * count) / objectsMax);
    this.#clients.start(count, pauseMs, (client, turn) => this.#create(`${client}-${turn}`, client + turn));
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return this.#clients.stop();
  }

  counts(): Readonly<Record<string, number>> {
    const acknowledged = [...this.#told.values()].filter((told) => told.acknowledged).length;
    return { acknowledged, unknown: this.#told.size - acknowledged };
  }

  async judge(): Promise<readonly Finding[]> {
    const found = new Map<string, number>();
    for (const id of await this.#context.objects.created()) found.set(id, (found.get(id) ?? 0) + 1);
    const lost = [...this.#told].filter(([id, { acknowledged }]) => acknowledged && !found.has(id));
    const twice = [...this.#told].filter(([id]) => (found.get(id) ?? 0) > 1);
    const { acknowledged, unknown } = this.counts();
    const of = `of ${acknowledged} acknowledged creates (${unknown} unknown)`;
    return [
      {
        invariant: 'nothing-lost',
        outcome: lost.length === 0 ? 'held' : 'broken',
        detail: `${lost.length} are lost ${of}`,
        evidence: evidenceOf(lost, 'is not in the list'),
      },
      {
        invariant: 'nothing-twice',
        outcome: twice.length === 0 ? 'held' : 'broken',
        detail: `${twice.length} are there more than once ${of}`,
        evidence: evidenceOf(twice, 'is in the list more than once'),
      },
    ];
  }

  async #create(id: string, turn: number): Promise<void> {
    const { objects, now, probes, ledger } = this.#context;
    const began = now();
    const answer = await objects.create(id, turn);
    const probe = probes.of('writes', 500);
    if (answer.type === 'done') {
      probe.succeeded(began, now());
      const { name, version } = answer.value;
      ledger.add({ atMs: now(), name, version });
      this.#told.set(id, { atMs: now(), answer: `${name} at version ${version ?? 'unknown'}`, acknowledged: true });
      return;
    }
    const why = answer.type === 'conflict' ? 'conflict' : answer.why;
    probe.failed(now(), why);
    if (answer.type === 'unknown') this.#told.set(id, { atMs: now(), answer: why, acknowledged: false });
  }
}

function evidenceOf(found: readonly (readonly [string, Told])[], what: string): readonly EvidenceRow[] {
  return found.slice(0, evidenceMax).map(([id, { atMs, answer }]) => ({
    atMs,
    who: `create ${id}`,
    what: `was answered: ${answer}; ${what}`,
  }));
}
