import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Container, New, Pod } from '../../api/index.ts';
import { silentLogger } from '../../base/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import { stored } from '../objects.fixture.ts';
import { type ContainerSummary, labels, RuntimeError } from '../runtime/index.ts';
import { CpuShortage } from './cpu-ledger.ts';
import { machineCpus, simulatedCpus } from './machine-cpus.ts';
import { type CpuGrant, NodeCpus } from './node-cpus.ts';

const pod = (uid: string, cpu: string, more: Partial<New<Container>> = {}): Pod => {
  const amounts = { cpu, memory: '64Mi' };
  const resources = { limits: amounts, requests: amounts };
  return stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: uid, namespace: 'shop', uid },
    spec: { containers: [{ name: 'main', resources, ...more }] },
  });
};
const mainOf = ({ spec }: Pod): Container => spec.containers[0] as Container;

/** An engine that knows which container runs where. */
class Engine {
  readonly cpus = new Map<string, string>();
  readonly #found = new Map<string, ContainerSummary>();
  /** A container that cannot be moved. */
  stuck = '';
  updates = 0;

  run(id: string, podUid: string, grant: CpuGrant | undefined): void {
    this.cpus.set(id, grant?.list ?? 'all');
    const own = { [labels.podUid]: podUid, [labels.container]: 'main', [labels.role]: 'container' };
    this.#found.set(id, { id, labels: own, state: 'running', imageId: 'i' });
  }

  remove(id: string): void {
    this.#found.delete(id);
    this.cpus.delete(id);
  }

  readonly runtime = {
    summaries: () => Promise.resolve([...this.#found.values()]),
    update: (id: string, { cpus = '' }) => {
      this.updates += 1;
      if (id === this.stuck) return Promise.reject(new RuntimeError('failed', 'the kernel said no'));
      this.cpus.set(id, cpus);
      return Promise.resolve();
    },
  };
}

interface Bench {
  readonly engine: Engine;
  readonly time: SimulatedTime;
  readonly file: string;
  /** What the agent has now. */
  node(): NodeCpus;
  restart(isStatic?: boolean): Promise<NodeCpus | undefined>;
  start(pod: Pod, id?: string): Promise<CpuGrant | undefined>;
}

async function bench(t: ExecutionContext, cpuCount = 4): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'cpus-'));
  const [engine, time] = [new Engine(), new SimulatedTime()];
  const file = join(folder, 'state', 'cpus.json');
  const open = (isStatic: boolean): Promise<NodeCpus | undefined> =>
    NodeCpus.open({
      runtime: engine.runtime,
      labels: {},
      timers: time,
      log: silentLogger,
      file,
      cpus: simulatedCpus(cpuCount).cpus,
      reserved: isStatic ? [0] : undefined,
    });
  let node = await open(true);
  t.teardown(() => {
    node?.close();
    rmSync(folder, { recursive: true });
  });
  const made: Bench = {
    engine,
    time,
    file,
    node: () => {
      if (node === undefined) throw new Error('there is none');
      return node;
    },
    restart: async (isStatic = true) => {
      node?.close();
      node = await open(isStatic);
      return node;
    },
    start: async (own, id = own.metadata.uid) => {
      const { uid } = own.metadata;
      const grant = await made.node().grant(own, mainOf(own));
      engine.run(id, uid, grant);
      if (grant !== undefined) made.node().made(id, grant);
      made.node().started(id, uid, 'main');
      return grant;
    },
  };
  return made;
}

async function until(t: ExecutionContext, what: string, probe: () => boolean): Promise<void> {
  const end = performance.now() + 5000;
  while (!probe()) {
    if (performance.now() > end) {
      t.fail(`${what} did not happen`);
      return;
    }
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  t.pass(what);
}

test('a Guaranteed pod that wants whole processors has them to itself; all others keep away from them', async (t) => {
  const b = await bench(t);
  t.deepEqual(await b.start(pod('shares', '500m')), { list: '0-3', exclusive: false });
  t.deepEqual(await b.start(pod('own', '2')), { list: '1-2', exclusive: true });
  t.is(b.engine.cpus.get('shares'), '0,3', 'it moved before the other one was made');
  const burstable = pod('burstable', '1', { resources: { requests: { cpu: '1' } } });
  t.deepEqual(await b.start(burstable), { list: '0,3', exclusive: false });
  t.is(b.engine.updates, 1, 'who is where he should be is left alone');
  t.deepEqual(b.node().heldBy('own', 'main'), [1, 2]);
  t.deepEqual(b.node().allocatable, [1, 2, 3]);
  await t.throwsAsync(b.start(pod('more', '2')), { instanceOf: CpuShortage });
  b.engine.remove('own');
  b.node().release('own');
  await until(t, 'the others to spread', () => b.engine.cpus.get('shares') === '0-3');
  t.is(b.engine.cpus.get('burstable'), '0-3');
});

test('an agent that starts again knows who has what, and nothing moves', async (t) => {
  const b = await bench(t);
  await b.start(pod('shares', '500m'));
  await b.start(pod('own', '2'));
  await b.start(pod('gone', '1'));
  b.engine.remove('gone');
  const again = await b.restart();
  t.deepEqual(again?.heldBy('own', 'main'), [1, 2]);
  again?.reclaim(new Set(['shares', 'own']));
  await until(t, 'the pod that has gone to hold nothing', () => b.engine.cpus.get('shares') === '0,3');
  t.is(b.engine.cpus.get('own'), '1-2');
  t.deepEqual(await b.start(pod('own', '2')), { list: '1-2', exclusive: true });
});

test('nobody gets a processor to himself that another container could not leave', async (t) => {
  const b = await bench(t);
  await b.start(pod('shares', '500m'));
  b.engine.stuck = 'shares';
  await t.throwsAsync(b.start(pod('own', '2')), { message: 'the kernel said no' });
  await t.throwsAsync(b.start(pod('own', '2')), { message: 'the kernel said no' }, 'nor at the next try');
  b.engine.stuck = '';
  t.deepEqual(await b.start(pod('own', '2')), { list: '1-2', exclusive: true });
  t.is(b.engine.cpus.get('shares'), '0,3');
});

test('a container that was made before the shared ones changed moves when it runs', async (t) => {
  const b = await bench(t);
  const early = pod('early', '500m');
  const grant = await b.node().grant(early, mainOf(early));
  await b.start(pod('own', '2'));
  b.engine.run('early', 'early', grant);
  if (grant !== undefined) b.node().made('early', grant);
  b.node().started('early', 'early', 'main');
  await until(t, 'it to move', () => b.engine.cpus.get('early') === '0,3');
});

test('what could not be moved for a while is moved later', async (t) => {
  const b = await bench(t);
  await b.start(pod('shares', '500m'));
  await b.start(pod('own', '2'));
  b.engine.stuck = 'shares';
  b.engine.remove('own');
  b.node().release('own');
  await until(t, 'the try', () => b.engine.updates === 2);
  b.engine.stuck = '';
  await until(t, 'its turn to be over', () => {
    void b.time.run(10_000);
    return b.engine.cpus.get('shares') === '0-3';
  });
});

test('without the policy all run everywhere again, and the file goes', async (t) => {
  const b = await bench(t);
  await b.start(pod('shares', '500m'));
  await b.start(pod('own', '2'));
  const left = await b.restart(false);
  t.is(await left?.grant(pod('next', '2'), mainOf(pod('next', '2'))), undefined);
  left?.reclaim(new Set(['shares', 'own']));
  await until(t, 'the file to go', () => !existsSync(b.file));
  t.deepEqual([...b.engine.cpus.values()], ['0-3', '0-3']);
  t.is(await b.restart(false), undefined);
});

test('a file that makes no sense keeps nobody from running', async (t) => {
  const b = await bench(t);
  await b.start(pod('own', '2'));
  for (const text of ['{', '{"holdings":[{"podUid":1}]}']) {
    writeFileSync(b.file, text);
    const again = await b.restart();
    t.deepEqual(again?.heldBy('own', 'main'), []);
    again?.reclaim(new Set(['own']));
    await until(t, 'it to share', () => b.engine.cpus.get('own') === '0-3');
    t.deepEqual(await b.start(pod('own', '2')), { list: '1-2', exclusive: true });
  }
});

test('the processors of this machine are found, each in a core and a socket', async (t) => {
  const { cpus } = await machineCpus();
  t.true(cpus.length > 0);
  for (const { id, core, socket } of cpus) {
    t.true(Number.isInteger(id));
    t.true(core.startsWith(`${socket}/`));
  }
});
