import test from 'ava';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createTraces, systemClock, systemRandom } from '../../src/platform/index.ts';
import { createAudit, defaultAuditPolicy } from '../../src/api-server/audit/index.ts';
import { silentLogger } from '../../src/base/index.ts';
import { type DoorHarness, startDoor } from '../../src/api-server/testing/index.ts';

setFlagsFromString('--expose-gc');
const collectOnce = runInNewContext('gc') as () => void;

/** Bytes in use once everything has come to rest. */
async function bytesInUse(): Promise<number> {
  for (let i = 0; i < 3; i += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    collectOnce();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Requests whose texts are never the same. Each part is as long as a head may be, or longer than anything kept. */
const long = 100_000;
const textOf = (index: number): string => `${index}x${'a'.repeat(long)}`;
const configMaps = '/api/v1/namespaces/default/configmaps';

interface Case {
  readonly name: string;
  readonly ask: (door: DoorHarness, text: string) => Promise<unknown>;
}
const get = (name: string, url: (text: string) => string): Case => ({
  name,
  ask: (door, text) => door.ask('GET', url(text), { user: 'alice' }),
});
const header = (name: string, value: (text: string) => string = (text) => text): Case => ({
  name: `header ${name}`,
  ask: (door, text) => door.ask('GET', configMaps, { user: 'alice', headers: { [name]: value(text) } }),
});
const cases: readonly Case[] = [
  get('path', (text) => `/${text}`),
  get('namespace', (text) => `/api/v1/namespaces/${text}/configmaps`),
  get('name', (text) => `${configMaps}/${text}`),
  get('group', (text) => `/apis/${text}/v1/things`),
  get('resource', (text) => `/api/v1/namespaces/default/${text}`),
  get('parameter', (text) => `${configMaps}?${text}=1`),
  get('label selector', (text) => `${configMaps}?labelSelector=${text}`),
  get('field selector', (text) => `${configMaps}?fieldSelector=metadata.name%3D${text}`),
  get('continue', (text) => `${configMaps}?continue=${text}`),
  header('accept', (text) => `application/${text}`),
  header('user-agent'),
  header('audit-id'),
  header('traceparent'),
  header('content-type'),
  header('authorization', (text) => `Bearer ${text}`),
  header('impersonate-user'),
  header('impersonate-group'),
  header('troupe-epoch', (text) => `${text}/1`),
  { name: 'method', ask: (door, text) => door.ask(text, configMaps, { user: 'alice' }) },
];

function start(): DoorHarness {
  const backend = { add: () => undefined, close: () => Promise.resolve() };
  const audit = createAudit({ policy: defaultAuditPolicy, backends: [backend], clock: systemClock });
  const traces = createTraces({ process: 'test', clock: systemClock, random: systemRandom, log: silentLogger });
  return startDoor({ audit, traces });
}

/** Requests of each case: together they are 20 MB. */
const count = 200;
const grownMax = 3_000_000;

for (const { name, ask } of cases)
  test.serial(`what a request says is not kept: ${name}`, async (t) => {
    const door = start();
    await ask(door, 'a');
    const before = await bytesInUse();
    for (let index = 0; index < count; index += 1) await ask(door, textOf(index)).catch(() => undefined);
    const grown = (await bytesInUse()) - before;
    t.log(`${(grown / 1000).toFixed(0)} kB`);
    t.true(grown < grownMax, `${(grown / 1e6).toFixed(1)} MB of ${(count * long) / 1e6} MB are still there`);
    t.is((await door.ask('GET', '/version', { user: 'alice' })).status, 200);
  });
