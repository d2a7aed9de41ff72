/** Faults on command: what the file faults.json of the data folder says is done at the next calls. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GrpcFailure, grpcCodes } from '../../src/grpc/index.ts';

/**
 * `hang`: no answer ever. `fail`: an error, nothing done. `lie`: success, nothing done. `die-before` and `die-after`:
 * the process ends, without or with the work done.
 */
interface Fault {
  readonly do: 'hang' | 'fail' | 'lie' | 'die-before' | 'die-after';
  /** How many calls it strikes; default all. */
  readonly times?: number;
  /** Part of the request that it strikes; default all. */
  readonly only?: string;
}

type Work = (request: never) => object;

/** Strikes calls as the file says, by method. */
export class Faults {
  readonly #file: string;
  readonly #struck = new Map<string, number>();

  constructor(data: string) {
    this.#file = join(data, 'faults.json');
  }

  /** The work with its faults. */
  around(method: string, work: Work): (request: never) => Promise<never> {
    return (async (request: never) => {
      const fault = this.#next(method, JSON.stringify(request));
      if (fault === 'hang') return new Promise(() => undefined);
      if (fault === 'fail') throw new GrpcFailure(grpcCodes.internal, `${method} fails on command`);
      if (fault === 'lie') return {};
      if (fault === 'die-before') process.exit(9);
      const answer = work(request);
      if (fault === 'die-after') process.exit(9);
      return answer;
    }) as never;
  }

  #next(method: string, request: string): Fault['do'] | undefined {
    if (!existsSync(this.#file)) return undefined;
    const text = readFileSync(this.#file, 'utf8');
    const fault = (JSON.parse(text || '{}') as Readonly<Record<string, Fault>>)[method];
    if (fault === undefined || (fault.only !== undefined && !request.includes(fault.only))) return undefined;
    const key = `${method} ${text}`;
    const struck = this.#struck.get(key) ?? 0;
    if (fault.times !== undefined && struck >= fault.times) return undefined;
    this.#struck.set(key, struck + 1);
    return fault.do;
  }
}
