/** What a workload is: clients that work with the cluster, remember what they were told, and judge it in the end. */
import { delay, type Random, type Timers } from '../../base/index.ts';
import type { ApiClient } from '../clients/api-client.ts';
import type { VersionedObjects } from '../clients/versioned-objects.ts';
import type { Probes } from '../probes/probe.ts';
import type { InvariantName } from '../scenario/scenario.ts';
import type { Ledger } from './ledger.ts';

/** A line of what clients did, as it is shown to whoever reads why an invariant broke. */
export interface EvidenceRow {
  /** Ms since the start of the workload. */
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
}

/** Whether an invariant held, and the history that proves that it did not. */
export interface Finding {
  readonly invariant: InvariantName;
  /** `undecided`: the run could not tell. */
  readonly outcome: 'held' | 'broken' | 'undecided';
  /** One sentence, with counts. */
  readonly detail: string;
  readonly evidence?: readonly EvidenceRow[] | undefined;
}

/** What the clients of a run share. */
export interface WorkloadContext {
  readonly api: ApiClient;
  readonly objects: VersionedObjects;
  /** The namespace that the run made for itself. */
  readonly namespace: string;
  /** Ms since the start of the workload. */
  readonly now: () => number;
  readonly timers: Timers;
  readonly random: Random;
  readonly probes: Probes;
  readonly ledger: Ledger;
  /** An image with a shell, httpd and sleep. */
  readonly image: string;
  /** How many clients or objects. */
  readonly count: number;
  /** How long the scenario lasts: long runs pace their clients. */
  readonly durationMs: number;
}

export interface Workload {
  /** Makes its objects and begins; rejects when that does not work on a cluster that is well. */
  start(): Promise<void>;
  /** Ends its clients, when what was under way has ended. */
  stop(): Promise<void>;
  /** After the faults, on a cluster that is well again. */
  judge(): Promise<readonly Finding[]>;
  /** What it did, by name. */
  counts(): Readonly<Record<string, number>>;
}

/** Clients that each do one thing after the other until they are stopped. */
export class Clients {
  readonly #timers: Timers;
  #stopped = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** `act` gets the number of the client and of its turn; a pause follows each. */
  start(count: number, pauseMs: number, act: (client: number, turn: number) => Promise<void>): void {
    const client = async (number: number): Promise<void> => {
      for (let turn = 0; !this.#stopped; turn++) {
        await act(number, turn);
        await delay(this.#timers, pauseMs);
      }
    };
    this.#running = Promise.all([this.#running, ...Array.from({ length: count }, (_, i) => client(i))]);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }
}

interface Awaited {
  /** For the error: `the rollout to end`. */
  readonly what: string;
  readonly withinMs: number;
}

/** Polls; rejects when it is not so within the time. */
export async function untilTrue(
  { timers, now }: Pick<WorkloadContext, 'timers' | 'now'>,
  { what, withinMs }: Awaited,
  probe: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = now() + withinMs;
  while (!(await probe())) {
    if (now() > end) throw new Error(`${what} did not happen within ${withinMs / 1_000} s`);
    await delay(timers, 100);
  }
}
