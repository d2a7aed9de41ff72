import { type FieldError, forbidden, invalid, nameIsDnsSubdomain, required, storedEqual } from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { invalids, requiredText } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { accessModeErrors, csiDriverNameErrors, csiSecretErrors } from '../core/index.ts';
import { statusSubresource, strategy } from '../strategy.ts';
import type { PersistentVolumeSpec } from '../types/core.ts';
import type { VolumeAttachment } from '../types/storage.ts';

const attachmentOf = (object: object): VolumeAttachment => object as VolumeAttachment;

/** A volume given in place is a CSI volume and nothing else. */
function inlineErrors(spec: PersistentVolumeSpec, path: string): FieldError[] {
  const detail = 'may not be specified in the context of inline volumes';
  const refused = (['claimRef', 'nodeAffinity'] as const).filter((field) => spec[field] !== undefined);
  const errors = refused.map((field) => forbidden(`${path}.${field}`, detail));
  if (Object.keys(spec.capacity ?? {}).length > 0) errors.push(forbidden(`${path}.capacity`, detail));
  if ((spec.storageClassName ?? '') !== '') errors.push(forbidden(`${path}.storageClassName`, detail));
  const { persistentVolumeReclaimPolicy: policy = '', volumeMode } = spec;
  if (policy !== '' && policy !== 'Retain') errors.push(forbidden(`${path}.persistentVolumeReclaimPolicy`, 'may only be Retain in the context of inline volumes'));
  if (volumeMode !== undefined && volumeMode !== 'Filesystem') errors.push(forbidden(`${path}.volumeMode`, 'may not specify volumeMode other than Filesystem in the context of inline volumes'));
  if ((spec.accessModes?.length ?? 0) === 0) errors.push(required(`${path}.accessModes`));
  errors.push(...accessModeErrors(spec.accessModes, `${path}.accessModes`));
  if (spec.csi === undefined) return [...errors, required(`${path}.csi`, 'has to be specified in the context of inline volumes')];
  return [
    ...errors,
    ...csiDriverNameErrors(`${path}.csi.driver`, spec.csi.driver),
    ...requiredText(`${path}.csi.volumeHandle`, spec.csi.volumeHandle),
    ...csiSecretErrors(`${path}.csi.controllerPublishSecretRef`, spec.csi.controllerPublishSecretRef),
    ...csiSecretErrors(`${path}.csi.nodePublishSecretRef`, spec.csi.nodePublishSecretRef),
  ];
}

function sourceErrors(attachment: VolumeAttachment): FieldError[] {
  const path = 'spec.source';
  const { persistentVolumeName, inlineVolumeSpec } = attachment.spec?.source ?? {};
  const detail = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (persistentVolumeName === undefined && inlineVolumeSpec === undefined) return [required(path, detail)];
  if (persistentVolumeName !== undefined && inlineVolumeSpec !== undefined) return [forbidden(path, detail)];
  if (persistentVolumeName === '') return [required(`${path}.persistentVolumeName`, 'must specify non empty persistentVolumeName')];
  return inlineVolumeSpec === undefined ? [] : inlineErrors(inlineVolumeSpec, `${path}.inlineVolumeSpec`);
}

function attachmentErrors(object: KubeObject): FieldError[] {
  const { attacher = '', nodeName = '' } = attachmentOf(object).spec ?? {};
  return [
    ...requiredText('spec.attacher', attacher),
    ...csiDriverNameErrors('spec.attacher', attacher),
    ...invalids('spec.nodeName', nodeName, nameIsDnsSubdomain(nodeName, false)),
    ...sourceErrors(attachmentOf(object)),
  ];
}

export const volumeAttachmentBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: true }),
  allowUnconditionalUpdate: false,
  validate: attachmentErrors,
  validateUpdate(object, old) {
    const same = storedEqual(object.spec, old.spec);
    return same ? [] : [...attachmentErrors(object), invalid('spec', object.spec, 'field is immutable')];
  },
  subresources: { status: statusSubresource() },
  columns: [
    nameColumn,
    column('Attacher', 'The driver that attaches.', { format: 'name' }),
    column('PV', 'The volume.'),
    column('Node', 'The node.'),
    column('Attached', 'Whether it is done.', { type: 'boolean' }),
    ageColumn,
  ],
  row(object, now) {
    const { spec = {}, status = {} } = attachmentOf(object);
    return [object.metadata.name ?? '', spec.attacher ?? '', spec.source?.persistentVolumeName ?? '', spec.nodeName ?? '', status.attached ?? false, ageOf(object, now)];
  },
};
