/** What differs between the schemas of OpenAPI v2 and v3. */

import type { JsonObject } from '../object.ts';

/** What differs between OpenAPI v2 and v3 where schemas are written. */
export interface Dialect {
  readonly version: 2 | 3;
  /** Before the name of a definition in a reference. */
  readonly referencePrefix: string;
}

export const dialects: { readonly v2: Dialect; readonly v3: Dialect } = {
  v2: { version: 2, referencePrefix: '#/definitions/' },
  v3: { version: 3, referencePrefix: '#/components/schemas/' },
};

export function reference(dialect: Dialect, definition: string): JsonObject {
  return { $ref: dialect.referencePrefix + definition };
}

/** Definitions whose JSON form is not a struct's, by their published names. */
export const plainDefinitions: Readonly<Record<string, { readonly v2: JsonObject; readonly v3: JsonObject }>> = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': same({ type: 'string', format: 'date-time' }),
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': same({ type: 'string', format: 'date-time' }),
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': same({ type: 'object' }),
  'io.k8s.apimachinery.pkg.apis.meta.v1.Patch': same({ type: 'object' }),
  'io.k8s.apimachinery.pkg.runtime.RawExtension': same({ type: 'object' }),
  'io.k8s.apimachinery.pkg.api.resource.Quantity': {
    v2: { type: 'string' },
    v3: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': {
    v2: { type: 'string', format: 'int-or-string' },
    v3: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  },
  'io.k8s.apimachinery.pkg.version.Info': versionInfo(),
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': same({}),
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray': same({}),
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool': same({}),
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray': same({}),
};

function same(schema: JsonObject): { readonly v2: JsonObject; readonly v3: JsonObject } {
  return { v2: schema, v3: schema };
}

/** The answer of /version; what is always there has an empty default in version 3. */
function versionInfo(): { readonly v2: JsonObject; readonly v3: JsonObject } {
  const always = [
    'major',
    'minor',
    'gitVersion',
    'gitCommit',
    'gitTreeState',
    'buildDate',
    'goVersion',
    'compiler',
    'platform',
  ];
  const sometimes = ['emulationMajor', 'emulationMinor', 'minCompatibilityMajor', 'minCompatibilityMinor'];
  const schema = (ofAlways: JsonObject): JsonObject => ({
    type: 'object',
    required: always,
    properties: Object.fromEntries(
      [...always, ...sometimes]
        .sort()
        .map((name) => [name, { type: 'string', ...(always.includes(name) ? ofAlways : {}) }]),
    ),
  });
  return { v2: schema({}), v3: schema({ default: '' }) };
}
