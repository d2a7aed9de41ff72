import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { pass, world, type World } from './agent.fixture.ts';
import type { MachineCpus } from './cpus/index.ts';
import type { ContainerSpec } from './runtime/index.ts';

/** Eight processors, 0-3 near to one part of the memory and 4-7 to the other. */
const twoNodes: MachineCpus = {
  cpus: Array.from({ length: 8 }, (_, id) => ({
    id,
    core: `0/${id}`,
    socket: '0',
    numaNode: Math.floor(id / 4),
  })),
  numaNodes: [0, 1],
  hasCpuset: true,
};

interface Bench extends World {
  /** The processors of each container that was started. */
  readonly cpus: Map<string, string | undefined>;
  ask(name: string, ...amounts: readonly string[]): Promise<void>;
}

async function bench(
  t: ExecutionContext,
  topologyManagerPolicy: string,
  topologyManagerScope?: string,
): Promise<Bench> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'topology-'));
  t.teardown(() => {
    rmSync(stateFolder, { recursive: true });
  });
  const cpus = new Map<string, string | undefined>();
  const program = ({ labels, resources }: ContainerSpec): undefined => {
    if (labels['troupe.role'] === 'container')
      cpus.set(`${labels['troupe.pod.name']}/${labels['troupe.container']}`, resources.cpus);
  };
  const w = await world(
    t,
    { cpus: twoNodes, program },
    { cpuManagerPolicy: 'static', reservedSystemCPUs: '0', topologyManagerPolicy, topologyManagerScope, stateFolder },
  );
  return Object.assign(w, {
    cpus,
    ask: async (name: string, ...amounts: readonly string[]) => {
      await w.pod(name, {
        containers: amounts.map((cpu, index) => {
          const resources = { limits: { cpu, memory: '64Mi' }, requests: { cpu, memory: '64Mi' } };
          return { name: `c${index}`, image: 'web:1', resources };
        }),
      });
      // What is set aside goes to a real disk, which takes its own time.
      const isOver = (): boolean =>
        w.status(name)?.phase === 'Failed' || amounts.every((_, index) => cpus.has(`${name}/c${index}`));
      for (let turn = 0; turn < 100 && !isOver(); turn++) await pass(w.time, 100);
      await pass(w.time, 100);
    },
  });
}

test('with restricted, a pod whose processors could be together but are not is refused', async (t) => {
  const b = await bench(t, 'restricted');
  await b.ask('a', '2');
  await b.ask('b', '3');
  t.deepEqual(
    [...b.cpus],
    [
      ['a/c0', '1-2'],
      ['b/c0', '4-6'],
    ],
  );
  await b.ask('apart', '2');
  t.like(b.status('apart'), {
    phase: 'Failed',
    reason: 'TopologyAffinityError',
    message: 'Pod was rejected: Resources cannot be allocated with Topology locality',
  });
  await b.ask('small', '1');
  t.is(b.cpus.get('small/c0'), '3', 'the refused one has left nothing set aside');
});

test('with best-effort it runs on what there is, and with none nobody looks', async (t) => {
  for (const policy of ['best-effort', 'none']) {
    const b = await bench(t, policy);
    await b.ask('a', '2');
    await b.ask('b', '3');
    await b.ask('apart', '2');
    t.is(b.status('apart')?.phase, 'Running', policy);
    t.is(b.cpus.size, 3);
  }
});

test('the containers of a pod are placed one by one, or together where the scope is the pod', async (t) => {
  const single = await bench(t, 'single-numa-node', 'container');
  await single.ask('pair', '2', '2');
  t.deepEqual(
    [...single.cpus],
    [
      ['pair/c0', '1-2'],
      ['pair/c1', '4-5'],
    ],
  );
  const together = await bench(t, 'single-numa-node', 'pod');
  await together.ask('pair', '2', '2');
  t.deepEqual(
    [...together.cpus],
    [
      ['pair/c0', '4-5'],
      ['pair/c1', '6-7'],
    ],
  );
  await together.ask('wide', '2', '1');
  t.deepEqual([together.cpus.get('wide/c0'), together.cpus.get('wide/c1')], ['1-2', '3']);
});

test('what one container of a pod cannot have is not kept by the others', async (t) => {
  const b = await bench(t, 'single-numa-node');
  await b.ask('big', '2', '5');
  t.is(b.status('big')?.reason, 'TopologyAffinityError');
  await b.ask('next', '3');
  t.is(b.cpus.get('next/c0'), '1-3');
});
