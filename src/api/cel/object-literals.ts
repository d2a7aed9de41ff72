/** Objects that an expression constructs, and the JSON patches made of them. */

import { Optional } from '@marcbachmann/cel-js';
import { Duration } from '@marcbachmann/cel-js/evaluator';
import { charge } from './cost-meter.ts';
import { stepCost } from './cost-table.ts';
import type { Checker, Context, Evaluator, MacroCall, Type } from './package-types.ts';
import type { CelEnvironment } from './environment.ts';
import { objectLiteral } from './source-forms.ts';
import type { SyntaxNode } from './syntax-tree.ts';
import { timeText } from './text-format.ts';

/** An object that an expression has written out: `Object.spec{replicas: 2}`. */
class ObjectValue extends Map<string, unknown> {
  readonly typeName: string = '';
}

/** One operation of a JSON patch: `JSONPatch{op: "add", path: "/a", value: 1}`. */
class PatchOperation extends ObjectValue {
  override readonly typeName = patchType;
}

const rootType = 'Object';
const patchType = 'JSONPatch';
const patchFields: Readonly<Record<string, string>> = { op: 'string', path: 'string', from: 'string', value: 'dyn' };

const isObjectType = (name: string): boolean =>
  name === patchType || name === rootType || name.startsWith(`${rootType}.`);

/**
 * Lets the expressions of an environment write out the named types. Answers the first name that is no type of objects.
 */
export function declareObjects(environment: CelEnvironment, names: readonly string[]): string | undefined {
  const unknown = names.find((name) => !isObjectType(name));
  if (unknown !== undefined) return unknown;
  const constructors = new Map<string, new () => ObjectValue>();
  for (const name of new Set([rootType, patchType, ...names])) {
    const ctor =
      name === patchType
        ? class extends PatchOperation {}
        : class extends ObjectValue {
            override readonly typeName = name;
          };
    constructors.set(name, ctor);
    environment.registerType(name, name === patchType ? { ctor, fields: { ...patchFields } } : { ctor });
  }
  environment.registerFunction(`${objectLiteral}(ast, ast, ast): dyn`, ({ args }: MacroCall) =>
    written(args, constructors),
  );
  return undefined;
}

type Field = readonly [name: SyntaxNode, value: SyntaxNode];

function written(
  [nameNode, fieldsNode, placesNode]: readonly SyntaxNode[],
  constructors: ReadonlyMap<string, new () => ObjectValue>,
): object {
  const name = String(nameNode?.args);
  const entries = (fieldsNode?.args ?? []) as readonly Field[];
  const places = new Set(
    String(placesNode?.args ?? '')
      .split(',')
      .filter((place) => place !== '')
      .map(Number),
  );
  return {
    fields: entries.map(([, value]) => value),
    async: false,
    typeCheck(checker: Checker, _own: unknown, context: Context): Type {
      for (const [place, [field, value]] of entries.entries())
        checkField(checker, { type: name, field, given: checker.check(value, context), optional: places.has(place) });
      return checker.getType(name);
    },
    evaluate(evaluator: Evaluator, _own: unknown, context: Context): unknown {
      charge(stepCost('object'));
      const made = new (constructors.get(name) ?? ObjectValue)();
      for (const [place, [field, value]] of entries.entries()) {
        const given = evaluator.run(value, context);
        const one: unknown = places.has(place) && given instanceof Optional ? given.orValue(undefined) : given;
        if (one !== undefined) made.set(String(field.args), one);
      }
      return made;
    },
  };
}

interface GivenField {
  /** Name of the object's type. */
  readonly type: string;
  readonly field: SyntaxNode;
  readonly given: Type;
  readonly optional: boolean;
}

function checkField(checker: Checker, { type, field, given, optional }: GivenField): void {
  if (type !== patchType) return;
  const wanted = patchFields[String(field.args)];
  if (wanted === undefined) throw checker.createError('no_such_key', `No such key: ${String(field.args)}`, field);
  const found = optional ? (given.valueType ?? given) : given;
  if (wanted !== 'dyn' && found.kind !== 'dyn' && found.name !== wanted) {
    throw checker.createError(
      'field_type_mismatch',
      `expected type of field '${String(field.args)}' is '${wanted}' but provided type is '${found.name}'`,
      field,
    );
  }
}

/** What of the objects within a value is not of the type that their place has. */
export function misplacedTypes(value: unknown, path: string): readonly string[] {
  if (value instanceof ObjectValue) {
    const own =
      value.typeName === path
        ? []
        : [
            `unexpected type name ${JSON.stringify(value.typeName)}, expected ${JSON.stringify(path)}, which ` +
              'matches field name path from root Object type',
          ];
    return [...own, ...[...value].flatMap(([field, member]) => misplacedTypes(member, `${path}.${field}`))];
  }
  if (Array.isArray(value)) return value.flatMap((item) => misplacedTypes(item, path));
  return value instanceof Map
    ? [...(value as Map<unknown, unknown>).values()].flatMap((member) => misplacedTypes(member, path))
    : [];
}

/** A value of the language as JSON. Throws for what JSON cannot say. */
export function jsonOf(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(jsonOf);
  if (value instanceof Date) return timeText(value);
  if (value instanceof Duration) return value.toString();
  if (value instanceof Uint8Array) return btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join(''));
  if (typeof value !== 'object' || value === null) return value;
  const entries =
    value instanceof Map
      ? [...(value as Map<unknown, unknown>)]
      : Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null
        ? Object.entries(value)
        : undefined;
  if (entries === undefined) throw new Error('unsupported conversion to JSON');
  return Object.fromEntries(
    entries.map(([key, member]) => {
      if (typeof key !== 'string') throw new Error(`map key "${String(key)}" is not of type string`);
      return [key, jsonOf(member)];
    }),
  );
}

/** A key as it stands in the path of a JSON patch. */
const escapedKey = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** Gives `jsonpatch.escapeKey` a receiver. */
class PatchFunctions {}

/** Functions that only mutations have. */
export function registerPatchFunctions(environment: CelEnvironment): void {
  environment
    .registerType('kubernetes.PatchFunctions', PatchFunctions)
    .registerConstant('jsonpatch', 'kubernetes.PatchFunctions', new PatchFunctions())
    .registerFunction('kubernetes.PatchFunctions.escapeKey(string): string', (_functions: unknown, key: string) =>
      escapedKey(key),
    );
}
