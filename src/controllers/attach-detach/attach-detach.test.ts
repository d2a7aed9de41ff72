import test from 'ava';
import { type Node, resources, type VolumeAttachment } from '../../api/index.ts';
import { attachmentName } from '../../protocol/index.ts';
import { Harness, MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { attachDetachController } from './controller.ts';

const driver = 'd.example';
const managed = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' };
const inStatus = `kubernetes.io/csi/${driver}^h`;

interface World {
  readonly cluster: MemoryCluster;
  readonly harness: Harness;
}

async function world({ shareable = false }: { readonly shareable?: boolean } = {}): Promise<World> {
  const cluster = new MemoryCluster();
  const harness = new Harness(cluster, [attachDetachController()]);
  for (const name of ['a', 'b'])
    await cluster.make(resources.nodes, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, annotations: managed },
      spec: {},
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    });
  await cluster.make(resources.persistentVolumeClaims, {
    metadata: { name: 'c', namespace: 'ns' },
    spec: { volumeName: 'pv' },
  });
  const uid = cluster.view.get<Node>(resources.persistentVolumeClaims, 'ns', 'c')?.metadata.uid;
  await cluster.make(resources.persistentVolumes, {
    metadata: { name: 'pv' },
    spec: {
      accessModes: [shareable ? 'ReadWriteMany' : 'ReadWriteOnce'],
      claimRef: { namespace: 'ns', name: 'c', uid },
      csi: { driver, volumeHandle: 'h' },
    },
  });
  return { cluster, harness };
}

async function addPod({ cluster, harness }: World, name: string, nodeName: string): Promise<void> {
  await cluster.make(resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'ns' },
    spec: { nodeName, containers: [], volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] },
    status: { phase: 'Running', containerStatuses: [{ name: 'c', state: { running: {} } }] },
  });
  await harness.settle();
}

async function removePod({ cluster, harness }: World, name: string): Promise<void> {
  await cluster.client.delete({ ...resources.pods, namespace: 'ns', name });
  await harness.settle();
}

const attachmentsOf = ({ cluster }: World): readonly string[] =>
  cluster.view
    .list<VolumeAttachment>(resources.volumeAttachments)
    .map(({ spec, metadata }) => `${spec.nodeName}${metadata.deletionTimestamp === undefined ? '' : ' going'}`);

const nodeOf = ({ cluster }: World, name: string): Node | undefined =>
  cluster.view.get<Node>(resources.nodes, undefined, name);

/** What the external attacher does. */
async function attached(world: World, node: string, status: object = { attached: true }): Promise<void> {
  const ref = { ...resources.volumeAttachments, name: attachmentName(driver, 'h', node) };
  await world.cluster.client.patch(ref, { type: 'merge', body: { status } }, { subresource: 'status' });
  await world.harness.settle();
}

async function patchNode(
  world: World,
  name: string,
  body: { readonly status?: object; readonly spec?: object; readonly metadata?: object },
): Promise<void> {
  const subresource = body.status === undefined ? undefined : 'status';
  await world.cluster.client.patch({ ...resources.nodes, name }, { type: 'merge', body }, { subresource });
  await world.harness.settle();
}

const reasons = ({ cluster }: World): readonly string[] => cluster.events.map(({ reason }) => reason);

test('a volume is attached to the node of its pod, shown once it is, and detached after the pod', async (t) => {
  const it = await world();
  await addPod(it, 'p', 'a');
  t.deepEqual(attachmentsOf(it), ['a']);
  t.is(nodeOf(it, 'a')?.status.volumesAttached, undefined);
  await attached(it, 'a');
  t.deepEqual(nodeOf(it, 'a')?.status.volumesAttached, [{ name: inStatus, devicePath: '' }]);
  t.deepEqual(reasons(it), ['SuccessfulAttachVolume']);
  await patchNode(it, 'a', { status: { volumesInUse: [inStatus] } });
  await removePod(it, 'p');
  t.deepEqual(attachmentsOf(it), ['a']);
  await patchNode(it, 'a', { status: { volumesInUse: [] } });
  t.deepEqual(attachmentsOf(it), []);
  t.deepEqual(nodeOf(it, 'a')?.status.volumesAttached, []);
});

test('a volume for one node at a time waits until the other node has let it go', async (t) => {
  const it = await world();
  await addPod(it, 'first', 'a');
  await attached(it, 'a');
  await addPod(it, 'second', 'b');
  t.deepEqual(attachmentsOf(it), ['a']);
  t.true(reasons(it).includes('FailedAttachVolume'));
  await removePod(it, 'first');
  t.deepEqual(attachmentsOf(it), ['b']);
  const shared = await world({ shareable: true });
  await addPod(shared, 'first', 'a');
  await addPod(shared, 'second', 'b');
  t.deepEqual([...attachmentsOf(shared)].sort(), ['a', 'b']);
});

test('a silent node keeps its volumes for six minutes, one that is out of service loses them at once', async (t) => {
  for (const taint of [false, true]) {
    const it = await world();
    await addPod(it, 'p', 'a');
    await attached(it, 'a');
    await patchNode(it, 'a', {
      status: { volumesInUse: [inStatus], conditions: [{ type: 'Ready', status: 'Unknown' }] },
    });
    await removePod(it, 'p');
    t.deepEqual(attachmentsOf(it), ['a']);
    if (taint)
      await patchNode(it, 'a', {
        spec: { taints: [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] },
      });
    else {
      await it.harness.advance(5 * 60_000);
      t.deepEqual(attachmentsOf(it), ['a']);
      await it.harness.advance(61_000);
    }
    t.deepEqual(attachmentsOf(it), []);
  }
});

test('what the attacher fails with is told to the pod', async (t) => {
  const it = await world();
  await addPod(it, 'p', 'a');
  await attached(it, 'a', { attached: false, attachError: { message: 'no slot' } });
  const failed = it.cluster.events.find(({ reason }) => reason === 'FailedAttachVolume');
  t.is(failed?.message, 'AttachVolume.Attach failed for volume "pv" : no slot');
  t.is(failed?.object, 'p');
});

test('a driver that attaches nothing gets no attachments, nor does a node that attaches by itself', async (t) => {
  const it = await world();
  await it.cluster.make(resources.csiDrivers, { metadata: { name: driver }, spec: { attachRequired: false } });
  await addPod(it, 'p', 'a');
  t.deepEqual(attachmentsOf(it), []);
  const other = await world();
  await patchNode(other, 'a', { metadata: { annotations: null } });
  await addPod(other, 'p', 'a');
  t.deepEqual(attachmentsOf(other), []);
});
