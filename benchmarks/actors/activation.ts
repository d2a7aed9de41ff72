/**
 * Activates passive resources in a process of its own, lets them passivate, and prints memory as JSON. Run with
 * --expose-gc.
 */
import { resourceAddress, soleOwner } from '../../src/actors/index.ts';
import { SimulatedNetwork } from '../../src/bus/index.ts';
import { systemTimers } from '../../src/platform/index.ts';
import { newDirectory, newSystem } from './system.ts';

const count = Number(process.argv[2]);
const idleMs = 15_000;
const mebibytes = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().rss / 2 ** 20;
};

const directory = newDirectory(
  newSystem('activation'),
  new SimulatedNetwork(systemTimers).client('a'),
  soleOwner('a', 32),
  idleMs,
);
const before = mebibytes();
const began = performance.now();
let highest = 0;
for (let at = 0; at < count; at += 1_000) {
  await Promise.all(
    Array.from({ length: Math.min(1_000, count - at) }, (_, i) =>
      directory
        .ref(resourceAddress('configmaps', { namespace: 'default', name: `c${at + i}` }, 32))
        .ask({ type: 'describe' }, { deadlineMs: 10_000 }),
    ),
  );
  highest = Math.max(highest, directory.resident);
}
const seconds = (performance.now() - began) / 1_000;
const active = mebibytes();
for (let i = 0; i < 100 && directory.resident > 0; i++)
  await new Promise((resolve) => {
    setTimeout(resolve, 500);
  });
process.stdout.write(
  `${JSON.stringify({ before, active, after: mebibytes(), highest, left: directory.resident, seconds })}\n`,
);
process.exit(0);
