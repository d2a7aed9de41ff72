/** Compiles the validation rules at one place of a schema, once. */

import {
  baseEnvironment,
  type CelEnvironment,
  type Compiled,
  compileProgram,
  type CompileResult,
} from '../cel/index.ts';
import { atOnce, Pace, type Steps } from '../../base/index.ts';
import type { JsonSchema, SchemaRule } from './definition.ts';
import { fieldPathOf } from './field-path.ts';
import { declareType, type RuleType } from './rule-types.ts';

/** The rules of one place of a schema, compiled. */
export interface RulesOfPlace {
  readonly type: RuleType;
  readonly rules: readonly CompiledRule[];
}

export interface CompiledRule {
  readonly rule: SchemaRule;
  readonly check: CompileResult;
  /** Set when the rule has an expression for its message, and compiles itself. */
  readonly message?: CompileResult;
  /** Whether the rule compares with the old value: it only applies where there is one. */
  readonly transition: boolean;
  /** Where errors of the rule stand, below its own place. */
  readonly fieldPath: string;
}

/** Compiles the rules that stand at one place of a schema. */
export function rulesOfPlace(schema: JsonSchema, root: boolean): RulesOfPlace {
  return atOnce(rulesOfPlaceSteps(schema, root));
}

/** What one step compiles: so many characters of expressions, each rule counting for some by itself. */
const charactersMax = 4_000;
const ruleCharacters = 200;

/** The same in steps. */
export function* rulesOfPlaceSteps(schema: JsonSchema, root: boolean): Steps<RulesOfPlace> {
  const environment = baseEnvironment();
  const type = declareType(environment, schema, { name: 'Self', root });
  environment.registerVariable('self', type.name);
  const pace = new Pace(charactersMax);
  const rules: CompiledRule[] = [];
  for (const rule of schema['x-kubernetes-validations'] ?? []) {
    if (pace.isDue(ruleCharacters + (rule.rule ?? '').length + (rule.messageExpression ?? '').length)) yield;
    const fieldPath = fieldPathOf(rule.fieldPath ?? '', schema) ?? '';
    rules.push({ ...compiledRule(rule, environment, type), fieldPath });
  }
  return { type, rules };
}

function compiledRule(rule: SchemaRule, environment: CelEnvironment, type: RuleType): Omit<CompiledRule, 'fieldPath'> {
  const source = rule.rule ?? '';
  const withOld = environment
    .clone()
    .registerVariable('oldSelf', rule.optionalOldSelf === true ? `optional<${type.name}>` : type.name);
  const alone = compileProgram(environment, source, 'bool');
  const check = isProgram(alone) ? alone : compileProgram(withOld, source, 'bool');
  const transition = !isProgram(alone) && isProgram(check);
  const { messageExpression = '' } = rule;
  if (messageExpression === '' || !isProgram(check)) return { rule, check, transition };
  return { rule, check, transition, message: compileProgram(withOld, messageExpression, 'string') };
}

export function isProgram(result: CompileResult): result is Compiled {
  return 'program' in result;
}
