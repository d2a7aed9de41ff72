/**
 * How long requests that are as much work as is allowed hold the event loop, and the heap that they take and leave.
 *   node --expose-gc benchmarks/micro/hostile-bodies.ts [--root CHECKOUT] [--values 39000] [--crowd 0]
 * `--root` measures the sources of another checkout. Each kind is sent once; with `--crowd`, so many at once after
 * that. `--only TEXT` picks kinds.
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { hostileGround, hostileKinds, type HostileRequest, longestTurns } from '../../src/api-server/testing/index.ts';
import { systemClock, systemTimers } from '../../src/platform/index.ts';
import { machineFacts } from '../figures.ts';

const { values: options } = parseArgs({
  options: {
    root: { type: 'string', default: '.' },
    values: { type: 'string', default: '39000' },
    crowd: { type: 'string', default: '0' },
    only: { type: 'string', default: '' },
  },
});
const root = resolve(options.root);
const values = Number(options.values);

interface Answer {
  readonly status: number;
}
interface Door {
  ask(method: string, url: string, more: object): Promise<Answer>;
}

const part = async (file: string): Promise<Record<string, (...given: unknown[]) => unknown>> =>
  (await import(join(root, 'src', file))) as Record<string, (...given: unknown[]) => unknown>;

/** A server over a store in memory, of the sources that are measured. */
async function openDoor(): Promise<Door> {
  const { Turns } = (await part('base/index.ts')) as unknown as { readonly Turns?: new (ports: object) => object };
  const turns = Turns === undefined ? undefined : new Turns({ clock: systemClock, timers: systemTimers });
  const thread = await part('api-server/yaml-thread.ts').catch(() => ({}));
  const yaml = 'yamlThread' in thread ? (thread.yamlThread(systemTimers) as { readonly parse: unknown }) : undefined;
  const { startHarness } = await part('resources/testing/harness.ts');
  const { startDoor } = await part('api-server/testing/index.ts').catch(() =>
    part('api-server/testing/door-harness.ts'),
  );
  const { service } = (await startHarness?.({ turns })) as { readonly service: unknown };
  return startDoor?.({ service, turns, parseLongYaml: yaml?.parse }) as Door;
}

const door = await openDoor();
const send = ({ method, url, ...more }: HostileRequest): Promise<Answer> => door.ask(method, url, more);
for (const request of hostileGround(values)) await send(request);

const heapMb = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
};
console.log(`${machineFacts()}; ${values} values\n`);
console.log(
  '| request | answer | longest turn, processor time | wall | longest collection | heap at most | heap after |',
);
console.log('|---|---|---|---|---|---|---|');
for (const { name, make } of hostileKinds(values).filter((kind) => kind.name.includes(options.only))) {
  const before = heapMb();
  for (const crowd of [1, Number(options.crowd)]) {
    if (crowd === 0) continue;
    const requests = Array.from({ length: crowd }, (_, index) => make(index));
    let answers: readonly Answer[] = [];
    let peak = 0;
    const sampling = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().heapUsed / 1e6 - before);
    }, 5);
    const { processorMs, wallMs, garbageMs } = await longestTurns(async () => {
      answers = await Promise.all(requests.map(send));
    });
    clearInterval(sampling);
    const times = crowd === 1 ? '' : ` (${crowd} at once)`;
    const grown = (heapMb() - before).toFixed(0);
    const lasted = [processorMs, wallMs, garbageMs].map((ms) => `${ms.toFixed(0)} ms`).join(' | ');
    const turn = `${lasted} | +${peak.toFixed(0)} MB`;
    console.log(`| ${name}${times} | ${answers[0]?.status} | ${turn} | +${grown} MB |`);
  }
}
process.exit(0);
