/** Names and order of Go's struct fields, for messages that print structs. */

import { type FieldSchema, typeSchema } from '../schema/index.ts';

/** A struct that Go embeds while JSON has its fields inline. */
interface Embedded {
  readonly type: string;
  readonly fields: readonly (readonly [name: string, field: FieldSchema])[];
}

/** Names that are not the JSON name with a capital. */
const names: Readonly<Record<string, string>> = {
  awsElasticBlockStore: 'AWSElasticBlockStore',
  cephfs: 'CephFS',
  csi: 'CSI',
  fc: 'FC',
  fsType: 'FSType',
  gcePersistentDisk: 'GCEPersistentDisk',
  iqn: 'IQN',
  iscsi: 'ISCSI',
  iscsiInterface: 'ISCSIInterface',
  nfs: 'NFS',
  pdID: 'PdID',
  pdName: 'PDName',
  rbd: 'RBD',
  storageos: 'StorageOS',
  tty: 'TTY',
  wwids: 'WWIDs',
};

/** Where Go's own struct has its fields in another order than the published one: the fields in that order. */
const orders: Readonly<Record<string, readonly string[]>> = {
  'core/v1.PersistentVolumeSource': [
    'gcePersistentDisk',
    'awsElasticBlockStore',
    'hostPath',
    'glusterfs',
    'nfs',
    'rbd',
    'quobyte',
    'iscsi',
    'flexVolume',
    'cinder',
    'cephfs',
    'fc',
    'flocker',
    'azureFile',
    'vsphereVolume',
    'azureDisk',
    'photonPersistentDisk',
    'portworxVolume',
    'scaleIO',
    'local',
    'storageos',
    'csi',
  ],
};

const embedded: Readonly<Record<string, string>> = { 'core/v1.EphemeralContainer': 'EphemeralContainerCommon' };

/** The fields of a struct by Go's names and in Go's order; an embedded struct stands for its fields. */
export function goFields(
  type: string,
): readonly (readonly [name: string, field: FieldSchema | undefined, inner?: Embedded])[] {
  const schema = typeSchema(type);
  const fields = (orders[type] ?? [...schema.fields.keys()]).flatMap((name) => schema.fields.get(name) ?? []);
  const inner = fields.filter((field) => field.protobufInside !== undefined);
  const outer = fields.filter((field) => field.protobufInside === undefined);
  const own = outer.map((field) => [goName(field.name), field] as const);
  const name = embedded[type];
  if (name === undefined) return fields.map((field) => [goName(field.name), field] as const);
  return [
    [
      name,
      undefined,
      {
        type: `${type.slice(0, type.indexOf('/'))}.${name}`,
        fields: inner.map((field) => [goName(field.name), field] as const),
      },
    ],
    ...own,
  ];
}

function goName(name: string): string {
  return names[name] ?? name.charAt(0).toUpperCase() + name.slice(1);
}
