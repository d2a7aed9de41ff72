import test from 'ava';
import type { Call, Outcome } from '../clients/api-client.ts';
import { Probes } from '../probes/probe.ts';
import { RunNews } from './run-news.ts';

const fault = (id: number) => ({
  id,
  fault: 'kill',
  spec: 'kill member',
  victim: 'member-1',
  beganMs: 1_000 * id,
  endedMs: 1_000 * id + 50,
  outcome: 'took-effect' as const,
  proof: 'p',
});

test('a run tells every two seconds how far it is, what breaks and what clients feel', async (t) => {
  const calls: Call[] = [];
  let now = 10_000;
  const call = (asked: Call): Promise<Outcome> => {
    calls.push(asked);
    return Promise.resolve({ type: 'unknown', why: 'no answer' });
  };
  const scenario = { name: 's', summary: 'S.', durationMs: 60_000 };
  const news = new RunNews({ api: { call }, namespace: 'chaos-s', scenario, now: () => now });
  const probes = new Probes();
  probes.of('writes', 500).succeeded(9_000, 9_010);
  for (let id = 1; id <= 20; id += 1) news.fault(fault(id), 'began');
  news.fault(fault(3), 'ended');
  await news.tell(4_000, probes, ['member-1 is not ready']);
  now += 1_000;
  await news.tell(4_000, probes, []);
  t.is(calls.length, 1, 'not so soon again');
  now += 1_500;
  await news.tell(4_000, probes, []);
  t.is(calls.length, 2, 'a call without an answer does not end it');
  t.is(calls[0]?.path, '/api/v1/namespaces/chaos-s');
  const { metadata } = calls[0]?.body as { metadata: { annotations: Record<string, string> } };
  const told = JSON.parse(metadata.annotations['troupe.dev/chaos-run'] ?? '') as {
    faults: { id: number; moment: string }[];
  };
  t.like(told, {
    name: 's',
    durationMs: 60_000,
    atMs: 6_000,
    probes: [{ name: 'writes', attempts: 1, failures: 0 }],
    complaints: ['member-1 is not ready'],
  });
  t.is(told.faults.length, 12);
  t.like(told.faults.at(-1), { id: 3, moment: 'ended' });
});
