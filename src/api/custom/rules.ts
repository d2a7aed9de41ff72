import type { FieldError } from '../machinery/index.ts';
import type { KubeObject } from '../object.ts';
import type { JsonSchema } from './definition.ts';

/** Checks an object by the rules of its schema. */
export type RuleCheck = (object: KubeObject, old: KubeObject | undefined) => readonly FieldError[];

export function ruleErrorsOf(_schema: JsonSchema): RuleCheck | undefined {
  return undefined;
}
