import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { Cluster, eventually, run } from './cluster.ts';
import { CsiRig, csiProblem, driverName, kubeletRoots, mountsBelow } from './csi-driver.ts';

/** Volumes of a CSI driver: real pods, the example driver, its side-cars' part, two nodes on one engine. */
const image = 'troupe.local/hello:1';
const problem = csiProblem();
let cluster: Cluster;
let rig: CsiRig;
let wanted = '';
let roots: ReadonlyMap<string, string>;

const nodes = (): readonly string[] => [...roots.keys()];
const rootOf = (node: string): string => roots.get(node) ?? '';

test.before('a cluster of two nodes with the driver on each', async (t) => {
  if (problem !== undefined) {
    t.log(`skipped: ${problem}`);
    return;
  }
  ensureBusyboxImage(image);
  rig = new CsiRig(mkdtempSync(join(tmpdir(), 'troupe-rig-')));
  wanted = mkdtempSync(join(tmpdir(), 'kubelet-'));
  cluster = await Cluster.create('csi', ['--nodes', '2'], ['node:', `  kubeletRoot: ${wanted}`]);
  roots = await kubeletRoots(cluster, { wanted, count: 2 });
  for (const [node, root] of roots) rig.startDriver({ node, root });
  cluster.apply(`apiVersion: storage.k8s.io/v1
kind: CSIDriver
metadata: { name: ${driverName} }
spec: { podInfoOnMount: true, volumeLifecycleModes: [Persistent, Ephemeral], fsGroupPolicy: File }
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: hostpath }
provisioner: ${driverName}
volumeBindingMode: WaitForFirstConsumer
allowVolumeExpansion: true
`);
  await eventually('the driver to be on both nodes', () =>
    nodes().every((node) =>
      cluster.kubectl('get', 'csinode', node, '-o', 'jsonpath={.spec.drivers[*].name}').stdout.includes(driverName),
    ),
  );
  rig.startSidecars(cluster, rootOf(nodes()[0] ?? ''));
});
test.after.always('removed with everything that it made', async () => {
  if (cluster !== undefined) cluster.destroy();
  await rig?.stop();
  if (wanted !== '') rmSync(wanted, { recursive: true, force: true });
});

/** A test of this file; it says why where it cannot run. */
function storageTest(title: string, body: (t: ExecutionContext) => Promise<void>): void {
  test.serial(title, async (t) => {
    if (problem === undefined) {
      await body(t).catch((error: unknown) => {
        t.log(cluster.kubectl('describe', 'pod,pvc,pv,volumeattachment').stdout.slice(-8_000), rig.said());
        throw error;
      });
      return;
    }
    t.log(`skipped: ${problem}`);
    t.pass();
  });
}

const get = (what: string, path: string): string => cluster.must('get', ...what.split(' '), '-o', `jsonpath={${path}}`);
const phase = (pod: string): string => get(`pod ${pod}`, '.status.phase');
const sh = (pod: string, script: string): string => cluster.must('exec', pod, '--', 'sh', '-c', script).trim();
const runs = (pod: string): Promise<boolean> =>
  eventually(`the pod ${pod} to run`, () => phase(pod) === 'Running', 120_000);

const claim = (name: string): string => `---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: ${name} }
spec: { accessModes: [ReadWriteOnce], storageClassName: hostpath, resources: { requests: { storage: 16Mi } } }
`;

/** A pod that sleeps; `volumes` and `container` are its parts in YAML's flow style. */
const pod = (name: string, container: string, volumes: string): string => `---
apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  terminationGracePeriodSeconds: 1
  securityContext: { fsGroup: 4321 }
  containers: [{ name: c, image: "${image}", command: [sleep, "1000"], ${container} }]
  volumes: [${volumes}]
`;

const claimed = (name: string): string => `{ name: ${name}, persistentVolumeClaim: { claimName: ${name} } }`;

const mounts = (): readonly string[] => nodes().flatMap((node) => mountsBelow(rootOf(node)));
const loops = (): readonly string[] =>
  run('losetup', ['-n', '-O', 'BACK-FILE', '-a'])
    .stdout.split('\n')
    .filter((file) => file.includes(rig.data));

/** What pods had is gone: from the machine, from the API and from the driver. */
async function allGone(): Promise<void> {
  cluster.must('delete', 'pvc', '--all', '--wait=false');
  await eventually(
    'nothing to be left of the volumes',
    () => {
      const left = [...mounts(), ...loops(), ...rig.volumes().map(({ id }) => id)];
      const objects = cluster.must('get', 'volumeattachment,pv', '-o', 'name').trim();
      if (left.length > 0 || objects !== '') throw new Error([...left.slice(0, 5), objects].join('\n'));
      return true;
    },
    120_000,
  );
}

storageTest('a pod gets a volume that is made for it, and one of its own', async (t) => {
  cluster.apply(
    claim('data') +
      pod(
        'one',
        'volumeMounts: [{ name: data, mountPath: /v }, { name: own, mountPath: /i }]',
        `${claimed('data')}, { name: own, csi: { driver: ${driverName}, volumeAttributes: { a: b } } }`,
      ),
  );
  await runs('one');
  t.is(sh('one', 'echo x > /v/file; cat /v/file; stat -c %g /v'), 'x\n4321');
  t.regex(sh('one', 'cat /i/context.json'), /"a":"b".*"csi.storage.k8s.io\/pod.name":"one"/);
  t.deepEqual(
    mounts()
      .map((path) => path.replace(/.*\//, ''))
      .sort(),
    ['globalmount', 'mount', 'mount'],
  );
  const node = get('pod one', '.spec.nodeName');
  t.regex(get(`node ${node}`, '.status.volumesInUse'), new RegExp(`kubernetes.io/csi/${driverName}\\^vol-`));
  t.is(get('pvc data', '.metadata.annotations.volume\\.kubernetes\\.io/selected-node'), node);
  cluster.must('delete', 'pod', 'one');
  await allGone();
});
