import type { Answer, HistoryRow } from '../../benchmarks/store/protocol.ts';
import { NotRunning, type TroupePeer } from '../../benchmarks/store/troupe-peer.ts';
import { errorMessage } from '../../src/base/index.ts';
import type { HashComparison } from '../../src/state/index.ts';
import { checkLinearisable, type KeyAction, keyModel, type Operation } from '../../src/histories/index.ts';
import { eventually } from './cluster.ts';

/** One call of a client and what became of it. */
interface Recorded {
  readonly type: 'put' | 'create' | 'swap' | 'get';
  readonly key: string;
  /** Each value is written by one call alone. */
  readonly value: string;
  /** What a `swap` asks the key to be at; 0: absent. */
  readonly expected?: number | undefined;
  readonly calledAt: number;
  returnedAt?: number;
  action?: KeyAction;
  /** Without an answer: it cannot have happened. */
  never?: boolean;
}

/** What clients were told, compared with what the members hold. */
export interface HistoryVerdict {
  readonly acknowledged: number;
  /** Acknowledged writes that no member has. */
  readonly lost: number;
  /** Writes that took effect twice. */
  readonly doubled: number;
  readonly reads: number;
  readonly unanswered: number;
  readonly refused: number;
  /** What is wrong; empty when the history can be explained. */
  readonly faults: readonly string[];
}

const keys = 16;
/** In this order; each client begins at another place. A `swap` follows the read of its key. */
const calls = ['put', 'get', 'swap', 'create'] as const;

export interface StoreClientsOptions {
  /** Tells them from others on the same store. */
  readonly name: string;
  readonly clients?: number | undefined;
  /** The rest between two calls of one client. The default leaves the whole history readable to the end. */
  readonly restMs?: number | undefined;
}
/** Refusals with these codes promise that the write does not happen. */
const neverCodes = /\((no-leader|disk-full|overloaded|too-large|stopped)\)$/;

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Clients that put, create, compare and read a few keys at all members and write down every call and answer. */
export class StoreClients {
  readonly #peer: TroupePeer;
  readonly #recorded: Recorded[] = [];
  /** Its keys and values are its own, so that the history begins with nothing. */
  readonly prefix: string;
  readonly #options: StoreClientsOptions;
  #moment = 0;
  #running = true;
  readonly #ended: Promise<unknown>;
  acknowledged = 0;
  /** Reads that were answered. */
  reads = 0;

  /** Shared keys are new in each round: the search for an order stays short. */
  round = 0;

  constructor(peer: TroupePeer, options: StoreClientsOptions) {
    this.#peer = peer;
    this.#options = options;
    this.prefix = `/${options.name}/`;
    const { clients = 48 } = options;
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
    const { restMs = 12 } = this.#options;
    let seen: number | undefined;
    for (let i = 0; this.#running; i++) {
      const member = number % 2 === 0 ? (names[(number / 2) % names.length] as string) : this.#peer.leader;
      const type = calls[(i + number) % calls.length] as Recorded['type'];
      const value = `${number}-${i}`;
      const shared = ((i + number) >> 2) + (number >> 2);
      const recorded: Recorded = {
        type,
        key: `${this.prefix}${type === 'create' ? `new/${value}` : `shared/${this.round}/${shared % keys}`}`,
        value,
        expected: type === 'swap' ? (seen ?? 0) : undefined,
        calledAt: ++this.#moment,
      };
      this.#recorded.push(recorded);
      seen = await this.#ask(member, recorded);
      // A member that is down answers at once.
      await pause(recorded.never === true ? 5 * restMs : restMs);
    }
  }

  /** Answers the revision that it was told. */
  async #ask(member: string, recorded: Recorded): Promise<number | undefined> {
    try {
      const [, revision, detail] = await this.#call(member, recorded);
      if (revision === -2) recorded.never = neverCodes.test(String(detail));
      else
        this.#answered(
          recorded,
          revision,
          detail === undefined || detail === null ? '' : String(Buffer.from(detail as Uint8Array)),
        );
      return revision >= 0 ? revision : undefined;
    } catch (error) {
      recorded.never = error instanceof NotRunning;
      return undefined;
    }
  }

  #call(member: string, { type, key, value, expected = 0 }: Recorded): Promise<Answer> {
    switch (type) {
      case 'get':
        return this.#peer.ask(member, 'get', key);
      case 'swap':
        return this.#peer.ask(member, 'swap', key, Buffer.from(value), expected);
      case 'put':
      case 'create':
        return this.#peer.ask(member, type, key, Buffer.from(value));
      default:
        return type satisfies never;
    }
  }

  #answered(recorded: Recorded, revision: number, found: string): void {
    const { type, key } = recorded;
    recorded.returnedAt = ++this.#moment;
    if (type === 'get') {
      this.reads += 1;
      recorded.action = { type: 'read', key, found: revision === 0 ? undefined : { value: found, revision } };
    } else {
      const committed = revision > 0;
      if (committed) this.acknowledged += 1;
      recorded.action = { ...writeOf(recorded), committed, ...(committed ? { revision } : {}) };
    }
  }

  /**
   * Compares what was told with every member's history, and looks for an order of all calls that explains it. Members
   * must all be up.
   */
  async verdict(): Promise<HistoryVerdict> {
    const { revision } = await this.hashes();
    return this.judge(await Promise.all(this.#peer.names.map((name) => this.#historyOf(name, revision))));
  }

  /** Like `verdict`, of histories that somebody else has written down: all that was changed, up to the end. */
  async judge(histories: readonly (readonly HistoryRow[])[]): Promise<HistoryVerdict> {
    const faults: string[] = [];
    const comparison = await this.hashes().catch((error: unknown) => ({ equal: false, error: errorMessage(error) }));
    if (!comparison.equal) faults.push(`the members' states differ: ${JSON.stringify(comparison)}`);
    const [history = []] = histories;
    for (const [i, other] of histories.entries())
      if (JSON.stringify(other) !== JSON.stringify(history))
        faults.push(`history ${i} is not history 0: ${firstDifference(history, other)}`);
    const doubled = new Set<string>();
    const revisionOf = new Map<string, number>();
    for (const [revision, , , value] of history) {
      if (revisionOf.has(value)) {
        faults.push(`${value} was written at revision ${revisionOf.get(value)} and again at ${revision}`);
        doubled.add(value);
      }
      revisionOf.set(value, revision);
    }
    for (const recorded of this.#recorded) this.#compare(recorded, revisionOf, faults);
    this.#explain(revisionOf, faults);
    const count = (of: (recorded: Recorded) => boolean): number => this.#recorded.filter(of).length;
    return {
      acknowledged: this.acknowledged,
      lost: count(({ value, action }) => action?.type === 'write' && action.committed && !revisionOf.has(value)),
      doubled: doubled.size,
      reads: count(({ action }) => action?.type === 'read'),
      faults: faults.slice(0, 20),
      unanswered: count(({ action, never }) => action === undefined && never !== true),
      refused: count(({ never }) => never === true),
    };
  }

  /** The hashes of all members at one revision, as soon as all of them answer. */
  hashes(): Promise<HashComparison> {
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
      const answer = await this.#peer.ask(member, 'events', this.prefix, after);
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
  expected = 0,
}: Recorded): Pick<KeyAction & { type: 'write' }, 'type' | 'conditions' | 'changes'> {
  return { type: 'write', conditions: type === 'put' ? [] : [{ key, revision: expected }], changes: [{ key, value }] };
}

function firstDifference(one: readonly HistoryRow[], other: readonly HistoryRow[]): string {
  const at = one.findIndex((row, i) => JSON.stringify(row) !== JSON.stringify(other[i]));
  return `${one.length} and ${other.length} rows; at ${at} ${JSON.stringify(one[at])} and ${JSON.stringify(other[at])}`;
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
