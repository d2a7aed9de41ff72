import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { parseQuantity, quantityUnits } from '../../src/api/index.ts';
import { Cluster, eventually, run, signalProcess } from './cluster.ts';
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
        t.log(cluster.logs().slice(-6_000));
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
const nodeReady = (node: string): boolean =>
  get(`node ${node}`, '.status.conditions[?(@.type=="Ready")].status') === 'True';
const phase = (pod: string): string => get(`pod ${pod}`, '.status.phase');
const sh = (pod: string, script: string): string => cluster.must('exec', pod, '--', 'sh', '-c', script).trim();
const runs = (pod: string): Promise<boolean> =>
  eventually(`the pod ${pod} to run`, () => phase(pod) === 'Running', 120_000);

/** One pod with a volume that is made for it, and one of its own. */
const database = `apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  serviceName: db
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec:
      terminationGracePeriodSeconds: 1
      securityContext: { fsGroup: 4321 }
      tolerations: [{ key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 0 }]
      containers:
      - name: c
        image: "${image}"
        command: [sleep, "1000"]
        volumeMounts: [{ name: data, mountPath: /v }, { name: own, mountPath: /i }]
      volumes: [{ name: own, csi: { driver: ${driverName}, volumeAttributes: { a: b } } }]
  volumeClaimTemplates:
  - metadata: { name: data }
    spec: { accessModes: [ReadWriteOnce], storageClassName: hostpath, resources: { requests: { storage: 16Mi } } }
`;

const bytes = (quantity: string): number => quantityUnits(parseQuantity(quantity));

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

storageTest('a pod of a StatefulSet gets a volume that is made for it, and one of its own', async (t) => {
  cluster.apply(database);
  await runs('db-0');
  t.is(sh('db-0', 'echo x > /v/file; sync; cat /v/file; stat -c %g /v'), 'x\n4321');
  t.regex(sh('db-0', 'cat /i/context.json'), /"a":"b".*"csi.storage.k8s.io\/pod.name":"db-0"/);
  t.deepEqual(
    mounts()
      .map((path) => path.replace(/.*\//, ''))
      .sort(),
    ['globalmount', 'mount', 'mount'],
  );
  const node = get('pod db-0', '.spec.nodeName');
  t.regex(get(`node ${node}`, '.status.volumesInUse'), new RegExp(`kubernetes.io/csi/${driverName}\\^vol-`));
  t.is(get('pvc data-db-0', '.metadata.annotations.volume\\.kubernetes\\.io/selected-node'), node);
});

storageTest(
  'its node dies: the volume stays fenced until the node is out of service, and keeps its data',
  async (t) => {
    const dead = get('pod db-0', '.spec.nodeName');
    const other = nodes().find((node) => node !== dead) ?? '';
    const { pid } = cluster.status().nodes.find(({ name }) => name === dead) ?? {};
    const uid = get('pod db-0', '.metadata.uid');
    const attachedTo = (): string => get('volumeattachment', '.items[*].spec.nodeName');
    const claimSize = (): string => get('pvc data-db-0', '.status.capacity.storage');
    // To the others it is as dead as one without power; that it can be woken again is worse.
    signalProcess(pid, 'SIGSTOP');
    await eventually('the node to be not ready', () => !nodeReady(dead));
    // Nobody on the node confirms the pod's end; who forces it gets another pod, and not its volume.
    cluster.must('delete', 'pod', 'db-0', '--force', '--grace-period=0');
    await eventually('the pod to be bound elsewhere', () => get('pod db-0', '.spec.nodeName') === other);
    await eventually('it to wait for the volume', () =>
      cluster.must('describe', 'pod', 'db-0').includes('Multi-Attach error'),
    );
    t.is(attachedTo(), dead);
    t.deepEqual(
      rig.volumes().map(({ attachedTo: nodeIds }) => nodeIds),
      [[dead]],
    );

    // Meanwhile the claim grows: the controller's part is done now, the node's when the volume is published.
    const size = { spec: { resources: { requests: { storage: '32Mi' } } } };
    cluster.must('patch', 'pvc', 'data-db-0', '--type', 'merge', '-p', JSON.stringify(size));
    await eventually('the volume to be larger', () => bytes(get('pv', '.items[0].spec.capacity.storage')) === 2 ** 25);
    t.not(bytes(claimSize()), 2 ** 25);

    cluster.must('taint', 'node', dead, 'node.kubernetes.io/out-of-service=nodeshutdown:NoExecute');
    await runs('db-0');
    await eventually('the claim to say so', () => bytes(claimSize()) === 2 ** 25);
    t.is(sh('db-0', 'cat /v/file; echo y >> /v/file'), 'x');
    t.is(attachedTo(), other);
    t.deepEqual(
      rig.volumes().map(({ attachedTo: nodeIds }) => nodeIds),
      [[other]],
    );
    t.not(get('pod db-0', '.metadata.uid'), uid);

    // It wakes up, believing that it has the volume: it lets it go, and nothing of the data.
    signalProcess(pid, 'SIGCONT');
    await eventually('nothing to be mounted on the node that was dead', () => mountsBelow(rootOf(dead)).length === 0);
    await eventually('it to have nothing in use', () => get(`node ${dead}`, '.status.volumesInUse') === '');
    t.is(sh('db-0', 'cat /v/file'), 'x\ny');
    cluster.must('delete', 'statefulset', 'db');
    await allGone();
  },
);
