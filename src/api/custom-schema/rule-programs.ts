import { baseEnvironment, type CelEnvironment, type Compiled, compileProgram, type CompileResult } from '../cel/index.ts';
import type { JsonSchema, ValidationRule } from './definition.ts';
import { declareType, type RuleType } from './rule-types.ts';

/** The rules of one place of a schema, compiled. */
export interface RulesOfPlace {
  readonly type: RuleType;
  readonly rules: readonly CompiledRule[];
}

export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly check: CompileResult;
  /** Set when the rule has an expression for its message. */
  readonly message?: CompileResult;
  /** Whether the rule compares with the old value: it only applies where there is one. */
  readonly transition: boolean;
}

/** Compiles the rules that stand at one place of a schema. */
export function rulesOfPlace(schema: JsonSchema, root: boolean): RulesOfPlace {
  const environment = baseEnvironment();
  const type = declareType(environment, schema, { name: 'Self', root });
  environment.registerVariable('self', type.name);
  return { type, rules: (schema['x-kubernetes-validations'] ?? []).map((rule) => compiledRule(rule, environment, type)) };
}

function compiledRule(rule: ValidationRule, environment: CelEnvironment, type: RuleType): CompiledRule {
  const source = rule.rule ?? '';
  const withOld = (): CelEnvironment => environment.clone().registerVariable('oldSelf', rule.optionalOldSelf === true ? `optional<${type.name}>` : type.name);
  const alone = compileProgram(environment, source, 'bool');
  const transition = !isProgram(alone) && mentionsOld(source);
  const check = transition ? compileProgram(withOld(), source, 'bool') : alone;
  const { messageExpression = '' } = rule;
  if (messageExpression.trim() === '') return { rule, check, transition };
  return { rule, check, transition, message: compileProgram(transition ? withOld() : environment, messageExpression, 'string') };
}

const mentionsOld = (source: string): boolean => /\boldSelf\b/.test(source);

export function isProgram(result: CompileResult): result is Compiled {
  return 'program' in result;
}
