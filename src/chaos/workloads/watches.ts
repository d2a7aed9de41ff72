/** Watches from clients: every acknowledged write arrives once, in the order of versions, across broken streams. */
import { delay } from '../../base/index.ts';
import type { StreamEvent } from '../clients/api-client.ts';
import type { EvidenceRow, Finding, Workload, WorkloadContext } from './workload.ts';

interface Seen {
  readonly atMs: number;
  readonly type: string;
  readonly name: string;
  readonly version: number;
}

const catchUpMs = 30_000;
const retryMs = 200;
const evidenceMax = 20;

export class Watches implements Workload {
  readonly #context: WorkloadContext;
  readonly #watchers: readonly Watcher[];
  #end = 0;

  constructor(context: WorkloadContext) {
    this.#context = context;
    this.#watchers = Array.from({ length: context.count }, (_, i) => new Watcher(context, i));
  }

  async start(): Promise<void> {
    await Promise.all(this.#watchers.map((watcher) => watcher.start()));
  }

  /** Waits until every watcher has seen the newest acknowledged write, for a while. */
  async stop(): Promise<void> {
    const { ledger, timers, now } = this.#context;
    const end = now() + catchUpMs;
    this.#end = ledger.newest;
    while (this.#watchers.some((watcher) => watcher.newest < this.#end) && now() < end) await delay(timers, retryMs);
    for (const watcher of this.#watchers) watcher.stop();
  }

  counts(): Readonly<Record<string, number>> {
    const sum = (of: (watcher: Watcher) => number): number => this.#watchers.reduce((all, each) => all + of(each), 0);
    return {
      events: sum(({ seen }) => seen.length),
      resumed: sum(({ resumed }) => resumed),
      listedAgain: sum(({ listedAgain }) => listedAgain),
    };
  }

  judge(): Promise<readonly Finding[]> {
    const missing = this.#watchers.flatMap((watcher) => this.#missing(watcher));
    const disordered = this.#watchers.flatMap(disorderOf);
    const { events, resumed, listedAgain } = this.counts();
    const of = `${events} events in ${this.#watchers.length} watches, resumed ${resumed} times`;
    const gaps = listedAgain === 0 ? '' : `, ${listedAgain} times from a new list, for the version was gone`;
    return Promise.resolve([
      {
        invariant: 'watches-complete',
        outcome: missing.length > 0 ? 'broken' : 'held',
        detail: `${missing.length} acknowledged writes never came; ${of}${gaps}`,
        evidence: missing.slice(0, evidenceMax),
      },
      {
        invariant: 'watches-ordered',
        outcome: disordered.length > 0 ? 'broken' : 'held',
        detail: `${disordered.length} events came again or out of order; ${of}`,
        evidence: disordered.slice(0, evidenceMax),
      },
    ]);
  }

  #missing(watcher: Watcher): readonly EvidenceRow[] {
    const versions = new Set(watcher.seen.map(({ version }) => version));
    return this.#context.ledger.writes
      .flatMap(({ version, ...write }) => (version === undefined ? [] : [{ ...write, version }]))
      .filter(({ version }) => version <= this.#end && watcher.covers(version) && !versions.has(version))
      .map(({ atMs, name, version }) => ({
        atMs,
        who: `watch ${watcher.number}`,
        what: `${name} at version ${version} was acknowledged, and never came`,
      }));
  }
}

function disorderOf({ number, seen }: Watcher): readonly EvidenceRow[] {
  return seen.flatMap(({ atMs, type, name, version }, i) => {
    const before = seen[i - 1];
    if (before === undefined || before.version < version) return [];
    return [
      { atMs, who: `watch ${number}`, what: `${type} ${name} at version ${version} came after ${before.version}` },
    ];
  });
}

/** One client that lists, watches, and goes on after a broken stream where it was. */
class Watcher {
  readonly number: number;
  readonly seen: Seen[] = [];
  /** Versions up to here, from there on, were not watched: the server had forgotten them. */
  readonly #gaps: { readonly after: number; readonly upTo: number }[] = [];
  readonly #context: WorkloadContext;
  #from = 0;
  #turn: number;
  #stopped = false;
  #close: () => void = () => undefined;
  newest = 0;
  resumed = 0;
  listedAgain = 0;

  constructor(context: WorkloadContext, number: number) {
    this.#context = context;
    this.number = number;
    this.#turn = number;
  }

  async start(): Promise<void> {
    this.#from = await this.#list();
    this.newest = this.#from;
    this.#watch();
  }

  stop(): void {
    this.#stopped = true;
    this.#close();
  }

  /** Whether an event of this version had to come. */
  covers(version: number): boolean {
    return version > this.#from && !this.#gaps.some(({ after, upTo }) => version > after && version <= upTo);
  }

  #watch(): void {
    const path = `${this.#path()}?watch=true&resourceVersion=${this.newest}`;
    this.#close = this.#context.api.watch(
      { path, turn: this.#turn },
      {
        event: (event) => {
          this.#take(event);
        },
        end: (gone) => {
          void this.#resume(gone);
        },
      },
    );
  }

  #take({ type, object: { metadata } }: StreamEvent): void {
    const version = Number(metadata.resourceVersion);
    this.seen.push({ atMs: this.#context.now(), type, name: metadata.name, version });
    this.newest = Math.max(this.newest, version);
  }

  async #resume(gone: boolean): Promise<void> {
    if (this.#stopped) return;
    await delay(this.#context.timers, retryMs);
    if (this.#stopped) return;
    this.#turn += 1;
    this.resumed += 1;
    if (gone) {
      const listed = await this.#list().catch(() => undefined);
      if (listed === undefined) {
        await this.#resume(true);
        return;
      }
      this.listedAgain += 1;
      this.#gaps.push({ after: this.newest, upTo: listed });
      this.newest = listed;
    }
    this.#watch();
  }

  async #list(): Promise<number> {
    const { api } = this.#context;
    const list = await api.must<{ metadata: { resourceVersion: string } }>({ path: this.#path(), turn: this.#turn });
    return Number(list.metadata.resourceVersion);
  }

  #path(): string {
    return `/api/v1/namespaces/${this.#context.namespace}/configmaps`;
  }
}
