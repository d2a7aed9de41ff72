/** What to use instead of kinds of volumes that Kubernetes itself has given to CSI drivers. */

/** Kinds of volumes, each with the driver that serves the storage today. */
const drivers: Readonly<Record<string, string>> = {
  awsElasticBlockStore: 'ebs.csi.aws.com',
  azureDisk: 'disk.csi.azure.com',
  azureFile: 'file.csi.azure.com',
  cephfs: 'cephfs.csi.ceph.com',
  cinder: 'cinder.csi.openstack.org',
  fc: 'a CSI driver of the storage',
  flexVolume: 'a CSI driver of the storage',
  flocker: 'a CSI driver of the storage',
  gcePersistentDisk: 'pd.csi.storage.gke.io',
  gitRepo: 'an init container that clones into an emptyDir',
  glusterfs: 'a CSI driver of the storage',
  iscsi: 'iscsi.csi.k8s.io',
  photonPersistentDisk: 'a CSI driver of the storage',
  portworxVolume: 'pxd.portworx.com',
  quobyte: 'csi.quobyte.com',
  rbd: 'rbd.csi.ceph.com',
  scaleIO: 'a CSI driver of the storage',
  storageos: 'a CSI driver of the storage',
  vsphereVolume: 'csi.vsphere.vmware.com',
};

/** Says of a volume that no node sets it up, and what does. */
export function unsupported(source: object): string {
  const kind = Object.keys(source).find((key) => drivers[key] !== undefined);
  if (kind === undefined) return 'this kind of volume is not supported on this node';
  const instead = drivers[kind] ?? '';
  const what = / /.test(instead) ? instead : `the CSI driver ${instead}`;
  return `volumes of the kind ${kind} are not supported on this node; use ${what} instead`;
}
