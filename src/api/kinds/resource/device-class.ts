/** The kind DeviceClass: validation and columns. */

import { type FieldError } from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { DeviceClass, Sent } from '../../objects/index.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { ageColumn, ageOf, nameColumn } from '../columns.ts';
import { strategy } from '../strategy.ts';
import { configErrors, expressionsExcess, selectorErrors } from './device-requests.ts';

const classOf = (object: object): Sent<DeviceClass> => object as Sent<DeviceClass>;

function classErrors(object: KubeObject): FieldError[] {
  const { selectors, config } = classOf(object).spec ?? {};
  const excess = expressionsExcess('spec.selectors', [selectors ?? []]);
  return excess.length > 0
    ? excess
    : [...selectorErrors('spec.selectors', selectors), ...configErrors('spec.config', config)];
}

export const deviceClassBehaviour: KindBehaviour = {
  ...strategy({ generation: true, status: false }),
  deletionAnswersObject: true,
  validate: classErrors,
  columns: [nameColumn, ageColumn],
  row: (object, now) => [object.metadata.name ?? '', ageOf(object, now)],
};
