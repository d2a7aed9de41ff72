import test from 'ava';
import { seededRandom } from '../../base/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import { ApiClient } from '../clients/api-client.ts';
import type { Answer, Stored, VersionedObjects, Written } from '../clients/versioned-objects.ts';
import { Probes } from '../probes/probe.ts';
import { Creates } from './creates.ts';
import { Ledger } from './ledger.ts';
import { Registers } from './registers.ts';
import type { Finding, Workload, WorkloadContext } from './workload.ts';

type Mistake = 'none' | 'stale reads' | 'conflicts that were carried out' | 'loses' | 'doubles';

/** Objects in memory; an answer to a swap does not tell the version, as that of a Docker Swarm. */
class Memory implements VersionedObjects {
  readonly kind = 'objects';
  readonly #objects = new Map<string, Stored>();
  readonly #created: string[] = [];
  readonly #mistake: Mistake;
  #version = 0;
  #calls = 0;
  #first: Stored = { value: 'first', version: 1 };

  constructor(mistake: Mistake) {
    this.#mistake = mistake;
  }

  /** Whether the mistake is made in this call. */
  get #now(): boolean {
    this.#calls += 1;
    return this.#calls % 20 === 0;
  }

  make(name: string, value: string): Promise<Written> {
    this.#version += 1;
    this.#first = { value, version: this.#version };
    this.#objects.set(name, this.#first);
    return Promise.resolve({ name, version: this.#version });
  }

  create(id: string): Promise<Answer<Written>> {
    const times = this.#now ? { loses: 0, doubles: 2 }[this.#mistake as string] : undefined;
    this.#created.push(...Array.from({ length: times ?? 1 }, () => id));
    return Promise.resolve({ type: 'done', value: { name: `created-${id}` } });
  }

  read(name: string): Promise<Answer<Stored>> {
    const stale = this.#now && this.#mistake === 'stale reads';
    const found = stale ? this.#first : this.#objects.get(name);
    return Promise.resolve(found === undefined ? { type: 'refused', why: '404' } : { type: 'done', value: found });
  }

  swap({ name, value, from }: Parameters<VersionedObjects['swap']>[0]): Promise<Answer<Written>> {
    if (this.#objects.get(name)?.version !== from.version) return Promise.resolve({ type: 'conflict' });
    this.#version += 1;
    this.#objects.set(name, { value, version: this.#version });
    if (this.#now && this.#mistake === 'conflicts that were carried out') return Promise.resolve({ type: 'conflict' });
    if (this.#calls % 7 === 0) return Promise.resolve({ type: 'unknown', why: 'no answer' });
    return Promise.resolve({ type: 'done', value: { name } });
  }

  created(): Promise<readonly string[]> {
    return Promise.resolve(this.#created);
  }
}

async function judged(
  make: (context: WorkloadContext) => Workload,
  mistake: Mistake,
): Promise<Readonly<Record<string, Finding>>> {
  const time = new SimulatedTime(0, 20);
  const workload = make({
    api: new ApiClient({ urls: [] }),
    objects: new Memory(mistake),
    namespace: '',
    now: () => time.monotonic(),
    timers: time,
    random: seededRandom(1),
    probes: new Probes(),
    ledger: new Ledger(),
    image: '',
    count: 2,
    durationMs: 10_000,
  });
  await workload.start();
  await time.run(3_000);
  const stopped = workload.stop();
  await time.run(1_000);
  await stopped;
  return Object.fromEntries((await workload.judge()).map((finding) => [finding.invariant, finding]));
}

const registers = async (mistake: Mistake): Promise<Finding | undefined> =>
  (await judged((context) => new Registers(context), mistake))['linearisable'];

test('registers whose changes tell no version are judged by what reads tell later', async (t) => {
  const sound = await registers('none');
  t.is(sound?.outcome, 'held');
  t.regex(sound?.detail ?? '', /^\d{3,} reads and compare-and-sets of 2 registers, [1-9]\d* unknown$/);
  for (const mistake of ['stale reads', 'conflicts that were carried out'] as const) {
    const found = await registers(mistake);
    t.is(found?.outcome, 'broken', mistake);
    t.true(found?.evidence?.some(({ what }) => what.startsWith('▶ ')));
  }
});

test('creates that were acknowledged and are not there, or twice, are told', async (t) => {
  const outcomes = async (mistake: Mistake): Promise<readonly unknown[]> => {
    const found = await judged((context) => new Creates(context), mistake);
    return [found['nothing-lost']?.outcome, found['nothing-twice']?.outcome];
  };
  t.deepEqual(await outcomes('none'), ['held', 'held']);
  t.deepEqual(await outcomes('loses'), ['broken', 'held']);
  t.deepEqual(await outcomes('doubles'), ['held', 'broken']);
});
