/** Runs loads against an API server and gathers their figures. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { type Cluster, eventually } from '../../test/integration/cluster.ts';
import type { Figure } from '../figures.ts';
import type { Http2WatchLoad } from '../load/http2-watch-load.ts';
import type { LoadResult, RequestLoad } from '../load/request-load.ts';
import type { WatchLoad } from '../load/watch-load.ts';
import { hasWrk, wrkLoad } from '../load/wrk.ts';

const peer = 'kube-apiserver 1.33';
const never = Number.MAX_SAFE_INTEGER;
const execute = promisify(execFile);
const program = (name: string): string => join(import.meta.dirname, '..', 'load', name);

type Asked = Partial<RequestLoad> & Pick<RequestLoad, 'path'>;

interface WatchProcess {
  readonly child: ChildProcess;
  /** The first line that begins so. */
  line(start: string): Promise<string>;
}

export interface WatchDone {
  readonly atMs: number;
  readonly delivered: number;
  readonly ended: number;
}

/** Loads on one cluster of one member, and the figures that came of them. */
export class Bench {
  readonly figures: Figure[] = [];
  readonly cluster: Cluster;
  /** What makes the load of rates. */
  readonly generator: 'wrk' | 'Node.js' = hasWrk() ? 'wrk' : 'Node.js';
  readonly #seconds: number;
  readonly #groups: number;

  /** `seconds`: how long a load lasts that says nothing else. `groups`: over how many nodes pods are spread. */
  constructor(cluster: Cluster, { seconds, groups }: { readonly seconds: number; readonly groups: number }) {
    this.cluster = cluster;
    this.#seconds = seconds;
    this.#groups = groups;
  }

  add(figure: Figure): void {
    const { peerValue } = figure;
    this.figures.push(peerValue === undefined ? figure : { ...figure, peer, ratio: figure.value / peerValue });
    console.error(`${figure.name}: ${figure.value.toFixed(1)} ${figure.unit}`);
  }

  /** A load of a given time, or of a given number of requests, which wrk cannot keep to. */
  async load(load: Asked): Promise<LoadResult> {
    const whole: RequestLoad = {
      port: this.cluster.port,
      token: this.cluster.token,
      connections: 64,
      method: 'GET',
      seconds: this.#seconds,
      requests: never,
      groups: this.#groups,
      ...load,
    };
    const result = this.generator === 'wrk' && whole.requests === never ? await wrkLoad(whole) : await nodeLoad(whole);
    if (result.failures > 0)
      throw new Error(`${result.failures} of ${result.answers} answers to ${whole.method} ${whole.path} were failures`);
    return result;
  }

  watch(load: Pick<WatchLoad, 'watches' | 'path' | 'events'>): WatchProcess {
    return this.#start('watch-load.ts', load);
  }

  watchOverHttp2(load: Pick<Http2WatchLoad, 'clients' | 'watchesPerClient' | 'path'>): WatchProcess {
    return this.#start('http2-watch-load.ts', load);
  }

  #start(name: string, load: object): WatchProcess {
    const child = spawn(
      process.execPath,
      [program(name), JSON.stringify({ port: this.cluster.port, token: this.cluster.token, ...load })],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
    });
    return {
      child,
      line: (start) =>
        eventually(`"${start}" of the watchers`, () => lines.find((line) => line.startsWith(start)), 180_000),
    };
  }

  /**
   * Writes to `path` while so many watchers stand there: how many deliveries a second, and the member's processor time
   * in µs.
   */
  async fanOut(options: {
    readonly watchers: number;
    readonly writes: number;
    readonly path: string;
    readonly body: string;
  }): Promise<{ readonly perSecond: number; readonly spent: number; readonly ended: number }> {
    const { watchers, writes, path, body } = options;
    const events = watchers * writes;
    const { metadata } = JSON.parse(await this.read(path)) as {
      readonly metadata: { readonly resourceVersion: string };
    };
    const watch = this.watch({
      watches: watchers,
      path: `${path}?watch=1&resourceVersion=${metadata.resourceVersion}&timeoutSeconds=600`,
      events,
    });
    await watch.line('open');
    const before = this.spent();
    const began = performance.timeOrigin + performance.now();
    await this.load({ method: 'POST', path, body, requests: writes, seconds: 600 });
    const done = JSON.parse((await watch.line('done')).slice(5)) as WatchDone;
    const spent = this.spent() - before;
    watch.child.stdin?.end();
    return { perSecond: events / ((done.atMs - began) / 1000), spent, ended: done.ended };
  }

  get #pid(): number {
    return this.cluster.status().members[0]?.pid ?? 0;
  }

  /** The member's resident memory in MB. */
  memory(): number {
    return (Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.#pid}/status`, 'utf8'))?.[1] ?? 0) * 1024) / 1e6;
  }

  /** The member's processor time so far, in µs. */
  spent(): number {
    return spentBy(this.#pid);
  }

  /**
   * The member's processor time in µs for each answer of a load: unlike a rate, it says something on a machine with
   * other work, too.
   */
  async costing(load: Asked): Promise<LoadResult & { readonly microseconds: number }> {
    const before = this.spent();
    const result = await this.load(load);
    return { ...result, microseconds: (this.spent() - before) / result.answers };
  }

  /** The share of one processor, in percent, that the member spends in this time. */
  async shareOf(ms: number): Promise<number> {
    const [before, from] = [this.spent(), performance.now()];
    await new Promise((resolve) => {
      setTimeout(resolve, ms);
    });
    return (this.spent() - before) / 10 / (performance.now() - from);
  }

  read(path: string): Promise<string> {
    const { cluster } = this;
    return new Promise((resolve, reject) => {
      request(
        `${cluster.url}${path}`,
        { ca: cluster.ca, headers: { authorization: `Bearer ${cluster.token}` } },
        (answer) => {
          let text = '';
          answer
            .setEncoding('utf8')
            .on('data', (piece: string) => {
              text += piece;
            })
            .on('end', () => {
              resolve(text);
            });
        },
      )
        .on('error', reject)
        .end();
    });
  }

  /** How long each of some reads took, in ms. */
  async readMs(paths: readonly string[]): Promise<readonly number[]> {
    const samples: number[] = [];
    for (const path of paths) {
      const from = performance.now();
      await this.read(path);
      samples.push(performance.now() - from);
    }
    return samples;
  }
}

/** A process's processor time so far, in µs. */
export function spentBy(pid: number): number {
  // The fields after the program's name; user and system time are in hundredths of a second.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13) ?? [];
  return fields.reduce((sum, field) => sum + Number(field), 0) * 10_000;
}

async function nodeLoad(load: RequestLoad): Promise<LoadResult> {
  const { stdout } = await execute(process.execPath, [program('request-load.ts'), JSON.stringify(load)], {
    maxBuffer: 1 << 20,
  });
  return JSON.parse(stdout) as LoadResult;
}
