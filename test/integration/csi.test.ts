import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { Cluster, eventually, run } from './cluster.ts';
import { CsiRig, csiProblem, driverName, kubeletRoots, mountsBelow } from './csi-driver.ts';

/** Volumes of a CSI driver: real pods, the example driver, its side-cars' part, two nodes on one engine. */
const image = 'troupe.local/hello:1';
const problem = csiProblem();
let cluster: Cluster;
let rig: CsiRig;
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
  const wanted = mkdtempSync(join(tmpdir(), 'kubelet-'));
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
});

const phase = (pod: string): string => cluster.must('get', 'pod', pod, '-o', 'jsonpath={.status.phase}');
const sh = (pod: string, script: string): string => cluster.must('exec', pod, '--', 'sh', '-c', script).trim();

test.serial('a pod gets a volume that was made for it', async (t) => {
  if (problem !== undefined) {
    t.pass();
    return;
  }
  cluster.apply(`apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteOnce], storageClassName: hostpath, resources: { requests: { storage: 16Mi } } }
---
apiVersion: v1
kind: Pod
metadata: { name: one }
spec:
  terminationGracePeriodSeconds: 0
  securityContext: { fsGroup: 4321 }
  containers:
    - name: c
      image: "${image}"
      command: [sleep, "1000"]
      volumeMounts: [{ name: v, mountPath: /v }, { name: i, mountPath: /i }]
  volumes:
    - { name: v, persistentVolumeClaim: { claimName: data } }
    - { name: i, csi: { driver: ${driverName}, volumeAttributes: { a: b } } }
`);
  await eventually('the pod to run', () => phase('one') === 'Running').catch((error: unknown) => {
    t.log(cluster.kubectl('describe', 'pod,pvc,pv,csinode').stdout.slice(-6000));
    t.log(rig.said());
    throw error;
  });
  t.is(sh('one', 'echo x > /v/file; cat /v/file; stat -c %g /v'), 'x\n4321');
  t.regex(sh('one', 'cat /i/context.json'), /"csi.storage.k8s.io\/pod.name":"one"/);
  cluster.must('delete', 'pod', 'one', '--wait=true');
  const left = nodes().flatMap((node) => mountsBelow(rootOf(node)));
  t.log(left.join('\n'), run('mount', []).stdout.length);
  await eventually('nothing to be mounted', () => nodes().every((node) => mountsBelow(rootOf(node)).length === 0));
});
