import test from 'ava';
import { SimulatedTime } from '../../platform/index.ts';
import { ApiClient, type Call, type Outcome } from '../clients/api-client.ts';
import { faultContext } from '../faults/fault.fixture.ts';
import type { ScheduledFault } from '../scenario/schedule.ts';
import { FaultRunner } from './fault-runner.ts';

/** One node; of the changes that make it take pods again, the first ones fail. */
class OneNode extends ApiClient {
  unschedulable = false;
  failing: number;

  constructor(failing: number) {
    super({ urls: ['https://127.0.0.1:9'] });
    this.failing = failing;
  }

  override call({ method = 'GET', body }: Call): Promise<Outcome> {
    const spec = { unschedulable: this.unschedulable };
    const text = JSON.stringify({ items: [{ metadata: { name: 'node-1' }, spec }] });
    if (method === 'GET') return Promise.resolve({ type: 'answered', status: 200, text });
    const wanted = (body as { readonly spec: { readonly unschedulable: boolean } }).spec.unschedulable;
    if (!wanted && this.failing > 0) {
      this.failing -= 1;
      return Promise.resolve({ type: 'answered', status: 503, text: 'no leader' });
    }
    this.unschedulable = wanted;
    return Promise.resolve({ type: 'answered', status: 200, text: '{}' });
  }
}

/** A cordon of five seconds; with `breaksOff` the run ends in its middle. */
async function cordoned(failing: number, { breaksOff = false } = {}) {
  const api = new OneNode(failing);
  const { spec, pick, ...context } = faultContext({ fault: 'cordon', strikes: 'node' }, api);
  const time = new SimulatedTime(0, 1);
  const aborting = new AbortController();
  const shared = { ...context, timers: time, now: () => time.monotonic() };
  const runner = new FaultRunner({ shared, fromMs: 0, told: () => undefined, signal: aborting.signal });
  const fault: ScheduledFault = { id: 7, atMs: 0, spec, pick };
  const ran = runner.run([fault]);
  await time.run(2_000);
  if (breaksOff) aborting.abort();
  await time.run(60_000);
  await ran;
  return { api, runner };
}

for (const breaksOff of [false, true]) {
  const when = breaksOff ? 'when a run is broken off' : 'at the end of a fault';
  test(`an end that fails ${when} is tried again until it succeeds`, async (t) => {
    const { api, runner } = await cordoned(3, { breaksOff });
    t.false(api.unschedulable);
    t.deepEqual(runner.unmended, []);
  });

  test(`an end that goes on to fail ${when} is told, and breaks the verdict`, async (t) => {
    const { api, runner } = await cordoned(Number.POSITIVE_INFINITY, { breaksOff });
    t.true(api.unschedulable);
    t.is(runner.unmended.length, 1);
    t.regex(runner.unmended[0] ?? '', /^fault 7 \(node-1\) could not be undone: /);
    if (!breaksOff) t.like(runner.records[0], { id: 7, outcome: 'took-effect' });
  });
}
