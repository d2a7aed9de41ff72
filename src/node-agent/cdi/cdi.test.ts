import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { silentLogger } from '../../base/index.ts';
import { cdiDevices } from './cdi-files.ts';
import { editsOf, parseCdi, type ReadFile } from './cdi-spec.ts';

const gpu = (path: string, folder: number, more = ''): ReadFile => ({
  path,
  folder,
  file: parseCdi(`
cdiVersion: 0.6.0
kind: vendor.com/gpu
containerEdits:
  env: [VENDOR=1]
  mounts: [{hostPath: /usr/lib/vendor, containerPath: /usr/lib/vendor, options: [ro, nosuid, bind]}]
devices:
- name: "0"
  containerEdits:
    env: ["GPU=0=zero"]
    deviceNodes: [{path: /dev/gpu0}, {path: /dev/ctl, hostPath: /dev/gpuctl, permissions: r}]
${more}
`),
});

test('a container gets what the file says of its devices, and of their kind once', (t) => {
  const second = `- {name: "1", containerEdits: {deviceNodes: [{path: /dev/gpu1}]}}`;
  t.deepEqual(editsOf(['vendor.com/gpu=0', 'vendor.com/gpu=1', 'vendor.com/gpu=0'], [gpu('a', 0, second)]), {
    environment: [
      ['GPU', '0=zero'],
      ['VENDOR', '1'],
    ],
    mounts: [{ source: '/usr/lib/vendor', target: '/usr/lib/vendor', readOnly: true }],
    devices: [
      { source: '/dev/gpu0', target: '/dev/gpu0', readOnly: false },
      { source: '/dev/gpuctl', target: '/dev/ctl', readOnly: true },
      { source: '/dev/gpu1', target: '/dev/gpu1', readOnly: false },
    ],
    left: [],
  });
});

test('a device with hooks is left to the engine', (t) => {
  const hooked = `- {name: "1", containerEdits: {hooks: [{hookName: createContainer, path: /bin/x}]}}`;
  const edits = editsOf(['vendor.com/gpu=1'], [gpu('a', 0, hooked)]);
  t.deepEqual(edits, { environment: [], mounts: [], devices: [], left: ['vendor.com/gpu=1'] });
});

test('the later folder counts, and two files of one folder may not say the same', (t) => {
  t.notThrows(() => editsOf(['vendor.com/gpu=0'], [gpu('a', 0), gpu('b', 1)]));
  t.throws(() => editsOf(['vendor.com/gpu=0'], [gpu('a', 1), gpu('b', 1)]), {
    message: 'the CDI device vendor.com/gpu=0 is described twice, by a and b',
  });
  t.throws(() => editsOf(['vendor.com/gpu=7'], [gpu('a', 0)]), {
    message: 'no file of the node describes the CDI device vendor.com/gpu=7',
  });
});

test('a file that cannot be read is no reason to do without the others', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-cdi-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const [usual, running] = [join(folder, 'etc'), join(folder, 'run')];
  mkdirSync(running);
  writeFileSync(join(running, 'bad.json'), '{"kind":1}');
  writeFileSync(join(running, 'note.txt'), 'no device');
  const device = { name: 'x', containerEdits: { env: ['X=1'] } };
  writeFileSync(join(running, 'good.json'), JSON.stringify({ kind: 'v.com/c', devices: [device] }));
  const edits = await cdiDevices(silentLogger, [usual, running]).edits(['v.com/c=x']);
  t.deepEqual(edits.environment, [['X', '1']]);
});
