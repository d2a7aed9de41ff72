import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { installCni, removeCni } from './cni-plugin.ts';

interface Folders {
  readonly cniConfigFolder: string;
  readonly cniProgramFolder: string;
}

function folders(t: ExecutionContext): Folders {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-cni-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  return { cniConfigFolder: join(folder, 'net.d'), cniProgramFolder: join(folder, 'bin') };
}

function called(
  { cniProgramFolder }: Folders,
  command: string,
  config: object | string,
  path = process.env['PATH'],
): { status: number | null; said: unknown } {
  const env = { PATH: path, CNI_COMMAND: command, CNI_IFNAME: 'eth0', CNI_NETNS: '/run/netns/x' };
  const { status, stdout } = spawnSync(join(cniProgramFolder, 'troupe'), [], {
    env,
    input: typeof config === 'string' ? config : JSON.stringify(config),
    encoding: 'utf8',
  });
  return { status, said: stdout === '' ? undefined : JSON.parse(stdout) };
}

test('the plug-in answers with the addresses of the pod, and does nothing else', async (t) => {
  const place = folders(t);
  await installCni(place);
  const annotations = { 'troupe.cri.log-folder': '/var/log/pods/x', 'troupe.address': '10.244.0.5,fd00::5' };
  const config = {
    cniVersion: '1.0.0',
    name: 'troupe',
    runtimeConfig: { 'io.kubernetes.cri.pod-annotations': annotations },
  };
  t.deepEqual(called(place, 'ADD', config), {
    status: 0,
    said: {
      cniVersion: '1.0.0',
      interfaces: [{ name: 'eth0', sandbox: '/run/netns/x' }],
      ips: [
        { version: '4', interface: 0, address: '10.244.0.5/32' },
        { version: '6', interface: 0, address: 'fd00::5/128' },
      ],
    },
  });
  t.like(called(place, 'ADD', { cniVersion: '0.4.0' }).said, {
    cniVersion: '0.4.0',
    ips: [{ version: '4', interface: 0, address: '169.254.0.1/32' }],
  });
  t.deepEqual(called(place, 'DEL', config), { status: 0, said: undefined });
  t.deepEqual(called(place, 'CHECK', config), { status: 0, said: undefined });
  t.like(called(place, 'VERSION', config).said, { cniVersion: '1.0.0' });
});

test('the plug-in starts no programs of its own, as each takes as long as all the rest', async (t) => {
  const place = folders(t);
  await installCni(place);
  const config = { cniVersion: '0.3.1', runtimeConfig: { a: { 'troupe.address': '10.244.0.5' } } };
  t.like(called({ ...place }, 'ADD', config, '/nonexistent').said, {
    cniVersion: '0.3.1',
    ips: [{ address: '10.244.0.5/32' }],
  });
  const spread = JSON.stringify(config, undefined, 2).replaceAll('": ', '" : ');
  t.like(called(place, 'ADD', spread).said, { cniVersion: '0.3.1', ips: [{ address: '10.244.0.5/32' }] });
});

test('what a pod is named in its annotations never becomes part of a command', async (t) => {
  const place = folders(t);
  await installCni(place);
  const evil = '1;touch$(id)`id`"';
  const { status, said } = called(place, 'ADD', {
    cniVersion: '1.0.0',
    runtimeConfig: { a: { 'troupe.address': evil } },
  });
  t.is(status, 0);
  t.like(said, { ips: [{ address: '169.254.0.1/32' }] });
});

test('another configuration that comes first stays, and is named; a later one does not matter', async (t) => {
  const place = folders(t);
  mkdirSync(place.cniConfigFolder);
  writeFileSync(join(place.cniConfigFolder, '87-podman-bridge.conflist'), '{}');
  await installCni(place);
  t.true(existsSync(join(place.cniConfigFolder, '10-troupe.conflist')));
  writeFileSync(join(place.cniConfigFolder, '05-calico.conflist'), '{}');
  await t.throwsAsync(installCni(place), { message: /05-calico\.conflist/ });
});

test('what was installed is removed, a loopback plug-in of the machine never', async (t) => {
  const place = folders(t);
  mkdirSync(place.cniProgramFolder);
  writeFileSync(join(place.cniProgramFolder, 'loopback'), 'the real one');
  await installCni(place);
  await installCni(place);
  t.deepEqual(readdirSync(place.cniProgramFolder).toSorted(), ['loopback', 'troupe']);
  await removeCni(place);
  t.deepEqual(readdirSync(place.cniProgramFolder), ['loopback']);
  t.deepEqual(readdirSync(place.cniConfigFolder), []);
});
