/** Creates that were acknowledged: none may be lost, none may be there twice. */
import { Clients, type EvidenceRow, type Finding, type Workload, type WorkloadContext } from './workload.ts';

interface ConfigMap {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly data?: { readonly id?: string };
}

interface Page {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly ConfigMap[];
}

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
    for (const id of await this.#listed()) found.set(id, (found.get(id) ?? 0) + 1);
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

  /** The name is the server's: a create that was carried out twice shows as two objects of one id. */
  async #create(id: string, turn: number): Promise<void> {
    const { api, now, probes, ledger } = this.#context;
    const began = now();
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'created-' }, data: { id } };
    const outcome = await api.call({ method: 'POST', path: this.#path(), body, turn });
    const probe = probes.of('writes', 500);
    if (outcome.type === 'answered' && outcome.status === 201) {
      probe.succeeded(began, now());
      const { name, resourceVersion } = (JSON.parse(outcome.text) as ConfigMap).metadata;
      ledger.add({ atMs: now(), name, resourceVersion });
      const answer = `${name} at version ${resourceVersion}`;
      this.#told.set(id, { atMs: now(), answer, acknowledged: true });
      return;
    }
    const why = outcome.type === 'answered' ? `status ${outcome.status}` : outcome.why;
    probe.failed(now(), why);
    if (outcome.type === 'unknown') this.#told.set(id, { atMs: now(), answer: why, acknowledged: false });
  }

  async #listed(): Promise<readonly string[]> {
    const ids: string[] = [];
    let next = '';
    do {
      const query = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
      const page = await this.#context.api.must<Page>({ path: `${this.#path()}?limit=500${query}`, timeoutMs: 30_000 });
      for (const { data } of page.items) if (data?.id !== undefined) ids.push(data.id);
      next = page.metadata.continue ?? '';
    } while (next !== '');
    return ids;
  }

  #path(): string {
    return `/api/v1/namespaces/${this.#context.namespace}/configmaps`;
  }
}

function evidenceOf(found: readonly (readonly [string, Told])[], what: string): readonly EvidenceRow[] {
  return found.slice(0, evidenceMax).map(([id, { atMs, answer }]) => ({
    atMs,
    who: `create ${id}`,
    what: `was answered: ${answer}; ${what}`,
  }));
}
