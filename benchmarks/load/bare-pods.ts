/** Measures the floor of a pod's start: its containers by bare calls of the engine. */

/** The containers of one pod, by their ids at the engine. */
interface BarePair {
  readonly sandbox: string;
  readonly container: string;
}

/** Makes and removes the two containers of a pod by the same calls as an agent, in the same order, and nothing else. */
export interface BareEngine {
  readonly name: string;
  /** Resolves when both run. */
  start(name: string): Promise<BarePair>;
  stop(pair: BarePair): Promise<void>;
  close(): void;
}

/** So many start at once, and so many are removed beside that, as with an agent. */
const startsAtOnce = 8;
const removalsAtOnce = 2;
/** Of the containers that are measured. */
export const graceSeconds = 5;

/** The floor of a pod's start: no API, no scheduler, no link to a bridge, no files, no status. */
export class BarePods {
  readonly #engine: BareEngine;
  readonly #pods: BarePair[] = [];
  #made = 0;

  constructor(engine: BareEngine) {
    this.#engine = engine;
  }

  get engine(): string {
    return this.#engine.name;
  }

  /** Answers in ms how long it took. */
  async start(): Promise<number> {
    const started = performance.now();
    this.#pods.push(await this.#engine.start(`bare-${process.pid}-${this.#made++}`));
    return performance.now() - started;
  }

  /** Ends and removes the oldest one. */
  async stop(): Promise<void> {
    const pair = this.#pods.shift();
    if (pair !== undefined) await this.#engine.stop(pair);
  }

  /** In seconds: until `count` run; then until as many new ones run, while each takes an old one's place. */
  async deployment(count: number): Promise<{ readonly up: number; readonly update: number }> {
    const timed = async (started: (index: number) => void): Promise<number> => {
      const from = performance.now();
      let next = 0;
      await Promise.all(
        Array.from({ length: startsAtOnce }, async () => {
          while (next < count) {
            const index = next++;
            await this.start();
            started(index);
          }
        }),
      );
      return (performance.now() - from) / 1000;
    };
    await this.#stopAll();
    const up = await timed(() => undefined);
    const removals = Array.from({ length: removalsAtOnce }, () => Promise.resolve());
    const update = await timed((index) => {
      const turn = index % removalsAtOnce;
      removals[turn] = (removals[turn] ?? Promise.resolve()).then(() => this.stop());
    });
    await Promise.all(removals);
    return { up, update };
  }

  async #stopAll(): Promise<void> {
    while (this.#pods.length > 0) await this.stop();
  }

  async close(): Promise<void> {
    await this.#stopAll();
    this.#engine.close();
  }
}
