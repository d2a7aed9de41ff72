import test, { type ExecutionContext } from 'ava';
import { Cluster, run } from './cluster.ts';

/** An engine that a test starts for itself, with its socket and images. */
interface OwnEngine {
  start(): Promise<void>;
  stop(): Promise<void>;
  importBusybox(image: string): Promise<void>;
}

interface EngineNodeOptions<Engine extends OwnEngine> {
  /** The name of the runtime, and of the cluster. */
  readonly name: string;
  /** Why the tests cannot run on this machine; undefined: they can. */
  readonly problem: string | undefined;
  readonly image: string;
  readonly make: () => Engine;
  /** More of the command line, and of the settings. */
  readonly flags?: readonly string[];
  readonly settings: (engine: Engine) => readonly string[];
}

/** A cluster whose node runs on an engine of its own, for the tests of a file. */
export class EngineNode<Engine extends OwnEngine> {
  readonly #problem: string | undefined;
  #engine: Engine | undefined;
  #cluster: Cluster | undefined;

  constructor({ name, problem, image, make, flags = [], settings }: EngineNodeOptions<Engine>) {
    this.#problem = problem;
    test.before(`a cluster whose node runs on ${name}, one of its own`, async (t) => {
      if (problem !== undefined) {
        t.log(`skipped: ${problem}`);
        return;
      }
      this.#engine = make();
      await this.#engine.start();
      await this.#engine.importBusybox(image);
      this.#cluster = await Cluster.create(name, ['--runtime', name, ...flags], settings(this.#engine));
    });
    test.after.always('removed with everything that it made', async () => {
      this.#cluster?.destroy();
      await this.#engine?.stop();
    });
  }

  get engine(): Engine {
    if (this.#engine === undefined) throw new Error('the engine is not started');
    return this.#engine;
  }

  get cluster(): Cluster {
    if (this.#cluster === undefined) throw new Error('the cluster is not started');
    return this.#cluster;
  }

  /** A test of the file; it says why where it cannot run, and what there was where it fails. */
  test(title: string, body: (t: ExecutionContext) => Promise<void>): void {
    test.serial(title, async (t) => {
      if (this.#problem !== undefined) {
        t.log(`skipped: ${this.#problem}`);
        t.pass();
        return;
      }
      await body(t).catch((error: unknown) => {
        const { cluster } = this;
        t.log(cluster.kubectl('describe', 'node,pod').stdout.slice(-8_000), cluster.logs().slice(-4_000));
        throw error;
      });
    });
  }

  /** A field of an object, by its JSONPath. */
  get(what: string, path: string): string {
    return this.cluster.must('get', ...what.split(' '), '-o', `jsonpath={${path}}`);
  }

  /** The links of pods on the node's bridge. */
  links(): string {
    return run('ip', ['-o', 'link', 'show', 'master', `trp-${this.cluster.name}`]).stdout;
  }
}
