/**
 * Writes src/api/objects/generated/: the TypeScript types of stored Kubernetes objects, a file for each schema table.
 * `--check`: writes nothing and says by its exit code whether the files are current.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  allResources,
  type FieldSchema,
  optionalResources,
  type ServedResource,
  typeSchema,
} from '../src/api/schema/index.ts';
import { propertyName, qualifiedTypeName, reachable } from './schema-types.ts';

const folder = resolve(import.meta.dirname, '..', 'src', 'api', 'objects', 'generated');

const scalars: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  any: 'unknown',
  bytes: 'string',
  quantity: 'string',
  'int-or-string': 'number | string',
  time: 'string',
  'micro-time': 'string',
};

/** What stands in a place of a schema where a schema may stand too, by the field's format. */
const schemaOr: Readonly<Record<string, string>> = {
  'schema-or-bool': 'boolean',
  'schema-or-array': 'readonly JSONSchemaProps[]',
  'schema-or-strings': 'readonly string[]',
};

/** Who has the plain name where tables share one; the others carry their group and version. */
const plainNames: ReadonlySet<string> = new Set([
  'discovery/v1.EndpointPort',
  'core/v1.Event',
  'core/v1.EventSeries',
  'authentication/v1.TokenRequest',
  'admissionregistration/v1.ServiceReference',
  'admissionregistration/v1.WebhookClientConfig',
  'autoscaling/v2.CrossVersionObjectReference',
  'autoscaling/v2.HorizontalPodAutoscaler',
  'autoscaling/v2.HorizontalPodAutoscalerSpec',
  'autoscaling/v2.HorizontalPodAutoscalerStatus',
  'rbac/v1.Subject',
  'resource/v1beta1.ResourceClaim',
]);

/** Fields that the API always sets though the tables do not require them. */
const alwaysSet: Readonly<Record<string, readonly string[]>> = {
  'meta/v1.ManagedFieldsEntry': ['operation', 'apiVersion', 'fieldsType', 'fieldsV1'],
};

/** Lists that the schema requires and the API stores as null when they are absent. */
const nullableLists: ReadonlySet<string> = new Set(['discovery/v1.EndpointSlice.endpoints']);

/** More values than these are no union that helps a reader. */
const unionMax = 8;

const shortName = (name: string): string => name.slice(name.lastIndexOf('.') + 1);
const tableOf = (name: string): string => name.slice(0, name.lastIndexOf('.'));

/** All types by the names that they get; types of several tables with the same fields are one. */
class TypeNames {
  readonly #types: readonly string[];
  readonly #names = new Map<string, string>();

  constructor(types: readonly string[]) {
    this.#types = types;
    for (const type of types) this.#names.set(type, this.#nameOf(type));
  }

  /** Those that are declared: not the copies. */
  declared(): readonly string[] {
    return this.#types.filter((type) => this.home(type) === type);
  }

  /** The type that stands for this one. */
  home(type: string): string {
    const plain = this.#plain(type);
    return plain !== type && sameShape(plain, type) ? plain : type;
  }

  of(type: string): string {
    return this.#names.get(this.home(type)) ?? 'unknown';
  }

  #plain(type: string): string {
    const alike = this.#types.filter((other) => shortName(other) === shortName(type));
    return alike.find((other) => plainNames.has(other)) ?? alike.find((other) => /\/v\d+\./.test(other)) ?? type;
  }

  #nameOf(type: string): string {
    return this.#plain(type) === type ? shortName(type) : qualifiedTypeName(type);
  }
}

/** Whether two types of the same short name have the same fields, through all that they refer to. */
function sameShape(one: string, other: string): boolean {
  if (one === other) return true;
  const [fields, others] = [one, other].map((type) => [...typeSchema(type).fields.values()]);
  if (fields === undefined || others === undefined || fields.length !== others.length) return false;
  return fields.every((field, index) => {
    const twin = others[index];
    return twin !== undefined && shapeText(field) === shapeText(twin) && sameShape(field.ref ?? '', twin.ref ?? '');
  });
}

const shapeText = ({ name, type, list, map, required, omitEmpty, ref = '' }: FieldSchema): string =>
  [name, type, list, map, required, omitEmpty, shortName(ref)].join();

/** Every resource, those too that are served only when they are asked for. */
function resources(): readonly ServedResource[] {
  const optional = ['admissionregistration.k8s.io/v1alpha1', 'resource.k8s.io/v1beta1', 'metrics.k8s.io/v1beta1'];
  return [...allResources(), ...optionalResources(optional)];
}

/** Types of kinds that have objects in the store, and whether these are namespaced. */
function storedKinds(): ReadonlyMap<string, boolean> {
  return new Map(
    resources()
      .filter(({ verbs }) => verbs.includes('get'))
      .map((info) => [info.type, info.namespaced]),
  );
}

function rootTypes(): readonly string[] {
  const bodies = resources().flatMap(({ subresources }) => subresources.map(({ type }) => type));
  return [
    ...resources().map(({ type }) => type),
    ...bodies.filter((type) => type !== '' && !type.endsWith('Options')),
    'meta/v1.ObjectMeta',
    'meta/v1.Condition',
  ].filter((type) => type !== 'policy/v1.Eviction');
}

class TypeWriter {
  readonly #names: TypeNames;
  readonly #stored = storedKinds();
  /** What the type being written refers to. */
  #references = new Set<string>();

  constructor(names: TypeNames) {
    this.#names = names;
  }

  /** The file of one table. */
  fileText(table: string, types: readonly string[]): string {
    this.#references = new Set();
    const declarations = types.map((type) => this.#declaration(type));
    const foreign = new Map<string, string[]>();
    for (const type of this.#references) {
      const home = tableOf(this.#names.home(type));
      if (home !== table) foreign.set(home, [...(foreign.get(home) ?? []), this.#names.of(type)]);
    }
    const imports = [...foreign].sort().map(([home, names]) => {
      return `import type { ${[...new Set(names)].sort().join(', ')} } from './${fileName(home)}';`;
    });
    const text = declarations.join('\n');
    const base = ['NamespacedObject', 'StoredObject'].filter((name) => text.includes(`extends ${name} `));
    if (base.length > 0) imports.push(`import type { ${base.join(', ')} } from '../stored.ts';`);
    if (text.includes('extends KubeObject ')) imports.push("import type { KubeObject } from '../../object.ts';");
    if (text.includes('New<')) imports.push("import type { New } from '../views.ts';");
    const head = `/** Stored objects of ${table}; generated by scripts/object-types.ts from the schema tables. */`;
    return [head, ...imports, '', text].join('\n');
  }

  #declaration(type: string): string {
    const { fields, groupVersionKind } = typeSchema(type);
    const inherited = groupVersionKind === undefined ? [] : ['kind', 'apiVersion', 'metadata'];
    const lines = [...fields.values()]
      .filter(({ name }) => !inherited.includes(name))
      .map((field) => this.#field(type, field));
    const base = groupVersionKind === undefined ? '' : ` extends ${this.#base(type)}`;
    return [`export interface ${this.#names.of(type)}${base} {`, ...lines, '}', ''].join('\n');
  }

  #base(type: string): string {
    const namespaced = this.#stored.get(type);
    if (namespaced === undefined) return 'KubeObject';
    return namespaced ? 'NamespacedObject' : 'StoredObject';
  }

  #field(owner: string, field: FieldSchema): string {
    const value = this.#valueText(field);
    if (isAlwaysSet(owner, field)) return `  readonly ${propertyName(field)}: ${value};`;
    // What Go writes always although it is absent, it writes as null.
    const orNull = field.omitEmpty ? '' : ' | null';
    return `  readonly ${propertyName(field)}?: ${value}${orNull} | undefined;`;
  }

  #valueText(field: FieldSchema): string {
    const one = this.#elementText(field);
    const listed = field.list ? `readonly ${one.includes(' ') ? `(${one})` : one}[]` : one;
    return field.map ? `{ readonly [name: string]: ${listed} }` : listed;
  }

  #elementText({ type, ref, format, enum: values }: FieldSchema): string {
    if (ref !== undefined) return this.#reference(ref);
    const other = schemaOr[format ?? ''];
    if (other !== undefined) return `${this.#reference('apiextensions/v1.JSONSchemaProps')} | ${other}`;
    if (values !== undefined && values.length <= unionMax) return values.map((value) => `'${value}'`).join(' | ');
    return scalars[type] ?? 'unknown';
  }

  #reference(ref: string): string {
    const name = this.#names.of(ref);
    if (name === 'unknown') return name;
    this.#references.add(ref);
    // An object inside another one is a template: it has no identity of its own.
    return this.#stored.has(ref) ? `New<${name}>` : name;
  }
}

/** Whether a stored object never lacks the field. */
function isAlwaysSet(owner: string, field: FieldSchema): boolean {
  if (alwaysSet[owner]?.includes(field.name) === true) return true;
  if (nullableLists.has(`${owner}.${field.name}`)) return false;
  if (field.required || (field.default !== undefined && (field.keepsEmpty || field.default !== ''))) return true;
  const nullable = field.list || field.map || field.keepsEmpty || field.type === 'time' || field.type === 'micro-time';
  return !field.omitEmpty && !nullable;
}

const fileName = (table: string): string => `${table.replace('/', '-')}.ts`;

/** `NetworkPolicy` and `networkpolicies` make `networkPolicies`. */
function constantName({ kind, resource }: ServedResource): string {
  const lower = kind.toLowerCase();
  let same = 0;
  while (same < lower.length && lower[same] === resource[same]) same += 1;
  const words = `${kind.slice(0, same)}${resource.slice(same)}`;
  return words.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+/, (head) => head.toLowerCase());
}

/** The constants of all collections with stored objects. */
function resourcesText(): string {
  const constants = new Map<string, string>();
  for (const info of resources().filter(({ verbs }) => verbs.includes('get'))) {
    const name = constantName(info);
    if (!constants.has(name))
      constants.set(name, `  ${name}: { group: '${info.group}', resource: '${info.resource}' },`);
  }
  return [
    '/** The names of all collections; generated by scripts/object-types.ts from the schema tables. */',
    "import type { GroupResource } from '../../object.ts';",
    '',
    'export const resources = {',
    ...[...constants].sort().map(([, line]) => line),
    '} as const satisfies Record<string, GroupResource>;',
    '',
  ].join('\n');
}

/** The files as they should be, by name. */
export function objectTypes(): Readonly<Record<string, string>> {
  const names = new TypeNames(reachable(rootTypes()));
  const writer = new TypeWriter(names);
  const byTable = Map.groupBy(names.declared(), tableOf);
  return {
    ...Object.fromEntries([...byTable].map(([table, types]) => [fileName(table), writer.fileText(table, types)])),
    'resources.ts': resourcesText(),
  };
}

if (import.meta.main) {
  const files = Object.entries(objectTypes());
  const current = files.filter(([name, text]) => {
    const file = join(folder, name);
    if (process.argv.includes('--check')) return readFileSync(file, 'utf8') === text;
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
    return true;
  });
  process.exit(current.length === files.length ? 0 : 1);
}
