/** The kind VolumeAttachment: defaults, validation and Table columns. */

import type { PersistentVolumeSpec, Sent, VolumeAttachment } from '../../objects/index.ts';
import {
  byteLength,
  type FieldError,
  forbidden,
  invalid,
  nameIsDnsSubdomain,
  required,
  storedEqual,
  tooLong,
} from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { invalids, requiredText } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { accessModeErrors, csiDriverNameErrors, csiSecretErrors } from '../core/index.ts';
import { statusSubresource, strategy } from '../strategy.ts';

const metadataBytesMax = 256 * 1024;
const messageBytesMax = 1024;
const attachmentOf = (object: object): Sent<VolumeAttachment> => object as Sent<VolumeAttachment>;

/** A volume given in place is a CSI volume and nothing else. */
function inlineErrors(spec: Sent<PersistentVolumeSpec>, path: string): FieldError[] {
  const detail = 'may not be specified in the context of inline volumes';
  const refused = (['claimRef', 'nodeAffinity'] as const).filter((field) => spec[field] !== undefined);
  const errors = refused.map((field) => forbidden(`${path}.${field}`, detail));
  if (Object.keys(spec.capacity ?? {}).length > 0) errors.push(forbidden(`${path}.capacity`, detail));
  if ((spec.storageClassName ?? '') !== '') errors.push(forbidden(`${path}.storageClassName`, detail));
  const { persistentVolumeReclaimPolicy: policy = '', volumeMode } = spec;
  if (policy !== '' && policy !== 'Retain')
    errors.push(
      forbidden(`${path}.persistentVolumeReclaimPolicy`, 'may only be Retain in the context of inline volumes'),
    );
  if (volumeMode !== undefined && volumeMode !== 'Filesystem')
    errors.push(
      forbidden(
        `${path}.volumeMode`,
        'may not specify volumeMode other than Filesystem in the context of inline volumes',
      ),
    );
  if ((spec.accessModes?.length ?? 0) === 0) errors.push(required(`${path}.accessModes`));
  errors.push(...accessModeErrors(spec.accessModes, `${path}.accessModes`));
  if (spec.csi === undefined)
    return [...errors, required(`${path}.csi`, 'has to be specified in the context of inline volumes')];
  return [
    ...errors,
    ...csiDriverNameErrors(`${path}.csi.driver`, spec.csi.driver),
    ...requiredText(`${path}.csi.volumeHandle`, spec.csi.volumeHandle),
    ...csiSecretErrors(`${path}.csi.controllerPublishSecretRef`, spec.csi.controllerPublishSecretRef),
    ...csiSecretErrors(`${path}.csi.nodePublishSecretRef`, spec.csi.nodePublishSecretRef),
  ];
}

function sourceErrors(attachment: Sent<VolumeAttachment>): FieldError[] {
  const path = 'spec.source';
  const { persistentVolumeName, inlineVolumeSpec } = attachment.spec?.source ?? {};
  const detail = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (persistentVolumeName === undefined && inlineVolumeSpec === undefined) return [required(path, detail)];
  if (persistentVolumeName !== undefined && inlineVolumeSpec !== undefined) return [forbidden(path, detail)];
  if (persistentVolumeName === '')
    return [required(`${path}.persistentVolumeName`, 'must specify non empty persistentVolumeName')];
  return inlineVolumeSpec === undefined ? [] : inlineErrors(inlineVolumeSpec, `${path}.inlineVolumeSpec`);
}

/** Kubernetes 1.33 knows error codes but ignores them by default. */
function dropErrorCodes(object: object): void {
  const { attachError, detachError } = attachmentOf(object).status ?? {};
  for (const error of [attachError, detachError]) if (error !== undefined) delete error.errorCode;
}

function statusErrors(object: KubeObject): FieldError[] {
  const status = attachmentOf(object).status ?? {};
  const bytes = Object.entries(status.attachmentMetadata ?? {}).reduce(
    (total, [key, value]) => total + byteLength(key) + byteLength(value),
    0,
  );
  const long = (['attachError', 'detachError'] as const).filter(
    (field) => byteLength(status[field]?.message ?? '') > messageBytesMax,
  );
  return [
    ...(bytes > metadataBytesMax ? [tooLong('status.attachmentMetadata', '', metadataBytesMax)] : []),
    // Upstream names the limit of the metadata here too.
    ...long.map((field) => tooLong(`status.${field}.message`, '', metadataBytesMax)),
  ];
}

function attachmentErrors(object: KubeObject): FieldError[] {
  const { attacher = '', nodeName = '' } = attachmentOf(object).spec ?? {};
  return [
    ...requiredText('spec.attacher', attacher),
    ...invalids('spec.nodeName', nodeName, nameIsDnsSubdomain(nodeName, false)),
    ...sourceErrors(attachmentOf(object)),
  ];
}

function createErrors(object: KubeObject): FieldError[] {
  const { attacher = '', source } = attachmentOf(object).spec ?? {};
  const volume = source?.persistentVolumeName;
  return [
    ...attachmentErrors(object),
    ...csiDriverNameErrors('spec.attacher', attacher),
    ...(volume === undefined
      ? []
      : invalids('spec.source.persistentVolumeName', volume, nameIsDnsSubdomain(volume, false))),
  ];
}

const plainStatus = statusSubresource(['labels', 'annotations', 'finalizers', 'ownerReferences']);

export const volumeAttachmentBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: true }),
  deletionAnswersObject: true,
  allowUnconditionalUpdate: false,
  validate: createErrors,
  validateUpdate(object, old) {
    // Upstream checks the whole attachment, then once more before it looks for changes.
    const errors = [...attachmentErrors(object), ...attachmentErrors(object)];
    return storedEqual(object.spec, old.spec)
      ? errors
      : [...errors, invalid('spec', object.spec, 'field is immutable')];
  },
  metadataChecks: { changes: 0, wholes: 2 },
  subresources: {
    status: {
      ...plainStatus,
      prepareForUpdate(object, old, now) {
        plainStatus.prepareForUpdate?.(object, old, now);
        dropErrorCodes(object);
      },
      validateUpdate: statusErrors,
    },
  },
  columns: [
    nameColumn,
    column('Attacher', 'Driver that attaches the volume.', { format: 'name' }),
    column('PV', 'Volume to attach.'),
    column('Node', 'Node to attach the volume to.'),
    column('Attached', 'Whether the volume is attached.', { type: 'boolean' }),
    ageColumn,
  ],
  row(object, now) {
    const { spec = {}, status = {} } = attachmentOf(object);
    return [
      object.metadata.name ?? '',
      spec.attacher ?? '',
      spec.source?.persistentVolumeName ?? '',
      spec.nodeName ?? '',
      status.attached ?? false,
      ageOf(object, now),
    ];
  },
};
