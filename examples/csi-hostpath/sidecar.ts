/** What the parts of the side-cars share: the API, the driver's controller, and a way to fail softly. */
import { systemClock } from '../../src/platform/index.ts';
import { csiTable, grpcService, parseTable } from '../../src/grpc/index.ts';
import { api, type ApiOptions } from './api.ts';

export interface Sidecar {
  /** The driver's name. */
  readonly name: string;
  readonly api: <T>(method: string, path: string, body?: object) => Promise<T>;
  readonly list: <T>(path: string) => Promise<readonly T[]>;
  /** Calls the driver's controller service. */
  readonly controller: (method: string, request: object) => Promise<Readonly<Record<string, unknown>>>;
  /** Does something; a failure is told and tried again in the next round. */
  readonly attempt: (what: string, job: () => Promise<void>) => Promise<void>;
}

const deadlineMs = 10_000;

export function sidecar(name: string, socket: string, options: ApiOptions): Sidecar {
  const call = api(options);
  const controller = grpcService(parseTable(csiTable), 'Controller', { socketPath: socket, clock: systemClock });
  return {
    name,
    api: call,
    list: async <T>(path: string) => (await call<{ readonly items: readonly T[] }>('GET', path)).items,
    controller: (method, request) => controller(method, { ...request }, { deadlineMs }),
    attempt: async (what, job) => {
      try {
        await job();
      } catch (error) {
        console.log(`failed to ${what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
  };
}
