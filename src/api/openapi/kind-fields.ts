/** What the fields that every kind has are about. */

/**
 * Descriptions of these fields wherever a kind has them, built in or custom. Kubernetes' conformance suite looks for
 * the beginnings of some in what `kubectl explain` prints (custom-resources.test.ts holds them).
 */
export const kindFieldDescriptions: Readonly<Record<string, string>> = {
  apiVersion: 'APIVersion defines the API group and version that the object is written in.',
  kind: 'Kind of the object.',
  metadata: "Standard object's metadata, such as its name and labels.",
  spec: 'Desired state of the object.',
  status: 'Observed state of the object. Written by controllers.',
  items: 'Objects of the list.',
};

/** The metadata of a list. */
export const listMetadataDescription = 'Metadata of the list, such as its resource version.';
