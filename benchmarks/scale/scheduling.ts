/** Pods that wait for the scheduler, made through the API, and how fast they get their nodes. */
import { eventually } from '../../test/integration/cluster.ts';
import type { Bench } from '../api/bench.ts';

const pods = '/api/v1/namespaces/default/pods';
const boundMetric = /^troupe_scheduler_pods_bound_total(?:\{[^}]*\})? (\d+)/m;

async function bound(bench: Bench): Promise<number> {
  return Number(boundMetric.exec(await bench.read('/metrics'))?.[1] ?? 0);
}

export interface Scheduled {
  /** From the first POST until the last binding. */
  readonly perSecond: number;
  /** The member's processor time for each pod: its POST, the decision, the binding and the events. */
  readonly microseconds: number;
}

/** Makes so many pods and waits until as many bindings were written. */
export async function schedule(bench: Bench, body: string, count: number): Promise<Scheduled> {
  const [before, spent, from] = [await bound(bench), bench.spent(), performance.now()];
  await bench.load({ method: 'POST', path: pods, body, requests: count, seconds: 600 });
  const missing = async (): Promise<number> => before + count - (await bound(bench));
  await eventually(`the binding of ${count} pods`, async () => (await missing()) <= 0, 180_000);
  return {
    perSecond: count / ((performance.now() - from) / 1_000),
    microseconds: (bench.spent() - spent) / count,
  };
}
