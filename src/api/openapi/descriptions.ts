/** Descriptions of fields, as members of their schemas. */

import type { FieldSchema, TypeSchema } from '../schema/index.ts';

/** Descriptions of these fields wherever a kind has them. */
const kindFieldDescriptions: Readonly<Record<string, string>> = {
  apiVersion: 'API group and version of the object.',
  kind: 'Kind of the object.',
  metadata: 'Metadata of the object, such as its name and labels.',
  spec: 'Desired state of the object.',
  status: 'Observed state of the object. Written by controllers.',
  items: 'Objects of the list.',
};

/** The description of a field of this type: its own, or the one that every kind's field of this name has. */
export function fieldDescription(type: TypeSchema, field: FieldSchema): string | undefined {
  return field.description ?? (type.groupVersionKind === undefined ? undefined : kindFieldDescriptions[field.name]);
}
