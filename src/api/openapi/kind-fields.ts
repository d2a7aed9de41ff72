/** What the fields that every kind has are about. */

/** Descriptions of these fields wherever a kind has them, built in or custom. */
export const kindFieldDescriptions: Readonly<Record<string, string>> = {
  apiVersion: 'API group and version of the object.',
  kind: 'Kind of the object.',
  metadata: 'Metadata of the object, such as its name and labels.',
  spec: 'Desired state of the object.',
  status: 'Observed state of the object. Written by controllers.',
  items: 'Objects of the list.',
};

/** The metadata of a list. */
export const listMetadataDescription = 'Metadata of the list, such as its resource version.';
