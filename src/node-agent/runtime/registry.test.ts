import { readFileSync } from 'node:fs';
import test from 'ava';
import { SimulatedTime } from '../../platform/index.ts';
import { FakeCri } from './cri/cri-server.fixture.ts';
import { runtimeDriver, runtimeFinding, runtimeNames, type RuntimeSettings, runtimeSettings } from './index.ts';

const clock = new SimulatedTime();
const settings = Object.fromEntries(runtimeSettings.map(({ key }) => [key, '/nowhere/docker.sock'])) as RuntimeSettings;

test('every runtime opens without an engine behind it', (t) => {
  const time = new SimulatedTime();
  for (const name of runtimeNames) {
    const runtime = runtimeDriver(name).open(settings, { clock: time, timers: time });
    t.is(typeof runtime.create, 'function', name);
    runtime.close();
  }
});

test("every runtime's setting has a default and an option", (t) => {
  const defaults = readFileSync('config/defaults.yaml', 'utf8');
  for (const { key, flag } of runtimeSettings) {
    t.regex(defaults, new RegExp(`^  ${key}: `, 'm'));
    t.is(
      flag.replace(/^--| <.*/g, '').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
      key,
    );
  }
});

test('an engine that does not answer is a finding with its fix', async (t) => {
  const finding = await runtimeDriver('docker').finding?.(settings, { findProgram: () => undefined, clock });
  t.deepEqual(finding, {
    name: 'Docker Engine',
    ok: false,
    detail: 'no answer at /nowhere/docker.sock',
    fix: 'apt-get install -y docker.io',
  });
  t.is(runtimeDriver('simulated').finding, undefined);
});

test('a runtime that answers says why it is the one; where it does not, another one that does is named', async (t) => {
  const cri = await new FakeCri().start();
  t.teardown(() => {
    cri.destroy();
  });
  const ports = { findProgram: () => undefined, clock: { now: () => Date.now(), monotonic: () => performance.now() } };
  const both = { ...settings, containerdSocket: cri.socketPath };
  t.like(await runtimeFinding('containerd', both, ports), { ok: true, detail: '9 (node.runtime is containerd)' });
  const docker = await runtimeFinding('docker', both, ports);
  t.false(docker?.ok);
  t.regex(docker?.fix ?? '', /or start the cluster with --runtime containerd: containerd 9 answers here/);
  t.is(await runtimeFinding('simulated', both, ports), undefined);
});
