/** The behaviour of kinds that have none of their own. */

import type { ServedResource } from '../schema/index.ts';
import type { KindBehaviour } from './behaviour.ts';
import { ageColumn, ageOf, nameColumn } from './columns.ts';
import { strategy } from './strategy.ts';

/**
 * The behaviour of a kind that has none (custom resources among them): status only through /status where that
 * exists, a generation that counts changes of anything else, name and age as columns.
 */
export function defaultBehaviour(info: ServedResource): KindBehaviour {
  const status = info.subresources.some((subresource) => subresource.name === 'status');
  return {
    ...strategy({ generation: true, status }),
    columns: [nameColumn, ageColumn],
    row: (object, now) => [object.metadata.name ?? '', ageOf(object, now)],
  };
}
