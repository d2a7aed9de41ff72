/** Decides which volumes are attached to a node, and which are detached from it. Pure. */
import { isNodeReady, type Node, type PersistentVolume, type Pod, type VolumeAttachment } from '../../api/index.ts';
import { attachableName, attachmentName } from '../../protocol/index.ts';
import type { Note } from '../runtime/index.ts';

/** A CSI volume that pods on the node need, if its driver attaches volumes at all. */
export interface WantedVolume {
  readonly volume: PersistentVolume;
  readonly pods: readonly Pod[];
}

export interface Observed {
  readonly name: string;
  /** Undefined: it is gone. */
  readonly node: Node | undefined;
  readonly wanted: readonly WantedVolume[];
  /** Of the node. */
  readonly attachments: readonly VolumeAttachment[];
  /** Finds a volume by its name. */
  volume(name: string): PersistentVolume | undefined;
  /** The nodes that have the volume attached, or are getting it, beside this one. */
  others(volume: string): readonly string[];
  /** Since when nobody on the node needs the attachment, in the time of `now`; noted by the caller. */
  unwantedSince(attachment: string): number;
}

/** Something to say about a pod. */
interface PodNote {
  readonly pod: Pod;
  readonly note: Note;
}

interface Plan {
  readonly attach: readonly object[];
  /** After the Node's status says that it is not attached any more. */
  readonly detach: readonly VolumeAttachment[];
  /** What the Node's status is to show; undefined: it does, or the node is gone. */
  readonly attached: readonly { readonly name: string; readonly devicePath: string }[] | undefined;
  readonly notes: readonly PodNote[];
  readonly lookAgainMs: number | undefined;
}

/** A node that is not ready keeps what it says to have in use for this long. */
const unmountWaitMs = 6 * 60_000;
const outOfService = 'node.kubernetes.io/out-of-service';
const managed = 'volumes.kubernetes.io/controller-managed-attach-detach';

/** Names of a volume: what it is called in the Node's status, and how its attachment is called. */
function namesOf({ spec }: PersistentVolume, node: string): { readonly status: string; readonly attachment: string } {
  const { driver = '', volumeHandle = '' } = spec.csi ?? {};
  return { status: attachableName(driver, volumeHandle), attachment: attachmentName(driver, volumeHandle, node) };
}

const isGoing = ({ metadata }: VolumeAttachment): boolean => metadata.deletionTimestamp !== undefined;
const sourceOf = ({ spec }: VolumeAttachment): string => spec.source.persistentVolumeName ?? '';

/** `now`: monotonic ms. */
export function planAttachments(observed: Observed, now: number): Plan {
  const { node, name, wanted, attachments } = observed;
  if (node !== undefined && node.metadata.annotations?.[managed] !== 'true') return idle;
  const byName = new Map(attachments.map((attachment) => [attachment.metadata.name, attachment]));
  const wantedNames = new Set(wanted.map(({ volume }) => namesOf(volume, name).attachment));
  const unwanted = attachments.filter((each) => !wantedNames.has(each.metadata.name) && !isGoing(each));
  const waits = unwanted.map((attachment) => ({ attachment, ms: waitOf(observed, attachment, now) }));
  const detach = waits.filter(({ ms }) => ms <= 0).map(({ attachment }) => attachment);
  const waiting = waits.map(({ ms }) => ms).filter((ms) => ms > 0 && Number.isFinite(ms));
  const missing =
    node === undefined ? [] : wanted.filter(({ volume }) => !byName.has(namesOf(volume, name).attachment));
  const free = missing.filter(
    ({ volume }) => isShareable(volume) || observed.others(volume.metadata.name).length === 0,
  );
  const attached = node === undefined ? undefined : shownAttached(observed, new Set(detach));
  return {
    attach: free.map(({ volume }) => newAttachment(volume, name)),
    detach,
    attached,
    notes: [
      ...missing.filter((each) => !free.includes(each)).flatMap((each) => conflictNotes(observed, each)),
      ...wanted.flatMap((each) => resultNotes(observed, each, byName)),
    ],
    lookAgainMs: waiting.length === 0 ? undefined : Math.min(...waiting),
  };
}

const idle: Plan = { attach: [], detach: [], attached: undefined, notes: [], lookAgainMs: undefined };

/** How long an attachment that nobody needs is kept, in ms; infinite: until the node says more. */
function waitOf(observed: Observed, attachment: VolumeAttachment, now: number): number {
  const { node } = observed;
  const left = observed.unwantedSince(attachment.metadata.name) + unmountWaitMs - now;
  if (node === undefined) return left;
  if (node.spec.taints?.some(({ key }) => key === outOfService) === true) return 0;
  const volume = observed.volume(sourceOf(attachment));
  const inUse = node.status.volumesInUse ?? [];
  const isInUse = volume === undefined ? inUse.length > 0 : inUse.includes(namesOf(volume, observed.name).status);
  if (!isInUse) return 0;
  // A node that lives will say when it has let the volume go.
  return isNodeReady(node) ? Number.POSITIVE_INFINITY : left;
}

const isShareable = ({ spec }: PersistentVolume): boolean =>
  (spec.accessModes ?? []).some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany');

function newAttachment({ metadata, spec }: PersistentVolume, node: string): object {
  const { driver = '', volumeHandle = '' } = spec.csi ?? {};
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    metadata: { name: attachmentName(driver, volumeHandle, node) },
    spec: { attacher: driver, nodeName: node, source: { persistentVolumeName: metadata.name } },
  };
}

function shownAttached(observed: Observed, detaching: ReadonlySet<VolumeAttachment>): Plan['attached'] {
  const { node, attachments, name } = observed;
  const names = attachments.flatMap((attachment) => {
    if (attachment.status?.attached !== true || isGoing(attachment) || detaching.has(attachment)) return [];
    const volume = observed.volume(sourceOf(attachment));
    return volume === undefined ? [] : [namesOf(volume, name).status];
  });
  const shown = (node?.status.volumesAttached ?? []).map((each) => each.name);
  const wanted = names.toSorted();
  if (wanted.join('\n') === shown.join('\n')) return undefined;
  return wanted.map((each) => ({ name: each, devicePath: '' }));
}

function conflictNotes({ others }: Observed, { volume, pods }: WantedVolume): readonly PodNote[] {
  const where = others(volume.metadata.name).join(', ');
  const message =
    `Multi-Attach error for volume "${volume.metadata.name}" ` +
    `Volume is already exclusively attached to one node and can't be attached to another (it is on ${where})`;
  return pods.map((pod) => ({ pod, note: { type: 'Warning', reason: 'FailedAttachVolume', message } }));
}

/** The attachment has just succeeded, or fails. */
function resultNotes(
  { node, name }: Observed,
  { volume, pods }: WantedVolume,
  byName: ReadonlyMap<string, VolumeAttachment>,
): readonly PodNote[] {
  const names = namesOf(volume, name);
  const status = byName.get(names.attachment)?.status;
  const of = `volume "${volume.metadata.name}"`;
  const tell = (note: Note): readonly PodNote[] => pods.map((pod) => ({ pod, note }));
  if (status?.attached === true) {
    const isShown = node?.status.volumesAttached?.some((each) => each.name === names.status) === true;
    const message = `AttachVolume.Attach succeeded for ${of} `;
    return isShown ? [] : tell({ type: 'Normal', reason: 'SuccessfulAttachVolume', message });
  }
  const problem = status?.attachError?.message;
  if (problem === undefined) return [];
  const message = `AttachVolume.Attach failed for ${of} : ${problem}`;
  return tell({ type: 'Warning', reason: 'FailedAttachVolume', message });
}
