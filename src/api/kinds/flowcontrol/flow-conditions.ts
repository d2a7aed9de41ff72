/** Validates the conditions of FlowSchemas and PriorityLevelConfigurations. */

import { duplicate, type FieldError, required } from '../../machinery/index.ts';
import { each, isSet } from '../checks.ts';

/** Errors of the conditions of a flow schema or a priority level: each has a type, and no two have the same. */
export function flowConditionErrors(conditions: readonly { readonly type?: string }[] | undefined): FieldError[] {
  const seen = new Set<string | undefined>();
  return each('status.conditions', conditions, ({ type }, at) => {
    const errors: FieldError[] = seen.has(type) ? [duplicate(`${at}.type`, type)] : [];
    seen.add(type);
    return isSet(type) ? errors : [...errors, required(`${at}.type`, 'must not be empty')];
  });
}
