/** Names that members and agents share about volumes on a node's disk. */

/** What members and agents must call alike about volumes that are made on demand on a node's own disk. */
export const localVolumes = {
  /** The provisioner that a StorageClass names. */
  provisioner: 'troupe.dev/local-path',
  /** The StorageClass that a cluster with nodes has. */
  storageClass: 'local-path',
  /** On each such PersistentVolume: its node, by which that node's agent finds it. */
  nodeLabel: 'troupe.dev/node',
  /** Holds a PersistentVolume that is being deleted until its node has removed the data. */
  finalizer: 'troupe.dev/local-path',
  /** On a Node: the folder below which its agent makes such volumes. */
  folderAnnotation: 'troupe.dev/volumes-folder',
  /** On a PersistentVolume: who made it (what the external provisioners of Kubernetes write, too). */
  provisionedBy: 'pv.kubernetes.io/provisioned-by',
} as const;

/** The folder of a volume of this name on a node. */
export const localVolumeFolder = (volumesFolder: string, volume: string): string => `${volumesFolder}/${volume}`;
