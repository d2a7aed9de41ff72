/** The kind ServiceAccount: defaults, validation and Table columns. */

import type { Sent, ServiceAccount } from '../../objects/index.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { strategy } from '../strategy.ts';

const mountable = 'kubernetes.io/enforce-mountable-secrets';
const accountOf = (object: object): Sent<ServiceAccount> => object as Sent<ServiceAccount>;

export const serviceAccountBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: false }),
  deletionAnswersObject: true,
  validate: () => [],
  metadataChecks: { changes: 1, wholes: 1 },
  warnings(object, old) {
    const told =
      object.metadata.annotations?.[mountable] === undefined ||
      old?.metadata.annotations?.[mountable] === object.metadata.annotations[mountable];
    return told
      ? []
      : [
          `metadata.annotations[${mountable}]: deprecated in v1.32+; prefer separate namespaces to isolate ` +
            'access to mounted secrets',
        ];
  },
  columns: [nameColumn, column('Secrets', 'Number of secrets that its pods may mount.'), ageColumn],
  row: (object, now) => [object.metadata.name ?? '', accountOf(object).secrets?.length ?? 0, ageOf(object, now)],
};
