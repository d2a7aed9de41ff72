import test from 'ava';
import { ApiClient, type Call, type Outcome, Unanswered } from '../clients/api-client.ts';
import type { FaultName } from '../scenario/fault-table.ts';
import { faultContext } from './fault.fixture.ts';
import type { FaultContext } from './fault.ts';
import { cordon, scale } from './workload-faults.ts';

const answered = (body: object): Outcome => ({ type: 'answered', status: 200, text: JSON.stringify(body) });

/** Carries out every change, and gives the first one no answer. */
class Silent extends ApiClient {
  unschedulable = false;
  replicas = 1;
  #changes = 0;
  constructor() {
    super({ urls: ['https://127.0.0.1:9'] });
  }
  override call({ method = 'GET', body }: Call): Promise<Outcome> {
    const metadata = { name: 'node-1' };
    if (method === 'GET')
      return Promise.resolve(answered({ items: [{ metadata, spec: { unschedulable: this.unschedulable } }] }));
    if (method === 'POST') return Promise.resolve({ type: 'answered', status: 201, text: '{}' });
    const { spec } = body as { readonly spec: { readonly unschedulable?: boolean; readonly replicas?: number } };
    this.unschedulable = spec.unschedulable ?? this.unschedulable;
    this.replicas = spec.replicas ?? this.replicas;
    this.#changes += 1;
    return Promise.resolve(this.#changes === 1 ? { type: 'unknown', why: 'no answer' } : answered({}));
  }
}

const contextOf = (api: ApiClient, fault: FaultName, amount: number): FaultContext =>
  faultContext({ fault, strikes: 'node', amount }, api);

test('a cordon or scaling whose answer was lost is undone: it may have been carried out', async (t) => {
  const api = new Silent();
  await t.throwsAsync(cordon(contextOf(api, 'cordon', 0)), { instanceOf: Unanswered });
  t.false(api.unschedulable);
  const other = new Silent();
  await t.throwsAsync(scale(contextOf(other, 'scale', 5)), { instanceOf: Unanswered });
  t.is(other.replicas, 1);
});

test('a cordon is in force until its end', async (t) => {
  const api = new Silent();
  await t.throwsAsync(cordon(contextOf(api, 'cordon', 0)));
  const effect = await cordon(contextOf(api, 'cordon', 0));
  t.is(effect.victim, 'node-1');
  t.true(api.unschedulable);
  await effect.end();
  t.false(api.unschedulable);
});
