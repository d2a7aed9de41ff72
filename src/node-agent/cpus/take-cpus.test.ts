import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { NodeSettingError } from '../node-setting.ts';
import { cpuListText, parseCpuList } from './cpu-list.ts';
import { CpuLedger, CpuShortage } from './cpu-ledger.ts';
import { checkCpuSettings, reservedCpus } from './cpu-settings.ts';
import { type Cpu, machineCpus } from './machine-cpus.ts';
import { takeCpus } from './take-cpus.ts';

/** Two sockets of two cores of two threads: 0/4 and 1/5 are cores of the first, 2/6 and 3/7 of the second. */
const machine: readonly Cpu[] = Array.from({ length: 8 }, (_, id) => {
  const core = id % 4;
  const socket = core < 2 ? 'a' : 'b';
  return { id, core: `${socket}/${core}`, socket, numaNode: core < 2 ? 0 : 1 };
});

test('lists of processors are read and written as the kernel does', (t) => {
  t.deepEqual(parseCpuList('0-2,8, 5'.replace(' ', '')), [0, 1, 2, 5, 8]);
  t.deepEqual(parseCpuList(''), []);
  t.deepEqual(parseCpuList('3\n'), [3]);
  for (const wrong of ['a', '1-', '3-1', '1,,x', '-1', '0-99999999']) t.is(parseCpuList(wrong), undefined, wrong);
  t.is(cpuListText([8, 0, 2, 1, 5, 1]), '0-2,5,8');
  t.is(cpuListText([]), '');
});

/** What is free, how many are wanted, and which are taken. */
const choices: readonly (readonly [why: string, free: string, count: number, taken: string | undefined])[] = [
  ['a whole socket', '0-7', 4, '0-1,4-5'],
  ['the socket that is whole', '1-7', 4, '2-3,6-7'],
  ['a whole core', '0-7', 2, '0,4'],
  ['the core of the socket where less is free', '0-3,5-7', 2, '1,5'],
  ['a whole core and a thread of it alone', '0-7', 3, '0-1,4'],
  ['a thread whose core is taken already', '0-6', 1, '3'],
  ['threads of several cores where no core is whole', '0-3', 2, '0-1'],
  ['all of them', '0-7', 8, '0-7'],
  ['nothing', '0-7', 0, ''],
  ['too many', '0-1', 3, undefined],
];
for (const [why, free, count, taken] of choices)
  test(`of ${free} a container that wants ${count} gets ${why}`, (t) => {
    const found = takeCpus(machine, new Set(parseCpuList(free)), count);
    t.is(found === undefined ? undefined : cpuListText(found), taken);
  });

const wish = (podUid: string, count: number, container = 'main', passesOn = false) => ({
  podUid,
  container,
  count,
  passesOn,
});

test('nobody gets what is reserved or what another one holds, until its pod has gone', (t) => {
  const ledger = new CpuLedger(machine, [0, 4]);
  t.is(cpuListText(ledger.allocatable), '1-3,5-7');
  t.is(cpuListText(ledger.give(wish('one', 2))), '1,5');
  t.is(cpuListText(ledger.give(wish('one', 2))), '1,5', 'a restart gets the same');
  t.is(cpuListText(ledger.give(wish('two', 4))), '2-3,6-7');
  t.is(cpuListText(ledger.shared), '0,4');
  t.throws(() => ledger.give(wish('three', 1)), {
    instanceOf: CpuShortage,
    message: 'not enough cpus available to satisfy request: requested=1, available=0',
  });
  t.false(ledger.keepOnly(() => true));
  t.true(ledger.keepOnly((uid) => uid !== 'one'));
  t.is(cpuListText(ledger.give(wish('three', 1))), '1');
});

test('init containers pass their processors on, once', (t) => {
  const ledger = new CpuLedger(machine, [0]);
  t.is(cpuListText(ledger.give(wish('p', 4, 'init', true))), '2-3,6-7');
  t.is(cpuListText(ledger.give(wish('p', 2))), '2,6');
  t.is(cpuListText(ledger.give(wish('p', 3, 'side'))), '3-4,7');
  t.is(cpuListText(ledger.give(wish('other', 1))), '1');
});

test('who held a processor that is off by now gets another one', (t) => {
  const holdings = [{ podUid: 'p', container: 'main', cpus: [9], passesOn: false }];
  const ledger = new CpuLedger(machine, [0], holdings);
  t.is(ledger.heldBy('p', 'main'), undefined);
  t.is(ledger.give(wish('p', 1)).length, 1);
});

test('settings that make no sense, or that the machine cannot do, are refused', (t) => {
  const refused = (job: () => void): string => t.throws(job, { instanceOf: NodeSettingError })?.message ?? '';
  t.notThrows(() => checkCpuSettings({}, 0));
  t.notThrows(() => checkCpuSettings({ cpuManagerPolicy: 'static' }, 500));
  t.notThrows(() => checkCpuSettings({ cpuManagerPolicy: 'static', reservedSystemCPUs: '0' }, 0));
  t.regex(
    refused(() => checkCpuSettings({ cpuManagerPolicy: 'best' }, 0)),
    /^cpuManagerPolicy must be none or static/,
  );
  t.regex(
    refused(() => checkCpuSettings({ cpuManagerPolicy: 'static' }, 0)),
    /must be none unless CPU is reserved/,
  );
  t.regex(
    refused(() => checkCpuSettings({ reservedSystemCPUs: 'two' }, 0)),
    /reservedSystemCPUs must be a list/,
  );
  const here = { cpus: machine, numaNodes: [0, 1], hasCpuset: true };
  t.deepEqual(reservedCpus(here, {}, 1500), [0, 4]);
  t.deepEqual(reservedCpus(here, { reservedSystemCPUs: '3' }, 1500), [3]);
  t.regex(
    refused(() => reservedCpus(here, { reservedSystemCPUs: '8' }, 0)),
    /among this machine's processors, 0-7/,
  );
  t.regex(
    refused(() => reservedCpus(here, {}, 9000)),
    /no more than the machine's 8/,
  );
  t.regex(
    refused(() => reservedCpus({ ...here, hasCpuset: false }, {}, 500)),
    /its control groups have no cpuset/,
  );
});

test('processors come from the NUMA nodes that are named, as far as they have them', (t) => {
  const ledger = new CpuLedger(machine, [0]);
  const wish = (podUid: string, count: number): Parameters<CpuLedger['give']>[0] => ({
    podUid,
    container: 'main',
    passesOn: false,
    count,
    affinity: 0b01,
  });
  t.deepEqual(ledger.hints('p', 2, [0, 1]), [
    { affinity: 0b01, preferred: true },
    { affinity: 0b10, preferred: true },
    { affinity: 0b11, preferred: false },
  ]);
  t.deepEqual(ledger.give(wish('p', 2)), [1, 5], 'a whole core of node 0, though node 1 is whole');
  t.deepEqual(
    ledger.hints('q', 2, [0, 1]).map(({ affinity }) => affinity),
    [0b10, 0b11],
  );
  t.deepEqual(ledger.give(wish('q', 2)), [2, 4], 'what the node lacks comes from elsewhere');
  t.throws(() => ledger.give(wish('r', 4)), { instanceOf: CpuShortage });
});

test('a container that takes processors over must stay with them', (t) => {
  const ledger = new CpuLedger(machine, []);
  ledger.give({ podUid: 'p', container: 'init', passesOn: true, count: 1, affinity: 0b10 });
  t.deepEqual(ledger.hints('p', 2, [0, 1]), [
    { affinity: 0b10, preferred: true },
    { affinity: 0b11, preferred: false },
  ]);
});

test('NUMA nodes are found as the kernel shows them, and are one where it shows none', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'numa-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const put = (path: string, text: string): void => {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), `${text}\n`);
  };
  put('cpu/online', '0-3');
  for (const id of [0, 1, 2, 3]) {
    put(`cpu/cpu${id}/topology/physical_package_id`, '0');
    put(`cpu/cpu${id}/topology/core_id`, String(id));
  }
  const found = async (): Promise<readonly (readonly number[])[]> => {
    const { cpus, numaNodes } = await machineCpus(folder);
    return [numaNodes, cpus.map(({ numaNode }) => numaNode)];
  };
  t.deepEqual(await found(), [[0], [0, 0, 0, 0]]);
  put('node/node0/cpulist', '0,2');
  put('node/node10/cpulist', '');
  put('node/node2/cpulist', '1,3');
  put('node/online', '0,2,10');
  t.deepEqual(await found(), [
    [0, 2, 10],
    [0, 2, 0, 2],
  ]);
});
