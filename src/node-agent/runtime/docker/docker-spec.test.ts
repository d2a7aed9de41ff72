import test from 'ava';
import { plainSecurity } from '../plain-security.fixture.ts';
import type { ContainerSecurity, ContainerSpec } from '../runtime.ts';
import { dockerCreateBody } from './docker-spec.ts';

function hostConfig(
  security: Partial<ContainerSecurity>,
  resources: ContainerSpec['resources'] = {},
  more: Partial<ContainerSpec> = {},
): Readonly<Record<string, unknown>> {
  const spec: ContainerSpec = {
    name: 'c',
    image: 'i',
    labels: {},
    environment: [],
    network: { type: 'host' },
    ipc: { mode: 'private' },
    pid: { mode: 'own' },
    mounts: [],
    resources,
    security: { ...plainSecurity, seccomp: 'default', ...security },
    ...more,
  };
  const body = dockerCreateBody(spec, { bytesMax: 65_536, filesMax: 4 }) as {
    readonly HostConfig: Readonly<Record<string, unknown>>;
  };
  return body.HostConfig;
}

test('what confines a container is among its security options', (t) => {
  const options = (security: Partial<ContainerSecurity>): unknown => hostConfig(security)['SecurityOpt'];
  t.deepEqual(options({}), []);
  t.deepEqual(options({ seccomp: 'unconfined', noNewPrivileges: true }), ['seccomp=unconfined', 'no-new-privileges']);
  t.deepEqual(options({ seccomp: '{"a":1}', appArmor: 'k8s-web' }), ['seccomp={"a":1}', 'apparmor=k8s-web']);
  t.deepEqual(options({ seLinux: { user: 'u', role: 'r', type: 't', level: 's0:c1,c2' } }), [
    'label=user:u',
    'label=role:r',
    'label=type:t',
    'label=level:s0:c1,c2',
  ]);
});

test('what the engine is to find by its CDI name is asked of it', (t) => {
  t.deepEqual(hostConfig({}, {}, { cdiDevices: ['v.com/c=a'] })['DeviceRequests'], [
    { Driver: 'cdi', DeviceIDs: ['v.com/c=a'] },
  ]);
  t.is(hostConfig({})['DeviceRequests'], undefined);
});

test('the files of an image are mounted as such', (t) => {
  const mounts = [{ source: 'sha256:a', target: '/models', readOnly: true, image: true as const }];
  t.deepEqual(hostConfig({}, {}, { mounts })['Mounts'], [
    { Type: 'image', Source: 'sha256:a', Target: '/models', ReadOnly: true },
  ]);
});

test('the limit of processes is passed on', (t) => {
  t.is(hostConfig({}, { processesMax: 4096 })['PidsLimit'], 4096);
  t.is(hostConfig({})['PidsLimit'], undefined);
});

test('a log is kept in as many files of such a size as the node has it', (t) => {
  t.deepEqual(hostConfig({})['LogConfig'], { Type: 'json-file', Config: { 'max-size': '65536', 'max-file': '4' } });
});
