/** Who acts on each object: an object's actor may be in one process only. */
import { Clients, type EvidenceRow, type Finding, type Workload, type WorkloadContext } from './workload.ts';

interface Actor {
  readonly address: string;
  readonly process: string;
}

const askMs = 1_000;
/** The tree of a process that stands still is shown for a while; two that act stay two. */
const twoMs = 10_000;

/** An actor of an object has four parts in its address: controller, bucket, namespace, name. */
const isActorOfObject = ({ address }: Actor): boolean => /^[^/]+-controller(\/[^/]+){3}$/.test(address);

/** Pure: fed with the actors that were seen at a moment, it knows who was in two processes, and for how long. */
export class DoubleActors {
  /** By address: since when, and in which processes. */
  readonly #since = new Map<string, { readonly atMs: number; readonly processes: string }>();
  readonly #found = new Map<string, EvidenceRow>();

  see(actors: readonly Actor[], atMs: number): void {
    const places = Map.groupBy(actors.filter(isActorOfObject), ({ address }) => address);
    for (const address of this.#since.keys()) if ((places.get(address)?.length ?? 0) < 2) this.#since.delete(address);
    for (const [address, found] of places) {
      if (found.length < 2) continue;
      const processes = found
        .map(({ process }) => process)
        .sort()
        .join(' and ');
      const since = this.#since.get(address) ?? { atMs, processes };
      this.#since.set(address, since);
      if (atMs - since.atMs < twoMs) continue;
      const what = `acts in ${processes} at once, for ${Math.round((atMs - since.atMs) / 1_000)} s`;
      this.#found.set(address, { atMs: since.atMs, who: address, what });
    }
  }

  evidence(): readonly EvidenceRow[] {
    return [...this.#found.values()];
  }
}

export class Owners implements Workload {
  readonly #context: WorkloadContext;
  readonly #clients: Clients;
  readonly #doubles = new DoubleActors();
  #seen = 0;

  constructor(context: WorkloadContext) {
    this.#context = context;
    this.#clients = new Clients(context.timers);
  }

  start(): Promise<void> {
    this.#clients.start(1, askMs, (_, turn) => this.#look(turn));
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return this.#clients.stop();
  }

  counts(): Readonly<Record<string, number>> {
    return { looks: this.#seen };
  }

  judge(): Promise<readonly Finding[]> {
    const evidence = this.#doubles.evidence();
    return Promise.resolve([
      {
        invariant: 'one-owner',
        outcome: evidence.length > 0 ? 'broken' : this.#seen > 0 ? 'held' : 'undecided',
        detail: `${evidence.length} objects had an actor in two processes, in ${this.#seen} looks at the tree`,
        evidence: evidence.slice(0, 20),
      },
    ]);
  }

  async #look(turn: number): Promise<void> {
    const { api, now } = this.#context;
    const outcome = await api.call({ path: '/troupe/api/actors', turn });
    if (outcome.type !== 'answered' || outcome.status !== 200) return;
    this.#seen += 1;
    this.#doubles.see((JSON.parse(outcome.text) as { readonly actors: readonly Actor[] }).actors, now());
  }
}
