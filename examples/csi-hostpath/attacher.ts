/** The external attacher's part: attaches volumes to nodes, and detaches them. */
import type { CSINode, PersistentVolume, VolumeAttachment } from '../../src/api/index.ts';
import type { Sidecar } from './sidecar.ts';

const path = '/apis/storage.k8s.io/v1/volumeattachments';

export async function attach(sidecar: Sidecar): Promise<void> {
  for (const attachment of await sidecar.list<VolumeAttachment>(path))
    if (attachment.spec.attacher === sidecar.name)
      await sidecar.attempt(`attach ${attachment.spec.source.persistentVolumeName}`, () =>
        reconcile(sidecar, attachment),
      );
}

async function reconcile(sidecar: Sidecar, attachment: VolumeAttachment): Promise<void> {
  const { api, controller, name } = sidecar;
  const { metadata, spec, status } = attachment;
  const finalizer = `external-attacher/${name.replaceAll('.', '-')}`;
  const isHeld = metadata.finalizers?.includes(finalizer) === true;
  const own = `${path}/${metadata.name}`;
  if (metadata.deletionTimestamp !== undefined ? !isHeld : status?.attached === true) return;
  if (!isHeld)
    await api('PATCH', own, {
      metadata: { uid: metadata.uid, finalizers: [...(metadata.finalizers ?? []), finalizer] },
    });
  const volume = await api<PersistentVolume>(
    'GET',
    `/api/v1/persistentvolumes/${spec.source.persistentVolumeName ?? ''}`,
  );
  const request = { volumeId: volume.spec.csi?.volumeHandle ?? '', nodeId: await nodeIdOf(sidecar, attachment) };
  if (metadata.deletionTimestamp !== undefined) {
    await controller('ControllerUnpublishVolume', request);
    await api('PATCH', own, {
      metadata: { uid: metadata.uid, finalizers: metadata.finalizers?.filter((each) => each !== finalizer) },
    });
    return;
  }
  try {
    const { publishContext } = await controller('ControllerPublishVolume', request);
    await api('PATCH', `${own}/status`, {
      status: { attached: true, attachmentMetadata: publishContext, attachError: null },
    });
  } catch (error) {
    const attachError = {
      message: error instanceof Error ? error.message : String(error),
      time: new Date().toISOString(),
    };
    await api('PATCH', `${own}/status`, { status: { attached: false, attachError } });
    throw error;
  }
}

const nodeIdAnnotation = 'csi.alpha.kubernetes.io/node-id';

/** Kept on the attachment: a node that died may have no CSINode any more. */
async function nodeIdOf({ api, name }: Sidecar, { metadata, spec }: VolumeAttachment): Promise<string> {
  const kept = metadata.annotations?.[nodeIdAnnotation];
  if (kept !== undefined) return kept;
  const node = await api<CSINode>('GET', `/apis/storage.k8s.io/v1/csinodes/${spec.nodeName}`);
  const nodeId = (node.spec.drivers ?? []).find((driver) => driver.name === name)?.nodeID;
  if (nodeId === undefined) throw new Error(`the driver is not on node ${spec.nodeName}`);
  await api('PATCH', `${path}/${metadata.name}`, { metadata: { annotations: { [nodeIdAnnotation]: nodeId } } });
  return nodeId;
}
