/** The processors of a node's containers: who has which to himself, on disk, and the others kept away from them. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Container, parseQuantity, type Pod, qualityOfService, quantityMilli } from '../../api/index.ts';
import { errorMessage, type Logger, type Timers } from '../../base/index.ts';
import { type ContainerRuntime, labels, RuntimeError } from '../runtime/index.ts';
import { type HintProvider, passesOn, podAmount, type ResourceHints } from '../topology/index.ts';
import { cpuListText } from './cpu-list.ts';
import { type CpuHolding, CpuLedger } from './cpu-ledger.ts';
import type { Cpu } from './machine-cpus.ts';

interface NodeCpusOptions {
  readonly runtime: Pick<ContainerRuntime, 'summaries' | 'update'>;
  /** Those of all containers of the node. */
  readonly labels: Readonly<Record<string, string>>;
  readonly timers: Timers;
  readonly log: Logger;
  /** Where it keeps what it knows over a restart. */
  readonly file: string;
  readonly cpus: readonly Cpu[];
  /** The machine's; absent: one. */
  readonly numaNodes?: readonly number[] | undefined;
  /** Nobody has them to himself. Absent: nobody has any, as with the policy `none`. */
  readonly reserved?: readonly number[] | undefined;
}

/** The processors that a container may run on. */
export interface CpuGrant {
  /** As the kernel lists them. */
  readonly list: string;
  /** Nobody else runs there, so no quota holds the container back. */
  readonly exclusive: boolean;
}

/** As a kubelet's cpuManagerReconcilePeriod. */
const retryMs = 10_000;

/** Whole processors of a Guaranteed pod; 0: it shares. */
function wholeCpus(pod: Pod, { resources }: Container): number {
  const amount = resources?.requests?.['cpu'] ?? resources?.limits?.['cpu'] ?? '0';
  const milli = quantityMilli(parseQuantity(amount));
  return milli % 1000 === 0 && qualityOfService(pod.spec) === 'Guaranteed' ? milli / 1000 : 0;
}

export class NodeCpus implements HintProvider {
  readonly #options: NodeCpusOptions;
  readonly #ledger: CpuLedger;
  /** The lists that running containers are known to have, by id. */
  #applied = new Map<string, string>();
  /** Files and control groups are changed one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #retry: { cancel(): void } | undefined;
  #closed = false;
  /** Grows with each change of who holds what; `settled`: as of then, disk and containers follow. */
  readonly #changes = { made: 0, settled: 0 };

  private constructor(options: NodeCpusOptions, holdings: readonly CpuHolding[]) {
    this.#options = options;
    this.#ledger = new CpuLedger(options.cpus, options.reserved ?? [], holdings);
  }

  /** Undefined: nobody has processors to himself, now or before. */
  static async open(options: NodeCpusOptions): Promise<NodeCpus | undefined> {
    const { file, reserved, log } = options;
    const kept = await readHoldings(file, log);
    if (reserved === undefined && kept === undefined) return undefined;
    await mkdir(dirname(file), { recursive: true });
    return new NodeCpus(options, reserved === undefined ? [] : (kept ?? []));
  }

  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
  }

  /** The policy is `static`. */
  get isStatic(): boolean {
    return this.#options.reserved !== undefined;
  }

  get allocatable(): readonly number[] {
    return this.isStatic ? this.#ledger.allocatable : [];
  }

  heldBy(podUid: string, container: string): readonly number[] {
    return this.#ledger.heldBy(podUid, container) ?? [];
  }

  /**
   * A container about to be made; all others have left what it gets to itself. Undefined: it may run anywhere. Rejects
   * with CpuShortage.
   */
  async grant(pod: Pod, container: Container): Promise<CpuGrant | undefined> {
    if (!this.isStatic) return undefined;
    const count = wholeCpus(pod, container);
    if (count === 0) return { list: this.#sharedList, exclusive: false };
    const cpus = this.#give(pod, container, { count });
    if (this.#changes.settled < this.#changes.made) await this.#settle();
    return { list: cpuListText(cpus), exclusive: true };
  }

  hints(pod: Pod, container?: Container): readonly ResourceHints[] {
    const count = container === undefined ? podAmount(pod, (each) => wholeCpus(pod, each)) : wholeCpus(pod, container);
    const { numaNodes = [0] } = this.#options;
    return this.isStatic && count > 0 ? [this.#ledger.hints(pod.metadata.uid, count, numaNodes)] : [];
  }

  /** The others leave when the container is made. Throws CpuShortage. */
  reserve(pod: Pod, container: Container, affinity: number | undefined): void {
    const count = wholeCpus(pod, container);
    if (this.isStatic && count > 0) this.#give(pod, container, { count, affinity });
  }

  #give(
    pod: Pod,
    container: Container,
    wish: { readonly count: number; readonly affinity?: number | undefined },
  ): readonly number[] {
    const had = this.#ledger.holdings;
    const holder = { podUid: pod.metadata.uid, container: container.name, passesOn: passesOn(pod, container) };
    const cpus = this.#ledger.give({ ...holder, ...wish });
    if (this.#ledger.holdings !== had) this.#changes.made += 1;
    return cpus;
  }

  /** A container was made with this list. */
  made(id: string, { list }: CpuGrant): void {
    this.#applied.set(id, list);
  }

  /** A container runs now. What is shared may have changed since it was made. */
  started(id: string, podUid: string, container: string): void {
    if (this.isStatic && this.#applied.get(id) !== this.#listOf(podUid, container)) this.#settleLater();
  }

  /** A pod is over: others may run where it did. */
  release(podUid: string): void {
    if (!this.#ledger.keepOnly((uid) => uid !== podUid)) return;
    this.#changes.made += 1;
    this.#settleLater();
  }

  /** After a start: other pods than these are gone, and containers may have been made under other settings. */
  reclaim(kept: ReadonlySet<string>): void {
    this.#ledger.keepOnly((uid) => kept.has(uid));
    this.#changes.made += 1;
    this.#settleLater();
  }

  get #sharedList(): string {
    return cpuListText(this.#ledger.shared);
  }

  #listOf(podUid: string, container: string): string {
    const own = this.#ledger.heldBy(podUid, container);
    return own === undefined ? this.#sharedList : cpuListText(own);
  }

  #settleLater(): void {
    this.#settle().catch((error: unknown) => {
      this.#options.log.warn('containers could not be moved to other processors; retrying', {
        error: errorMessage(error),
      });
      this.#tryAgain();
    });
  }

  #tryAgain(): void {
    if (this.#closed) return;
    this.#retry?.cancel();
    this.#retry = this.#options.timers.after(retryMs, () => {
      this.#settleLater();
    });
  }

  /** What is known is on disk and, of the containers that run, true. */
  #settle(): Promise<void> {
    return this.#inTurn(async () => {
      const { made } = this.#changes;
      await this.#save();
      await this.#moveAll();
      this.#changes.settled = made;
      // Without the policy there is nothing to know, once nobody is kept from anything.
      if (!this.isStatic) await rm(this.#options.file, { force: true });
    });
  }

  #inTurn<T>(job: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(job);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** Gives each running container the processors that it should have. */
  async #moveAll(): Promise<void> {
    const { runtime, labels: ofNode } = this.#options;
    const found = await runtime.summaries({ ...ofNode, [labels.role]: 'container' });
    const there = new Set(found.map(({ id }) => id));
    this.#applied = new Map([...this.#applied].filter(([id]) => there.has(id)));
    await Promise.all(
      found
        .filter(({ state }) => state === 'running')
        .map(({ id, labels: own }) =>
          this.#move(id, this.#listOf(own[labels.podUid] ?? '', own[labels.container] ?? '')),
        ),
    );
  }

  async #move(id: string, list: string): Promise<void> {
    if (this.#applied.get(id) === list) return;
    const { runtime, labels: ofNode } = this.#options;
    try {
      await runtime.update(id, { cpus: list });
      this.#applied.set(id, list);
    } catch (error) {
      if (error instanceof RuntimeError && error.code === 'not-found') return;
      // It may have ended meanwhile.
      const runs = (await runtime.summaries(ofNode)).some((each) => each.id === id && each.state === 'running');
      if (runs) throw error;
    }
  }

  async #save(): Promise<void> {
    const { file } = this.#options;
    await writeFile(`${file}.new`, JSON.stringify({ holdings: this.#ledger.holdings }), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
}

/** Undefined: there is no file. One that cannot be read says nothing: all share until their containers start again. */
async function readHoldings(file: string, log: Logger): Promise<readonly CpuHolding[] | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { holdings } = JSON.parse(text) as { readonly holdings: readonly CpuHolding[] };
    if (holdings.every(({ podUid, container, cpus }) => isText(podUid) && isText(container) && areNumbers(cpus)))
      return holdings;
    throw new SyntaxError('it is no list of processors');
  } catch (error) {
    log.error('the file of processors cannot be read; containers with their own share them until they start again', {
      file,
      error: errorMessage(error),
    });
    return [];
  }
}

const isText = (value: unknown): boolean => typeof value === 'string';
const areNumbers = (value: unknown): boolean => Array.isArray(value) && value.every((each) => Number.isInteger(each));
