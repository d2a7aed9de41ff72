/** Where CSI volumes are on the machine: the kubelet's own places, which drivers expect. */
import { createHash } from 'node:crypto';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What decides where a volume is. */
interface PlacedVolume {
  readonly driver: string;
  readonly handle: string;
  /** The PersistentVolume's name, or the pod's own for an inline volume. */
  readonly specName: string;
  readonly block: boolean;
}

/** Where a volume is staged for all pods of the node. */
export function stagingPath(root: string, { driver, handle, specName, block }: PlacedVolume): string {
  const plugins = `${root}/plugins/kubernetes.io/csi`;
  return block ? `${plugins}/volumeDevices/staging/${specName}` : `${plugins}/${driver}/${hash(handle)}/globalmount`;
}

/** Where a volume is published for one pod: a folder, or the file that stands for a device. */
export function targetPath(root: string, { specName, block }: PlacedVolume, podUid: string): string {
  return block
    ? `${root}/plugins/kubernetes.io/csi/volumeDevices/publish/${specName}/${podUid}`
    : `${root}/pods/${podUid}/volumes/kubernetes.io~csi/${specName}/mount`;
}

/** The folders of a pod's volumes, the inner ones first. */
export const podFolders = (root: string, podUid: string): readonly string[] =>
  ['/volumes/kubernetes.io~csi', '/volumes', ''].map((inside) => `${root}/pods/${podUid}${inside}`);

/** The handle of an inline volume, which no other has. */
export const inlineHandle = (podUid: string, volume: string): string => `csi-${hash(podUid + volume)}`;

/** A file name for what is staged. */
export const stagedId = (driver: string, handle: string): string =>
  `staged.${hash(`${driver}/${handle}`).slice(0, 32)}`;
