import test from 'ava';
import { Proposals } from './proposals.ts';

test('a batch that a snapshot brought applied makes room for the next ones, and its writer hears that the result is lost', async (t) => {
  const proposals = new Proposals('session');
  const outcomes: string[] = [];
  for (const name of ['first', 'second']) {
    proposals.add('tick', 1_000).then(() => { outcomes.push(`${name} done`); }, (error: unknown) => { outcomes.push(`${name} ${(error as { code: string }).code}`); });
    proposals.take(0, 0);
  }
  proposals.overtaken(1);
  await new Promise((resolve) => { setImmediate(resolve); });
  t.deepEqual(outcomes, ['first timeout']);
  t.is(proposals.flights, 1);
});
