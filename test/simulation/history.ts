/** The calls of all clients, and the search for an order that explains them. */
import {
  type Change,
  checkLinearisable,
  type KeyCondition,
  type Held,
  type KeyAction,
  keyModel,
  type Operation,
} from '../../src/histories/index.ts';
import type { Ledger, LedgerChange } from './ledger.ts';
import { misplacedByRevision } from './revision-order.ts';
import type { Journal } from './journal.ts';

type Ask =
  | { readonly type: 'write'; readonly conditions: readonly KeyCondition[]; readonly changes: readonly Change[] }
  | { readonly type: 'read'; readonly key: string }
  | { readonly type: 'list' };

/** One call of a client and what became of it. */
export interface Recorded {
  readonly client: string;
  readonly member: string;
  readonly group: number;
  readonly ask: Ask;
  readonly calledAt: number;
  returnedAt?: number;
  action?: KeyAction;
  /** Without an answer: whether it can have happened. */
  fate?: 'never' | 'unknown';
}

interface LocalRead {
  readonly member: string;
  readonly key: string;
  readonly asked: number;
  readonly at: number;
  readonly held: Held | undefined;
}

/** Steps that the search may take: few where the order of revisions decides the rest. */
const searchSteps = { second: 100_000, alone: 2_000_000 };

/**
 * What clients asked and saw. At the end it is compared with the ledger, and searched for an order that explains it.
 */
export class History {
  readonly recorded: Recorded[] = [];
  readonly #ledger: Ledger;
  readonly #journal: Journal;
  #moment = 0;
  readonly #locals: LocalRead[] = [];
  acknowledged = 0;
  /** Groups of keys whose history the search gave up; and those of them that the order of revisions decided. */
  undecided = 0;
  decidedByRevision = 0;

  constructor(ledger: Ledger, journal: Journal) {
    this.#ledger = ledger;
    this.#journal = journal;
  }

  call(of: Pick<Recorded, 'client' | 'member' | 'group' | 'ask'>): Recorded {
    const recorded: Recorded = { ...of, calledAt: ++this.#moment };
    this.recorded.push(recorded);
    return recorded;
  }

  written(
    recorded: Recorded,
    { committed, revision }: { readonly committed: boolean; readonly revision: number },
  ): void {
    if (recorded.ask.type !== 'write') return;
    if (committed) this.acknowledged += 1;
    this.#end(recorded, { ...recorded.ask, committed, ...(committed ? { revision } : {}) });
  }

  read(recorded: Recorded, found: Held | undefined): void {
    if (recorded.ask.type === 'read') this.#end(recorded, { ...recorded.ask, found });
  }

  listed(recorded: Recorded, found: ReadonlyMap<string, Held>): void {
    this.#end(recorded, { type: 'list', found });
  }

  unanswered(recorded: Recorded, fate: 'never' | 'unknown', why: string): void {
    recorded.fate = fate;
    this.#journal.note(`${recorded.client} gets no answer of ${recorded.member} to ${recorded.ask.type}: ${why}`);
  }

  /** A read of a member's own state: compared at the end with the ledger at that revision. */
  local(read: LocalRead): void {
    this.#locals.push(read);
    if (read.at < read.asked)
      this.#ledger.fail('reached', `${read.member} says it has ${read.asked} and is at ${read.at}`);
  }

  #end(recorded: Recorded, action: KeyAction): void {
    recorded.returnedAt = ++this.#moment;
    recorded.action = action;
    const result =
      action.type === 'write'
        ? `${action.committed ? 'committed' : 'refused'} ${action.revision ?? ''}`
        : action.type === 'read'
          ? `${action.found?.value.replace(/\.+$/, '') ?? 'nothing'}@${action.found?.revision ?? 0}`
          : `${action.found.size} keys`;
    const asked =
      action.type === 'write'
        ? action.changes.map(({ key, value }) => `${key}=${value?.replace(/\.+$/, '') ?? 'gone'}`).join(' ')
        : action.type === 'read'
          ? action.key
          : `/g${recorded.group}/`;
    this.#journal.note(`${recorded.client} ${action.type} ${asked} on ${recorded.member}: ${result}`);
  }

  /** All checks that need the whole run. */
  check(): void {
    const revisionOf = this.#checkOnce();
    this.#checkAcknowledged(revisionOf);
    this.#checkLocals();
    for (const group of new Set(this.recorded.map((recorded) => recorded.group))) this.#checkGroup(group, revisionOf);
  }

  /** Each value was written once, whatever was repeated on the way. The revision of each. */
  #checkOnce(): Map<string, number> {
    const revisionOf = new Map<string, number>();
    for (const [revision, changes] of this.#ledger.changes) {
      for (const { type, value } of changes) {
        if (type !== 'put') continue;
        const before = revisionOf.get(value);
        if (before !== undefined)
          this.#ledger.fail('exactly-once', `${value} was written at revision ${before} and again at ${revision}`);
        revisionOf.set(value, revision);
      }
    }
    return revisionOf;
  }

  #checkAcknowledged(revisionOf: ReadonlyMap<string, number>): void {
    for (const { ask, action, fate, client } of this.recorded) {
      if (ask.type !== 'write') continue;
      for (const { key, value } of ask.changes) {
        if (value === undefined) continue;
        const revision = revisionOf.get(value);
        const told = action?.type === 'write' && action.committed ? action.revision : undefined;
        if (told !== undefined && revision !== told && this.#ledger.changes.has(told))
          this.#ledger.fail(
            'acknowledged-lost',
            `${client} was told that ${key}=${value} is revision ${told}, but it is ${revision ?? 'nowhere'}`,
          );
        if (revision !== undefined && (fate === 'never' || (action?.type === 'write' && !action.committed)))
          this.#ledger.fail(
            'refused-happened',
            `${client} was told that ${key}=${value} was not written, but it is revision ${revision}`,
          );
      }
      const told = action?.type === 'write' && action.committed ? (action.revision ?? 0) : 0;
      if (told > this.#ledger.newestRevision)
        this.#ledger.fail('acknowledged-lost', `${client} was told of revision ${told}, which no member has`);
    }
  }

  #checkLocals(): void {
    const reads = [...this.#locals].sort((a, b) => a.at - b.at);
    const state = new Map<string, Held>();
    let revision = 1;
    for (const { member, key, at, held } of reads) {
      for (; revision < at; revision++) {
        const changes = this.#ledger.changes.get(revision + 1);
        if (changes === undefined) return;
        applyChanges(state, revision + 1, changes);
      }
      const due = state.get(key);
      if (due?.value !== held?.value || due?.revision !== held?.revision)
        this.#ledger.fail(
          'read-at-revision',
          `${member} at ${at} has ${key}=${held?.value}@${held?.revision}, due is ${due?.value}@${due?.revision}`,
        );
    }
  }

  #checkGroup(group: number, revisionOf: ReadonlyMap<string, number>): void {
    const own = this.recorded.filter((recorded) => recorded.group === group);
    const operations = own
      .map((recorded) => operationOf(recorded, revisionOf))
      .filter((operation) => operation !== undefined);
    const verdict = checkLinearisable(keyModel, operations, this.#knowsAll ? searchSteps.second : searchSteps.alone);
    const stuck =
      verdict.linearisable === false
        ? verdict.stuck
        : verdict.linearisable === 'undecided'
          ? this.#decide(operations, group)
          : undefined;
    if (stuck !== undefined)
      this.#ledger.fail(
        'linearisable',
        'no order explains ' +
          `${JSON.stringify(operations[stuck], (_, value: unknown) => (value instanceof Map ? [...value] : value))} ` +
          `of ${operations.length} in group ${group}`,
      );
  }

  /** Whether the ledger has every revision, so that their order decides what the search gives up. */
  get #knowsAll(): boolean {
    return this.#ledger.changes.size === this.#ledger.newestRevision - 1;
  }

  /** What the search gave up: the order of the revisions decides it, where the ledger has all of them. */
  #decide(operations: readonly Operation<KeyAction>[], group: number): number | undefined {
    if (this.#knowsAll) {
      this.decidedByRevision += 1;
      return misplacedByRevision(operations, this.#ledger.changes, `/g${group}/`);
    }
    this.undecided += 1;
    return undefined;
  }
}

function applyChanges(state: Map<string, Held>, revision: number, changes: readonly LedgerChange[]): void {
  for (const { type, key, value } of changes) {
    if (type === 'put') state.set(key, { value, revision });
    else state.delete(key);
  }
}

/**
 * The operation for the checker; undefined when it cannot have happened. A write without an answer took effect if and
 * only if its values are in the ledger, which says when; of deletions alone nobody knows.
 */
function operationOf(
  { ask, action, calledAt, returnedAt, fate }: Recorded,
  revisionOf: ReadonlyMap<string, number>,
): Operation<KeyAction> | undefined {
  if (action !== undefined && returnedAt !== undefined) return { calledAt, returnedAt, action };
  if (ask.type !== 'write' || fate === 'never') return undefined;
  const values = ask.changes.map(({ value }) => value).filter((value) => value !== undefined);
  if (values.length === 0) return { calledAt, action: { ...ask, committed: true } };
  const revision = revisionOf.get(values[0] ?? '');
  return revision === undefined ? undefined : { calledAt, action: { ...ask, committed: true, revision } };
}
