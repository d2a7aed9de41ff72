/** What a fault has at hand, on a clock of the test and a cluster of nothing. */
import { SimulatedTime } from '../../platform/index.ts';
import type { ApiClient } from '../clients/api-client.ts';
import type { FaultSpec } from '../scenario/scenario.ts';
import type { FaultContext } from './fault.ts';

export function faultContext(spec: Partial<FaultSpec>, api: ApiClient): FaultContext {
  const time = new SimulatedTime(0, 1);
  const facts = { name: 'c', orchestrator: 'kubernetes', version: 'v1', members: 1, nodes: 1, runtime: 'docker' };
  return {
    api,
    target: {
      facts,
      access: { urls: [] },
      image: 'x',
      madeByRun: false,
      complaints: () => Promise.resolve([]),
      close: () => Promise.resolve([]),
    },
    spec: { fault: 'kill', strikes: 'member', victim: 'any', forMs: 5_000, amount: 0, ...spec },
    pick: 0,
    namespace: 'x',
    timers: time,
    now: () => time.monotonic(),
    excuse: () => undefined,
  };
}
