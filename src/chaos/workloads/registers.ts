/** Small objects as registers: clients read them and compare-and-set them; the history must be linearisable. */
import { checkLinearisable, type KeyAction, keyModel, type Operation } from '../../histories/index.ts';
import type { Stored, Written } from '../clients/versioned-objects.ts';
import { Clients, type EvidenceRow, type Finding, type Workload, type WorkloadContext } from './workload.ts';

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
    const { objects, count, durationMs } = this.#context;
    for (let i = 0; i < count; i++) {
      const made = await objects.make(keyOf(i), 'first');
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

  async #read(register: number, client: number, turn: number): Promise<Stored | undefined> {
    const { objects, now, probes } = this.#context;
    const [calledAt, began] = [++this.#moment, now()];
    const answer = await objects.read(keyOf(register), turn + client);
    const probe = probes.of('reads', 500);
    if (answer.type !== 'done') {
      probe.failed(now(), answer.type === 'conflict' ? 'conflict' : answer.why);
      return undefined;
    }
    probe.succeeded(began, now());
    const { value, version } = answer.value;
    this.#record(
      register,
      { calledAt, client },
      { type: 'read', key: keyOf(register), found: { value, revision: version } },
    );
    return answer.value;
  }

  async #swap(
    register: number,
    from: Stored,
    { client, turn }: { readonly client: number; readonly turn: number },
  ): Promise<void> {
    const { objects, now, probes, ledger } = this.#context;
    const [calledAt, began, value] = [++this.#moment, now(), `${client}-${turn}`];
    const answer = await objects.swap({ name: keyOf(register), value, from, turn: turn + client });
    const change = { value, from: from.version };
    const probe = probes.of('writes', 500);
    switch (answer.type) {
      case 'done':
        probe.succeeded(began, now());
        this.#record(register, { calledAt, client }, written(register, change, answer.value));
        ledger.add({ atMs: now(), ...answer.value });
        return;
      case 'conflict':
        probe.succeeded(began, now());
        this.#record(register, { calledAt, client }, { ...written(register, change), committed: false });
        return;
      case 'refused':
        probe.failed(now(), answer.why);
        return;
      case 'unknown':
        probe.failed(now(), answer.why);
        this.#unknown += 1;
        this.#histories[register]?.push({ calledAt, client, atMs: began, action: written(register, change) });
        return;
      default:
        answer satisfies never;
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
}

const keyOf = (register: number): string => `register-${register}`;

interface Change {
  readonly value: string;
  /** The version that it was to replace. */
  readonly from?: number | undefined;
}

/** A compare-and-set that was carried out, if it is known what it made; one whose outcome is unknown otherwise. */
function written(register: number, { value, from }: Change, made?: Written): KeyAction & { readonly type: 'write' } {
  const key = keyOf(register);
  const action = {
    type: 'write' as const,
    conditions: from === undefined ? [] : [{ key, revision: from }],
    changes: [{ key, value }],
    committed: true,
  };
  return made?.version === undefined ? action : { ...action, revision: made.version };
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
