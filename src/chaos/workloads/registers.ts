/** ConfigMaps as registers: clients read them and compare-and-set them; the history must be linearisable. */
import { checkLinearisable, type KeyAction, keyModel, type Operation } from '../../histories/index.ts';
import { isRefused } from '../clients/api-client.ts';
import { Clients, type EvidenceRow, type Finding, type Workload, type WorkloadContext } from './workload.ts';

interface ConfigMap {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly data: { readonly value: string };
}

interface Recorded extends Operation<KeyAction> {
  readonly atMs: number;
  readonly client: number;
}

const clientsEach = 3;
const historyMax = 40_000;
const evidenceAround = 6;

export class Registers implements Workload {
  readonly #context: WorkloadContext;
  readonly #clients: Clients;
  /** By register. */
  readonly #histories: Recorded[][];
  /** Orders calls and returns: this process does one thing at a time. */
  #moment = 0;
  #unknown = 0;

  constructor(context: WorkloadContext) {
    this.#context = context;
    this.#clients = new Clients(context.timers);
    this.#histories = Array.from({ length: context.count }, () => []);
  }

  async start(): Promise<void> {
    const { api, count, durationMs } = this.#context;
    for (let i = 0; i < count; i++) {
      const made = await api.must<ConfigMap>({ method: 'POST', path: this.#path(), body: this.#body(i, 'first') });
      this.#record(i, { calledAt: ++this.#moment, client: -1 }, written(i, { value: 'first' }, made));
    }
    const pauseMs = Math.max(15, (durationMs * clientsEach) / historyMax);
    this.#clients.start(count * clientsEach, pauseMs, (client, turn) => this.#act(client, turn));
  }

  stop(): Promise<void> {
    return this.#clients.stop();
  }

  counts(): Readonly<Record<string, number>> {
    const operations = this.#histories.reduce((sum, history) => sum + history.length, 0);
    return { operations, unknown: this.#unknown };
  }

  judge(): Promise<readonly Finding[]> {
    const verdicts = this.#histories.map((history) => checkLinearisable(keyModel, history));
    const broken = verdicts.findIndex(({ linearisable }) => linearisable === false);
    const { operations, unknown } = this.counts();
    const { length } = this.#histories;
    const detail = `${operations} reads and compare-and-sets of ${length} registers, ${unknown} unknown`;
    if (broken >= 0) return Promise.resolve([this.#broken(broken, verdicts[broken], detail)]);
    const undecided = verdicts.some(({ linearisable }) => linearisable === 'undecided');
    return Promise.resolve([{ invariant: 'linearisable', outcome: undecided ? 'undecided' : 'held', detail }]);
  }

  #broken(register: number, verdict: unknown, detail: string): Finding {
    const { stuck = 0 } = verdict as { readonly stuck?: number };
    const history = this.#histories[register] ?? [];
    const near = history.slice(Math.max(0, stuck - evidenceAround), stuck + evidenceAround);
    const evidence = near.map((each): EvidenceRow => {
      const mark = each === history[stuck] ? '▶ ' : '';
      const known = each.returnedAt === undefined ? ', outcome unknown' : '';
      return { atMs: each.atMs, who: `client ${each.client}`, what: `${mark}${textOf(each.action)}${known}` };
    });
    return {
      invariant: 'linearisable',
      outcome: 'broken',
      detail: `no order explains the result marked ▶ of register-${register}; ${detail}`,
      evidence,
    };
  }

  /** One read, and half of the time a compare-and-set on what it saw. */
  async #act(client: number, turn: number): Promise<void> {
    const register = client % this.#context.count;
    const seen = await this.#read(register, client, turn);
    if (seen !== undefined && this.#context.random.below(2) === 0) await this.#swap(register, seen, { client, turn });
  }

  async #read(register: number, client: number, turn: number): Promise<ConfigMap | undefined> {
    const { api, now, probes } = this.#context;
    const [calledAt, began] = [++this.#moment, now()];
    const outcome = await api.call({ path: `${this.#path()}/register-${register}`, turn: turn + client });
    const probe = probes.of('reads', 500);
    if (outcome.type !== 'answered' || outcome.status !== 200) {
      probe.failed(now(), outcome.type === 'answered' ? `status ${outcome.status}` : outcome.why);
      return undefined;
    }
    probe.succeeded(began, now());
    const found = JSON.parse(outcome.text) as ConfigMap;
    const held = { value: found.data.value, revision: Number(found.metadata.resourceVersion) };
    this.#record(register, { calledAt, client }, { type: 'read', key: keyOf(register), found: held });
    return found;
  }

  async #swap(
    register: number,
    seen: ConfigMap,
    { client, turn }: { readonly client: number; readonly turn: number },
  ): Promise<void> {
    const { api, now, probes, ledger } = this.#context;
    const [calledAt, began, value] = [++this.#moment, now(), `${client}-${turn}`];
    const { resourceVersion } = seen.metadata;
    const outcome = await api.call({
      method: 'PUT',
      path: `${this.#path()}/register-${register}`,
      body: this.#body(register, value, resourceVersion),
      turn: turn + client,
    });
    const change = { value, from: resourceVersion };
    const probe = probes.of('writes', 500);
    if (outcome.type === 'answered' && (outcome.status === 200 || outcome.status === 409))
      probe.succeeded(began, now());
    else probe.failed(now(), outcome.type === 'answered' ? `status ${outcome.status}` : outcome.why);
    if (outcome.type === 'answered' && outcome.status === 200) {
      const made = JSON.parse(outcome.text) as ConfigMap;
      this.#record(register, { calledAt, client }, written(register, change, made));
      const { name } = made.metadata;
      ledger.add({ atMs: now(), name, resourceVersion: made.metadata.resourceVersion });
    } else if (outcome.type === 'answered' && outcome.status === 409)
      this.#record(register, { calledAt, client }, { ...written(register, change), committed: false });
    else if (outcome.type === 'unknown' || (outcome.type === 'answered' && !isRefused(outcome))) {
      this.#unknown += 1;
      this.#histories[register]?.push({ calledAt, client, atMs: began, action: written(register, change) });
    }
  }

  #record(
    register: number,
    { calledAt, client }: { readonly calledAt: number; readonly client: number },
    action: KeyAction,
  ): void {
    const atMs = this.#context.now();
    this.#histories[register]?.push({ calledAt, returnedAt: ++this.#moment, client, atMs, action });
  }

  #path(): string {
    return `/api/v1/namespaces/${this.#context.namespace}/configmaps`;
  }

  #body(register: number, value: string, resourceVersion?: string): object {
    const metadata = { name: `register-${register}`, resourceVersion };
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { value } };
  }
}

const keyOf = (register: number): string => `register-${register}`;

interface Change {
  readonly value: string;
  /** The version that it was to replace. */
  readonly from?: string | undefined;
}

/** A compare-and-set that was carried out, if it is known what it made; one whose outcome is unknown otherwise. */
function written(register: number, { value, from }: Change, made?: ConfigMap): KeyAction & { readonly type: 'write' } {
  const key = keyOf(register);
  const action = {
    type: 'write' as const,
    conditions: from === undefined ? [] : [{ key, revision: Number(from) }],
    changes: [{ key, value }],
    committed: true,
  };
  return made === undefined ? action : { ...action, revision: Number(made.metadata.resourceVersion) };
}

function textOf(action: KeyAction): string {
  switch (action.type) {
    case 'read':
      return `read ${action.found?.value ?? 'nothing'} at version ${action.found?.revision ?? 0}`;
    case 'write': {
      const { conditions, changes, committed, revision } = action;
      const from = conditions[0]?.revision ?? 0;
      const result = committed ? `made version ${revision ?? 'unknown'}` : 'conflict';
      return `set ${changes[0]?.value ?? ''} if at version ${from}: ${result}`;
    }
    case 'list':
      return `listed ${action.found.size}`;
    default:
      return action satisfies never;
  }
}
