/** Parses long YAML texts in a worker thread, one after the other, each with a deadline. */
import { Worker } from 'node:worker_threads';
import {
  ExcessError,
  type ParsedYaml,
  serviceUnavailable,
  StatusError,
  tooLarge,
  tooManyRequests,
  YamlTextError,
} from '../api/index.ts';
import { limits, type Timers } from '../base/index.ts';
import { FairJobs } from './fair-jobs.ts';
import type { LongYamlParser } from './request-body.ts';
import type { YamlReport } from './yaml-worker.ts';

interface YamlThread {
  readonly parse: LongYamlParser;
  close(): void;
}

/** The thread's memory, in MiB: the longest text that the bounds let in needs less. */
const heapMax = { maxOldGenerationSizeMb: 384, maxYoungGenerationSizeMb: 32 };
/** How long the thread may take to start. */
const startMs = 30_000;

const openWorker = (): Worker =>
  new Worker(new URL(import.meta.url.endsWith('.ts') ? './yaml-worker.ts' : './yaml-worker.js', import.meta.url), {
    resourceLimits: heapMax,
  });

/**
 * The thread starts with the first text, and again after one that it did not survive. It takes a text of each user in
 * turn: who sends many waits for his own.
 */
export function yamlThread(timers: Timers, deadlineMs: number = limits.yamlMs): YamlThread {
  const thread = new Thread(timers);
  const one = async (text: string): Promise<() => ParsedYaml> => {
    if (!(await thread.start())) throw serviceUnavailable('the thread that parses long YAML does not start', 1);
    const report = await thread.report(text, deadlineMs);
    if (report !== undefined) return () => parsedOf(report);
    throw tooLarge(
      `YAML: the text took more than ${deadlineMs} ms or too much memory to parse`,
      new ExcessError('yaml', 'time'),
    );
  };
  const jobs = new FairJobs({ perUserMax: limits.yamlWaitingMax, allMax: limits.yamlWaitingAllMax });
  return {
    parse: (text, user) => jobs.run(user, () => one(text)) ?? Promise.reject(tooManyTexts()),
    close: () => {
      thread.end();
    },
  };
}

function tooManyTexts(): StatusError {
  const { details, message } = tooManyRequests('too many long YAML texts wait to be parsed', 1);
  return new StatusError('TooManyRequests', message, { details, cause: new ExcessError('yaml', 'waiting') });
}

function parsedOf(report: Exclude<YamlReport, { readonly type: 'ready' }>): ParsedYaml {
  if (report.type === 'refused') throw new YamlTextError(report.problem);
  return { value: JSON.parse(report.json) as unknown, repeatedKeys: report.repeatedKeys };
}

/** The worker and what it was asked for; at most one question is open. */
class Thread {
  readonly #timers: Timers;
  #worker: Worker | undefined;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Resolves to false when there is no thread to be had. */
  async start(): Promise<boolean> {
    if (this.#worker !== undefined) return true;
    const worker = openWorker();
    worker.unref();
    // Its end follows, which is heard.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    this.#worker = worker;
    return (await this.#message(worker, startMs)) !== undefined;
  }

  /** What the thread says of a text; undefined when it ended or was too slow: it is then ended. */
  async report(text: string, deadlineMs: number): Promise<Exclude<YamlReport, { readonly type: 'ready' }> | undefined> {
    const worker = this.#worker;
    if (worker === undefined) return undefined;
    const answer = this.#message(worker, deadlineMs);
    worker.postMessage(text);
    const report = await answer;
    return report?.type === 'ready' ? undefined : report;
  }

  end(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #message(worker: Worker, ms: number): Promise<YamlReport | undefined> {
    return new Promise((resolve) => {
      const fail = (): void => {
        settle(undefined);
      };
      const settle = (report: YamlReport | undefined): void => {
        deadline.cancel();
        worker.off('message', settle);
        worker.off('exit', fail);
        if (report === undefined) this.end();
        resolve(report);
      };
      const deadline = this.#timers.after(ms, fail);
      worker.once('message', settle);
      worker.once('exit', fail);
    });
  }
}
