import test from 'ava';
import { NodeSettingError } from '../node-setting.ts';
import { heldBackOf } from './held-back.ts';
import { allocatableOf, type NodeFacts } from './node-object.ts';

const mebi = 2 ** 20;
const capacity = { memoryBytes: 1000 * mebi, diskBytes: 1000 * mebi };

test('pods cannot ask for what is reserved nor for what evictions keep free', (t) => {
  t.deepEqual(heldBackOf({}, capacity), { cpuMilli: 0, memoryBytes: 100 * mebi, diskBytes: 100 * mebi });
  const settings = {
    kubeReserved: { cpu: '200m', memory: '50Mi', 'ephemeral-storage': '' },
    systemReserved: { cpu: '1', memory: '10Mi', 'ephemeral-storage': '5Mi' },
    evictionHard: { 'memory.available': '20Mi' },
  };
  const heldBack = heldBackOf(settings, capacity);
  t.deepEqual(heldBack, { cpuMilli: 1200, memoryBytes: 80 * mebi, diskBytes: 5 * mebi });
  const facts = {
    runtime: { cpus: 4, memoryBytes: capacity.memoryBytes } as NodeFacts['runtime'],
    diskBytes: capacity.diskBytes,
    podsMax: 5,
    heldBack,
  };
  t.deepEqual(allocatableOf(facts), {
    cpu: '2800m',
    'ephemeral-storage': String(995 * mebi),
    memory: `${920 * 1024}Ki`,
    pods: '5',
  });
  t.is(allocatableOf({ ...facts, heldBack: { ...heldBack, cpuMilli: 0 } })['cpu'], '4');
});

test('processors that stay with the system go before amounts of CPU', (t) => {
  const amounts = { kubeReserved: { cpu: '500m' }, reservedSystemCPUs: '0,2-3' };
  t.is(heldBackOf(amounts, capacity).cpuMilli, 3000);
});

test('no more is held back than there is', (t) => {
  const settings = { systemReserved: { memory: '2Gi' }, evictionHard: {} };
  t.is(heldBackOf(settings, capacity).memoryBytes, capacity.memoryBytes);
});

for (const text of ['much', '-1Gi'])
  test(`${text} is no amount to reserve`, (t) => {
    const settings = { kubeReserved: { memory: text } };
    t.is(
      t.throws(() => heldBackOf(settings, capacity), { instanceOf: NodeSettingError })?.setting,
      'kubeReserved.memory',
    );
  });
