import { assert, type Random, type Revision, seededRandom, silentLogger, silentMetrics } from '../../base/index.ts';
import { SimulatedDisk, SimulatedTime } from '../../platform/index.ts';
import {
  decodeMessage,
  encodeMessage,
  openStore,
  type Operation,
  type StoredRecord,
  type StoreMember,
  type StoreMessage,
  type StoreOptions,
  type Transaction,
} from '../index.ts';

/** A put as the floors above make it: the revision goes into the empty resourceVersion. */
export function put(key: string, value = 'v', extra: { readonly expiresAt?: number } = {}): Operation {
  const bytes = Buffer.from(`{"metadata":{"resourceVersion":""},"value":"${value}"}`);
  const index = { uid: `uid-${key}`, labels: {}, fields: { 'metadata.name': key }, owners: [] };
  return { type: 'put', key, value: bytes, revisionAt: bytes.indexOf('""') + 1, index, ...extra };
}

export const write = (...operations: Operation[]): Transaction => ({ compares: [], operations });
export const create = (key: string, value = 'v'): Transaction => ({
  compares: [{ key, revision: 0 as Revision }],
  operations: [put(key, value)],
});
export const remove = (key: string): Operation => ({ type: 'delete', key });
export const valueOf = (record: StoredRecord | undefined): string | undefined =>
  record?.object<{ value: string }>().value;

/** Members of one store in memory: simulated time, disks and network, all from one seed. */
export class Members {
  readonly time = new SimulatedTime();
  readonly random: Random;
  readonly names: readonly string[];
  readonly disks = new Map<string, SimulatedDisk>();
  readonly stores = new Map<string, StoreMember>();
  readonly failures: unknown[] = [];
  /** One message in so many is lost; 0 for none. */
  lossOneIn = 0;
  /** Messages sent, by type. */
  readonly sent = new Map<string, number>();
  /** Members that no message reaches or leaves. */
  readonly cut = new Set<string>();
  /** What members of another program would send in the place of a message. */
  rewrite: (message: StoreMessage) => StoreMessage = (message) => message;
  readonly #listeners = new Map<string, (message: StoreMessage) => void>();
  readonly #overrides: Partial<StoreOptions>;
  readonly #syncMs: number;

  constructor(
    names: readonly string[],
    options: { readonly seed?: number; readonly syncMs?: number; readonly overrides?: Partial<StoreOptions> } = {},
  ) {
    this.names = names;
    this.random = seededRandom(options.seed ?? 1);
    this.#overrides = options.overrides ?? {};
    this.#syncMs = options.syncMs ?? 0;
    for (const name of names)
      this.disks.set(name, new SimulatedDisk({ random: this.random, timers: this.time, syncMs: this.#syncMs }));
  }

  disk(name: string): SimulatedDisk {
    const disk = this.disks.get(name);
    assert(disk !== undefined, `member ${name} exists`);
    return disk;
  }

  /** Starts a member; time passes while a log is replayed on a slow disk. */
  async start(name: string, overrides: Partial<StoreOptions> = {}): Promise<StoreMember> {
    if (!this.disks.has(name))
      this.disks.set(name, new SimulatedDisk({ random: this.random, timers: this.time, syncMs: this.#syncMs }));
    const opening = openStore({
      member: name,
      folder: '/store',
      disk: this.disk(name).mount(),
      clock: this.time,
      timers: this.time,
      random: this.random,
      log: silentLogger,
      metrics: silentMetrics,
      voters: this.names,
      segmentBytes: 64 * 1024,
      onFailure: (error) => {
        this.failures.push(error);
      },
      transport: {
        send: (to, message) => {
          this.send(name, to, this.rewrite(message));
        },
        onMessage: (listener) => {
          this.#listeners.set(name, listener);
        },
      },
      ...this.#overrides,
      ...overrides,
    });
    if (this.#syncMs > 0) await this.time.run(this.#syncMs * 20);
    const store = await opening;
    this.stores.set(name, store);
    return store;
  }

  async startAll(): Promise<void> {
    for (const name of this.names) await this.start(name);
    await this.time.run(3_000);
  }

  /** Power off: the disk loses or tears what was not synced, and the old process never acts again. */
  async crash(name: string): Promise<void> {
    this.disk(name).crash();
    this.#listeners.delete(name);
    const store = this.stores.get(name);
    this.stores.delete(name);
    void store?.close();
    await this.time.run(0);
  }

  /** Lets time pass until `work` is done; it fails when it is not done after `withinMs`. */
  async during<T>(work: Promise<T>, withinMs = 30_000): Promise<T> {
    let settled = false;
    const end = (): void => {
      settled = true;
    };
    work.then(end, end);
    for (let waitedMs = 0; !settled && waitedMs < withinMs; waitedMs += 10) await this.time.run(10);
    assert(settled, 'the work is done in time');
    return work;
  }

  leader(): { readonly name: string; readonly store: StoreMember } {
    for (const [name, store] of this.stores)
      if (store.status().role === 'leader' && !this.cut.has(name)) return { name, store };
    throw new Error('no leader');
  }

  /** What one member's transport does; a test may say it in a member's place. */
  send(from: string, to: string, message: StoreMessage): void {
    if (this.cut.has(from) || this.cut.has(to)) return;
    this.sent.set(message.type, (this.sent.get(message.type) ?? 0) + 1);
    if (this.lossOneIn > 0 && this.random.below(this.lossOneIn) === 0) return;
    const bytes = encodeMessage(message);
    this.time.after(1, () => {
      this.#listeners.get(to)?.(decodeMessage(bytes));
    });
  }
}
