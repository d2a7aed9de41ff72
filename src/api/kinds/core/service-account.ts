import type { KindBehaviour } from '../behaviour.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { strategy } from '../strategy.ts';
import type { ServiceAccount } from '../types/core.ts';

const accountOf = (object: object): ServiceAccount => object as ServiceAccount;

export const serviceAccountBehaviour: KindBehaviour = {
  ...strategy({ generation: false, status: false }),
  validate: () => [],
  columns: [nameColumn, column('Secrets', 'How many secrets its pods may mount.'), ageColumn],
  row: (object, now) => [object.metadata.name ?? '', accountOf(object).secrets?.length ?? 0, ageOf(object, now)],
};
