/** Label and field selectors over stored records. */
import {
  behaviourOf,
  checkFieldSelector,
  type FieldSelector,
  fieldSelectorMatches,
  type KubeObject,
  parseFieldSelector,
  parseLabelSelector,
  type ResourceInfo,
  type Selector,
  selectorMatches,
} from '../../api/index.ts';
import type { RecordIndex } from '../../state/index.ts';
import type { ListRequest } from '../service.ts';
import { storageInfo } from '../stored/versions.ts';

/** Which records a list or watch shows, decided on the index that lies beside each record. */
export interface Selection {
  readonly labels: Selector;
  readonly fields: FieldSelector;
  /** Shows everything. */
  readonly all: boolean;
  /** The one name that it can show, when `metadata.name=` names one. */
  readonly name: string | undefined;
  /** A value that one of the kind's own fields must have, where records are stored as they are shown. */
  readonly field: { readonly name: string; readonly value: string } | undefined;
}

const ownFields = new WeakMap<ResourceInfo, { readonly names: readonly string[] | undefined }>();

/** The kind's selectable fields besides those of the metadata; undefined when it has none of its own. */
function selectableFieldNames(info: ResourceInfo): readonly string[] | undefined {
  const known = ownFields.get(info);
  if (known !== undefined) return known.names;
  const select = behaviourOf(info).selectableFields;
  const empty: KubeObject = { apiVersion: '', kind: info.kind, metadata: {}, spec: {}, status: {} };
  const names = select === undefined ? undefined : Object.keys(select(empty));
  ownFields.set(info, { names });
  return names;
}

/** Parses both selectors. Throws 400 with upstream's texts. */
export function selectionOf(info: ResourceInfo, options: ListRequest): Selection {
  const labels = (options.labelSelector ?? '') === '' ? [] : parseLabelSelector(options.labelSelector ?? '');
  const fields = (options.fieldSelector ?? '') === '' ? [] : parseFieldSelector(options.fieldSelector ?? '');
  if (fields.length > 0) checkFieldSelector(fields, info, selectableFieldNames(info));
  const named = fields.find(({ field, operator }) => field === 'metadata.name' && operator === '=');
  // A custom object may have been stored before its definition named the field.
  const asStored = info.custom === undefined && storageInfo(info) === info;
  const field = asStored
    ? fields.find(({ field, operator, value }) => operator === '=' && value !== '' && !field.startsWith('metadata.'))
    : undefined;
  return {
    labels,
    fields,
    all: labels.length === 0 && fields.length === 0,
    name: named?.value,
    field: field === undefined ? undefined : { name: field.field, value: field.value },
  };
}

export function selects({ all, labels, fields }: Selection, index: RecordIndex): boolean {
  return all || (selectorMatches(labels, index.labels) && fieldSelectorMatches(fields, index.fields));
}
