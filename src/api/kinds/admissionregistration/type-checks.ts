/** Checks the expressions of a policy against the kinds that it matches. */

import type { ExpressionWarning, Sent, ValidatingAdmissionPolicySpec } from '../../objects/index.ts';
import { admissionEnvironment, type CelEnvironment, compileProgram, isCompiled } from '../../cel/index.ts';
import { declareType, type JsonSchema } from '../../custom-schema/index.ts';
import { apiVersionOf } from '../../machinery/index.ts';
import { type FieldSchema, findType, type ServedResource } from '../../schema/index.ts';

/** Kinds that one policy is checked against at most (as upstream). */
const kindsMax = 10;

/** A resource of the tables, or one whose schema a definition brings along. */
type TypedResource = ServedResource & { readonly custom?: { readonly schema: JsonSchema } };
type Served = () => readonly TypedResource[];

/**
 * Holds the expressions of a policy against the types of the kinds that it names. What does not fit is no error, since
 * such an expression may never meet the kind: it is a warning for the policy's status. Kinds that are named by
 * wildcards are not checked.
 */
export function typeWarnings(
  spec: Sent<ValidatingAdmissionPolicySpec>,
  served: Served,
): readonly Sent<ExpressionWarning>[] {
  const kinds = kindsOf(spec, served);
  if (kinds.length === 0) return [];
  const { apiVersion = '', kind = '' } = spec.paramKind ?? {};
  const params = served().find((info) => apiVersionOf(info) === apiVersion && info.kind === kind);
  const environments = kinds.map((info) => ({ info, environment: environmentOf(spec, info, params) }));
  const check = (fieldRef: string, expression: string): readonly Sent<ExpressionWarning>[] => {
    const found = environments.flatMap(({ info, environment }) => {
      const result = compileProgram(environment, expression, 'any');
      return isCompiled(result) ? [] : [`${kindText(info)}: ${result.error.replace(/^compilation failed: /, '')}\n`];
    });
    return found.length === 0 ? [] : [{ fieldRef, warning: found.join('\n') }];
  };
  return (spec.validations ?? []).flatMap(({ expression = '', messageExpression = '' }, index) => [
    ...check(`spec.validations[${index}].expression`, expression),
    ...(messageExpression === '' ? [] : check(`spec.validations[${index}].messageExpression`, messageExpression)),
  ]);
}

const kindText = ({ group, version, kind }: TypedResource): string => `${group}/${version}, Kind=${kind}`;

function kindsOf({ matchConstraints }: Sent<ValidatingAdmissionPolicySpec>, served: Served): readonly TypedResource[] {
  const found = new Map<string, TypedResource>();
  for (const { apiGroups = [], apiVersions = [], resources = [] } of matchConstraints?.resourceRules ?? []) {
    if ([...apiGroups, ...apiVersions].some((name) => name.includes('*'))) continue;
    for (const info of served()) {
      if (
        found.size < kindsMax &&
        apiGroups.includes(info.group) &&
        apiVersions.includes(info.version) &&
        resources.includes(info.resource)
      )
        found.set(kindText(info), info);
    }
  }
  return [...found].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, info]) => info);
}

function environmentOf(
  { variables = [] }: Sent<ValidatingAdmissionPolicySpec>,
  info: TypedResource,
  params: TypedResource | undefined,
): CelEnvironment {
  const declare = (environment: CelEnvironment): Readonly<Record<string, string>> => {
    const object = declaredAs(environment, info);
    if (params === undefined) return { object, oldObject: object };
    return { object, oldObject: object, params: params === info ? object : declaredAs(environment, params) };
  };
  const known: Record<string, string> = {};
  const environment = (): CelEnvironment =>
    admissionEnvironment({
      declare,
      ...(variables.length === 0 ? {} : { variables: known }),
      params: params !== undefined,
    });
  for (const { name = '', expression = '' } of variables) {
    const result = compileProgram(environment(), expression, 'any');
    known[name] = isCompiled(result) ? result.type : 'dyn';
  }
  return environment();
}

/** Declares the type of a kind. Answers its name. */
function declaredAs(environment: CelEnvironment, { group, version, kind, type, custom }: TypedResource): string {
  const name = `kinds.${[...group.split('.'), version, kind]
    .filter((part) => part !== '')
    .map((part) => part.replace(/\W/g, '_'))
    .join('.')}`;
  return declareType(environment, custom === undefined ? typeSchemaOf(type, []) : custom.schema, {
    name,
    root: custom !== undefined,
  }).name;
}

const anything: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** A struct of the tables as a schema. A struct within itself is anything. */
function typeSchemaOf(type: string, within: readonly string[]): JsonSchema {
  if (within.includes(type)) return anything;
  const fields = [...(findType(type)?.fields.values() ?? [])];
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field, [...within, type])])),
  };
}

function fieldSchema(field: FieldSchema, within: readonly string[]): JsonSchema {
  const value = valueSchema(field, within);
  const listed: JsonSchema = field.list ? { type: 'array', items: value } : value;
  return field.map ? { type: 'object', additionalProperties: listed } : listed;
}

function valueSchema({ type, ref }: FieldSchema, within: readonly string[]): JsonSchema {
  if (ref !== undefined) return typeSchemaOf(ref, within);
  if (type === 'quantity') return { type: 'string' };
  if (type === 'time' || type === 'micro-time') return { type: 'string', format: 'date-time' };
  if (type === 'bytes') return { type: 'string', format: 'byte' };
  if (type === 'int-or-string') return { 'x-kubernetes-int-or-string': true };
  if (type === 'any' || type === 'object') return anything;
  return { type };
}
