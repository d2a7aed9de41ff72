/** Joins OpenAPI v2 documents: the paths and definitions of another server beside those of this one. */
import { isObject } from '../../base/index.ts';
import { deepEqual, type JsonObject } from '../../api/index.ts';

type Definitions = Readonly<Record<string, unknown>>;
const objectIn = (document: JsonObject, field: string): JsonObject =>
  isObject(document[field]) ? document[field] : {};
const referencePrefix = '#/definitions/';

/** The names of definitions that a value refers to. */
function referencesIn(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (Array.isArray(value)) for (const item of value) referencesIn(item, found);
  else if (isObject(value))
    for (const [name, member] of Object.entries(value)) {
      if (name === '$ref' && typeof member === 'string' && member.startsWith(referencePrefix))
        found.add(member.slice(referencePrefix.length));
      else referencesIn(member, found);
    }
  return found;
}

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, names));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (name !== '$ref' || typeof member !== 'string') return [name, renamed(member, names)];
      const other = names.get(member.slice(referencePrefix.length));
      return [name, other === undefined ? member : `${referencePrefix}${other}`];
    }),
  );
}

/** The definitions that values need, directly or through others. */
function reachable(values: readonly unknown[], definitions: Definitions): readonly string[] {
  const found = new Set<string>();
  const waiting = [...referencesIn(values)];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name) || definitions[name] === undefined) continue;
    found.add(name);
    waiting.push(...referencesIn(definitions[name]));
  }
  return [...found].sort();
}

/**
 * Adds to a document of OpenAPI v2 the paths below `prefix` of another, with the definitions that they need. A
 * definition that differs from one of the same name gets a number, as Kubernetes does it.
 */
export function mergedOpenapi(own: JsonObject, other: JsonObject, prefix: string): JsonObject {
  const ownDefinitions = objectIn(own, 'definitions');
  const definitions = objectIn(other, 'definitions');
  const paths = Object.entries(objectIn(other, 'paths')).filter(
    ([path]) => path === prefix || path.startsWith(`${prefix}/`),
  );
  const needed = reachable(
    paths.map(([, item]) => item),
    definitions,
  );
  const names = new Map<string, string>();
  for (const name of needed) {
    let free = name;
    for (
      let number = 2;
      ownDefinitions[free] !== undefined && !deepEqual(ownDefinitions[free], definitions[name]);
      number++
    )
      free = `${name}_v${String(number)}`;
    if (free !== name) names.set(name, free);
  }
  return {
    ...own,
    paths: {
      ...objectIn(own, 'paths'),
      ...Object.fromEntries(paths.map(([path, item]) => [path, renamed(item, names)])),
    } as JsonObject,
    definitions: {
      ...ownDefinitions,
      ...Object.fromEntries(needed.map((name) => [names.get(name) ?? name, renamed(definitions[name], names)])),
    } as JsonObject,
  };
}
