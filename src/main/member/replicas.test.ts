import test from 'ava';
import { replicaChanges } from './replicas.ts';

const entry = (name: string, beside?: string): { name: string; apiPort: number; natsPort: number; routePort: number } =>
  Object.assign({ name, apiPort: 1, natsPort: 2, routePort: 3 }, beside === undefined ? {} : { beside });

test('planned replicas are taken in, those of an earlier plan go, and those of other members are left alone', (t) => {
  const plan = [entry('m1'), entry('m1-door-2', 'm1'), entry('m2'), entry('m2-door-2', 'm2')];
  t.deepEqual(
    replicaChanges(
      { name: 'm1', plan },
      {
        present: ['m1', 'm1-door-3', 'm2', 'm2-door-9'],
        records: [{ name: 'm1' }, { name: 'm1-door-3', beside: 'm1' }, { name: 'm2-door-9', beside: 'm2' }],
      },
    ),
    { missing: ['m1-door-2'], surplus: ['m1-door-3'] },
  );
});
