/** The clients of a run: they write, read and list, and record what they saw. */
import type { Random, Revision } from '../../src/base/index.ts';
import type {
  Operation as StoreOperation,
  Store,
  StoredRecord,
  Transaction,
  TransactionResult,
} from '../../src/state/index.ts';
import type { History, Recorded } from './history.ts';
import type { KeyCondition, Held } from '../../src/histories/index.ts';
import { revisionIn, valueIn } from './ledger.ts';
import type { Member } from './member.ts';
import type { Outcome } from './process.ts';
import type { World } from './world.ts';

/** Every key has one of few owners. */
export const ownerOf = (key: string): string => `owner-${key.length % 3}`;

/** A field that changes with some writes. */
const phaseOf = (value: string): string => `phase-${value.charCodeAt(Math.min(3, value.length - 1)) % 3}`;

/** Writes a value as the product does, with room for its revision. */
export function putOf(key: string, value: string, expiresAt?: number): StoreOperation {
  const bytes = Buffer.from(`{"metadata":{"resourceVersion":""},"value":"${value}"}`);
  const index = { uid: value, labels: {}, fields: { 'status.phase': phaseOf(value) }, owners: [ownerOf(key)] };
  return {
    type: 'put',
    key,
    value: bytes,
    revisionAt: bytes.indexOf('""') + 1,
    index,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

const heldOf = (record: StoredRecord | undefined): Held | undefined =>
  record === undefined ? undefined : { value: valueIn(record.bytes), revision: record.revision };

/** Whether it says that nothing was written and nothing will be. */
export const isRefusal = ({ system }: World, error: unknown): boolean =>
  error instanceof system.StoreError && ['no-leader', 'overloaded', 'disk-full', 'too-large'].includes(error.code);

interface Plan {
  readonly conditions: readonly KeyCondition[];
  readonly changes: readonly { readonly key: string; readonly value?: string }[];
}

/** Writes and reads, one call at a time, through whichever member answers, and records what it asked and saw. */
export class Client {
  readonly #world: World;
  readonly #history: History;
  readonly #name: string;
  readonly #random: Random;
  #member: Member | undefined;
  #writes = 0;
  /** What it last saw of each key: the base of its compare-and-sets, often out of date. */
  readonly #seen = new Map<string, number>();
  stopped = false;
  /** The newest revision that it was told of. */
  #revision = 1;

  constructor(world: World, history: History, name: string) {
    this.#world = world;
    this.#history = history;
    this.#name = name;
    this.#random = world.random(name);
  }

  start(): void {
    this.#world.time.after(this.#random.below(200), () => {
      this.#next();
    });
  }

  #next(): void {
    if (this.stopped) return;
    void this.#act().finally(() => {
      const { thinkMs } = this.#world.options;
      this.#world.time.after(this.#random.below(thinkMs * 2) + 1, () => {
        this.#next();
      });
    });
  }

  async #act(): Promise<void> {
    const member = this.#choose();
    if (member === undefined) return;
    const group = this.#random.below(this.#world.options.groups);
    const key = `/g${group}/${'abc'[this.#random.below(3)]}`;
    const dice = this.#random.below(100);
    if (dice < 58) await this.#write(member, group, this.#plan(group, key, dice));
    else if (dice < 76) await this.#get(member, group, key);
    else if (dice < 88) await this.#list(member, group);
    else if (dice < 93) await this.#lease(member);
    else await this.#local(member, key);
  }

  /** Stays with a member while it answers, and looks for another one when it does not. */
  #choose(): Member | undefined {
    if (this.#member?.up !== true || this.#random.below(20) === 0) {
      const up = this.#world.members.filter((member) => member.up);
      this.#member = up[this.#random.below(Math.max(1, up.length))];
    }
    return this.#member;
  }

  #value(): string {
    this.#writes += 1;
    return `${this.#name}.${this.#writes}`.padEnd(this.#world.options.valueBytes, '.');
  }

  #plan(group: number, key: string, dice: number): Plan {
    const other = `/g${group}/${'abc'[this.#random.below(3)]}`;
    const base = { key, revision: this.#seen.get(key) ?? 0 };
    if (dice < 20) return { conditions: [], changes: [{ key, value: this.#value() }] };
    if (dice < 34) return { conditions: [base], changes: [{ key, value: this.#value() }] };
    if (dice < 40) return { conditions: [{ key, revision: 0 }], changes: [{ key, value: this.#value() }] };
    if (dice < 46) return { conditions: [], changes: [{ key }] };
    if (dice < 50) return { conditions: [base], changes: [{ key }] };
    if (dice < 56 || other === key)
      return {
        conditions: [{ key: other, revision: this.#seen.get(other) ?? 0 }],
        changes: [{ key, value: this.#value() }],
      };
    const value = this.#value();
    return {
      conditions: dice < 58 ? [base] : [],
      changes: [{ key, value }, this.#random.below(2) === 0 ? { key: other } : { key: other, value: `${value}+` }],
    };
  }

  async #write(member: Member, group: number, { conditions, changes }: Plan): Promise<void> {
    const transaction: Transaction = {
      compares: conditions.map(({ key, revision = 0 }) => ({ key, revision: revision as Revision })),
      operations: changes.map(({ key, value }) => (value === undefined ? { type: 'delete', key } : putOf(key, value))),
    };
    const recorded = this.#history.call({
      client: this.#name,
      member: member.name,
      group,
      ask: { type: 'write', conditions, changes },
    });
    const deadlineMs = 500 + this.#random.below(4_000);
    const outcome = await member.call((store) => store.transact(transaction, { deadlineMs }));
    this.#end(recorded, outcome);
    if (outcome.type !== 'done') return;
    this.#checkRecords(outcome.value, changes);
    this.#learn(outcome.value, changes);
  }

  #end(recorded: Recorded, outcome: Outcome<TransactionResult>): void {
    if (outcome.type === 'done') {
      const { committed, revision } = outcome.value;
      this.#history.written(recorded, { committed, revision });
      return;
    }
    const definite = outcome.type === 'failed' && isRefusal(this.#world, outcome.error);
    this.#history.unanswered(
      recorded,
      definite ? 'never' : 'unknown',
      outcome.type === 'failed' ? String((outcome.error as { readonly code?: string }).code) : 'lost',
    );
    this.#member = undefined;
  }

  /** A writer gets back what it wrote, with its revision in it. */
  #checkRecords(result: TransactionResult, changes: Plan['changes']): void {
    if (!result.committed) return;
    for (const [i, { key, value }] of changes.entries()) {
      const record = result.records[i];
      if (value === undefined || record === undefined) continue;
      const { revision, bytes } = record;
      const same = record.key === key && revision === result.revision && revisionIn(bytes) === String(revision);
      if (!same || valueIn(bytes) !== value)
        this.#world.ledger.fail('result', `${this.#name} wrote ${key}=${value} and got ${record.key}@${revision}`);
    }
  }

  #learn(result: TransactionResult, changes: Plan['changes']): void {
    this.#revision = Math.max(this.#revision, result.revision);
    if (!result.committed) return;
    for (const { key, value } of changes) this.#seen.set(key, value === undefined ? 0 : result.revision);
  }

  async #get(member: Member, group: number, key: string): Promise<void> {
    const recorded = this.#history.call({ client: this.#name, member: member.name, group, ask: { type: 'read', key } });
    const outcome = await member.call(async (store) => {
      await store.readBarrier();
      return heldOf(store.get(key));
    });
    if (outcome.type !== 'done') {
      this.#history.unanswered(recorded, 'never', outcome.type);
      return;
    }
    this.#history.read(recorded, outcome.value);
    this.#seen.set(key, outcome.value?.revision ?? 0);
  }

  async #list(member: Member, group: number): Promise<void> {
    const recorded = this.#history.call({ client: this.#name, member: member.name, group, ask: { type: 'list' } });
    const outcome = await member.call(async (store) => {
      await store.readBarrier();
      return new Map(
        store.range({ prefix: `/g${group}/` }).records.map((record) => [record.key, heldOf(record) as Held]),
      );
    });
    if (outcome.type === 'done') this.#history.listed(recorded, outcome.value);
    else this.#history.unanswered(recorded, 'never', outcome.type);
  }

  /** A key that goes by itself. Only its changes are checked, by the ledger. */
  async #lease(member: Member): Promise<void> {
    // Some are renewed, with more time or less.
    const key = `/lease/${this.#name}-${this.#writes % 4}`;
    const expiresAt = this.#world.time.now() + this.#random.below(5_000);
    const value = this.#value();
    this.#world.leases.writes(value, expiresAt);
    await member.call((store) =>
      store.transact({ compares: [], operations: [putOf(key, value, expiresAt)] }, { deadlineMs: 2_000 }),
    );
  }

  /**
   * A read that only asks to be no older than what this client knows, or than what is just being reached, of whichever
   * member.
   */
  async #local(chosen: Member, key: string): Promise<void> {
    const { members, ledger } = this.#world;
    const isNear = this.#random.below(2) === 0;
    const member = isNear ? (members[this.#random.below(members.length)] as Member) : chosen;
    const revision = (isNear ? ledger.newestRevision + this.#random.below(3) : this.#revision) as Revision;
    const outcome = await member.call(async (store: Store) => {
      await store.waitForRevision(revision, { deadlineMs: 1_000 });
      return { at: store.revision, held: heldOf(store.get(key)) };
    });
    if (outcome.type === 'done') this.#history.local({ member: member.name, key, asked: revision, ...outcome.value });
  }
}
