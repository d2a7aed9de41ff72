import type { HistoryRow } from '../../benchmarks/store/protocol.ts';
import { NotRunning, type TroupePeer } from '../../benchmarks/store/troupe-peer.ts';
import type { HashComparison } from '../../src/state/index.ts';
import { checkLinearisable, type KeyAction, keyModel, type Operation } from '../../src/histories/index.ts';
import { eventually } from './cluster.ts';

/** One call of a client and what became of it. */
interface Recorded {
  readonly type: 'put' | 'create' | 'get';
  readonly key: string;
  /** Each value is written by one call alone. */
  readonly value: string;
  readonly calledAt: number;
  returnedAt?: number;
  action?: KeyAction;
  /** Without an answer: it cannot have happened. */
  never?: boolean;
}

/** What clients were told, compared with what the members hold. */
export interface HistoryVerdict {
  readonly acknowledged: number;
  readonly reads: number;
  readonly unanswered: number;
  readonly refused: number;
  /** What is wrong; empty when the history can be explained. */
  readonly faults: readonly string[];
}

const clients = 48;
const keys = 16;
/** Clients rest this long between two calls, so that the whole history stays readable to the end. */
const restMs = 12;
/** Refusals with these codes promise that the write does not happen. */
const neverCodes = /\((no-leader|disk-full|overloaded|too-large|stopped)\)$/;

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Clients that put, create and read a few keys at all members and write down every call and answer. */
export class StoreClients {
  readonly #peer: TroupePeer;
  readonly #recorded: Recorded[] = [];
  /** Its keys and values are its own, so that the history begins with nothing. */
  readonly #prefix: string;
  #moment = 0;
  #running = true;
  readonly #ended: Promise<unknown>;
  acknowledged = 0;

  /** `name` tells it from others on the same store. */
  constructor(peer: TroupePeer, name: string) {
    this.#peer = peer;
    this.#prefix = `/${name}/`;
    this.#ended = Promise.all(Array.from({ length: clients }, (_, number) => this.#client(number)));
  }

  /** Resolves when the clients have been told of so many more writes. */
  async progress(writes: number, withinMs = 60_000): Promise<void> {
    const before = this.acknowledged;
    await eventually(`${writes} more acknowledged writes`, () => this.acknowledged >= before + writes, withinMs);
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#ended;
  }

  /**
   * Half of the clients keep to one member each, whatever it goes through; the others ask the one that is known to
   * lead.
   */
  async #client(number: number): Promise<void> {
    const { names } = this.#peer;
    for (let i = 0; this.#running; i++) {
      const member = number % 2 === 0 ? (names[(number / 2) % names.length] as string) : this.#peer.leader;
      const type = (['put', 'get', 'create', 'get'] as const)[(i + number) % 4] as Recorded['type'];
      const value = `${number}-${i}`;
      const recorded: Recorded = {
        type,
        key:
          type === 'create'
            ? `${this.#prefix}new/${value}`
            : `${this.#prefix}shared/${((i >> 2) + (number >> 2)) % keys}`,
        value,
        calledAt: ++this.#moment,
      };
      this.#recorded.push(recorded);
      await this.#ask(member, recorded);
      await pause(restMs);
    }
  }

  async #ask(member: string, recorded: Recorded): Promise<void> {
    const { type, key, value } = recorded;
    try {
      const [, revision, detail] =
        type === 'get'
          ? await this.#peer.ask(member, 'get', key)
          : await this.#peer.ask(member, type, key, Buffer.from(value));
      if (revision === -2) recorded.never = neverCodes.test(String(detail));
      else
        this.#answered(
          recorded,
          revision,
          detail === undefined || detail === null ? '' : String(Buffer.from(detail as Uint8Array)),
        );
    } catch (error) {
      recorded.never = error instanceof NotRunning;
    }
  }

  #answered(recorded: Recorded, revision: number, found: string): void {
    const { type, key, value } = recorded;
    recorded.returnedAt = ++this.#moment;
    if (type === 'get')
      recorded.action = { type: 'read', key, found: revision === 0 ? undefined : { value: found, revision } };
    else {
      const committed = revision > 0;
      if (committed) this.acknowledged += 1;
      recorded.action = { ...writeOf(recorded), committed, ...(committed ? { revision } : {}) };
    }
    if (type === 'create' && revision === -1) recorded.action = { ...writeOf({ type, key, value }), committed: false };
  }

  /**
   * Compares what was told with every member's history, and looks for an order of all calls that explains it. Members
   * must all be up.
   */
  async verdict(): Promise<HistoryVerdict> {
    const faults: string[] = [];
    const comparison = await this.#hashes();
    if (!comparison.equal) faults.push(`the members' states differ: ${JSON.stringify(comparison)}`);
    const histories = await Promise.all(this.#peer.names.map((name) => this.#historyOf(name, comparison.revision)));
    const [history = []] = histories;
    for (const [i, other] of histories.entries())
      if (JSON.stringify(other) !== JSON.stringify(history))
        faults.push(`${this.#peer.names[i]} has another history than ${this.#peer.names[0]}`);
    const revisionOf = new Map<string, number>();
    for (const [revision, , , value] of history) {
      if (revisionOf.has(value))
        faults.push(`${value} was written at revision ${revisionOf.get(value)} and again at ${revision}`);
      revisionOf.set(value, revision);
    }
    for (const recorded of this.#recorded) this.#compare(recorded, revisionOf, faults);
    this.#explain(revisionOf, faults);
    const count = (of: (recorded: Recorded) => boolean): number => this.#recorded.filter(of).length;
    return {
      acknowledged: this.acknowledged,
      reads: count(({ action }) => action?.type === 'read'),
      faults: faults.slice(0, 20),
      unanswered: count(({ action, never }) => action === undefined && never !== true),
      refused: count(({ never }) => never === true),
    };
  }

  /** The hashes of all members at one revision, as soon as all of them answer. */
  #hashes(): Promise<HashComparison> {
    return eventually('the hashes of all members', async () => {
      const comparison = JSON.parse(
        String((await this.#peer.ask(await this.#peer.findLeader(), 'hash'))[2]),
      ) as HashComparison;
      return comparison.unanswered.length === 0 && Object.keys(comparison.hashes).length === this.#peer.names.length
        ? comparison
        : undefined;
    });
  }

  /** All that was changed up to a revision, as one member has it. */
  async #historyOf(member: string, revision: number): Promise<readonly HistoryRow[]> {
    const rows: HistoryRow[] = [];
    for (let after = 1; after < revision;) {
      const answer = await this.#peer.ask(member, 'events', this.#prefix, after);
      if (answer[1] < 0) throw new Error(`${member}: ${String(answer[2])}`);
      const page = JSON.parse(String(answer[2])) as HistoryRow[];
      if (page.length === 0) break;
      rows.push(...page);
      after = page.at(-1)?.[0] ?? revision;
    }
    return rows.filter(([at]) => at <= revision);
  }

  #compare(
    { type, key, value, action, never }: Recorded,
    revisionOf: ReadonlyMap<string, number>,
    faults: string[],
  ): void {
    if (type === 'get') return;
    const revision = revisionOf.get(value);
    const told = action?.type === 'write' && action.committed ? action.revision : undefined;
    if (told !== undefined && revision !== told)
      faults.push(`${key}=${value} was acknowledged at revision ${told} and is ${revision ?? 'nowhere'}`);
    if (revision !== undefined && (never === true || (action?.type === 'write' && !action.committed)))
      faults.push(`${key}=${value} was refused and is revision ${revision}`);
  }

  #explain(revisionOf: ReadonlyMap<string, number>, faults: string[]): void {
    const byKey = new Map<string, Operation<KeyAction>[]>();
    for (const recorded of this.#recorded) {
      const operation = operationOf(recorded, revisionOf);
      if (operation === undefined) continue;
      const found = byKey.get(recorded.key);
      if (found === undefined) byKey.set(recorded.key, [operation]);
      else found.push(operation);
    }
    for (const [key, operations] of byKey) {
      const { linearisable } = checkLinearisable(keyModel, operations);
      if (linearisable !== true)
        faults.push(`the calls on ${key} have no order that explains them (${String(linearisable)})`);
    }
  }
}

function writeOf({
  type,
  key,
  value,
}: Pick<Recorded, 'type' | 'key' | 'value'>): Pick<KeyAction & { type: 'write' }, 'type' | 'conditions' | 'changes'> {
  return { type: 'write', conditions: type === 'create' ? [{ key, revision: 0 }] : [], changes: [{ key, value }] };
}

/**
 * A write without an answer took effect when its value is in the history, which says at which revision; else it did
 * not.
 */
function operationOf(recorded: Recorded, revisionOf: ReadonlyMap<string, number>): Operation<KeyAction> | undefined {
  const { calledAt, returnedAt, action, type, value } = recorded;
  if (action !== undefined && returnedAt !== undefined) return { calledAt, returnedAt, action };
  const revision = revisionOf.get(value);
  return type === 'get' || revision === undefined
    ? undefined
    : { calledAt, action: { ...writeOf(recorded), committed: true, revision } };
}
