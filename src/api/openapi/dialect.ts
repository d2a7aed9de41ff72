/** What differs between the schemas of OpenAPI v2 and v3. */

import { definedMembers, type JsonObject } from '../object.ts';

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

const quantityText = 'An amount with a unit, such as 500m, 2Gi or 1e3.';
const intOrStringText = 'A number, or a text such as a name or a percentage.';

/** Definitions whose JSON form is not a struct's, by their published names. */
export const plainDefinitions: Readonly<Record<string, { readonly v2: JsonObject; readonly v3: JsonObject }>> = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': same({
    description: 'A time in RFC 3339, to the second.',
    type: 'string',
    format: 'date-time',
  }),
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': same({
    description: 'A time in RFC 3339, to the microsecond.',
    type: 'string',
    format: 'date-time',
  }),
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': same({
    description: 'Names of fields as keys: f: before fields, k: before keys of items, v: before items of sets.',
    type: 'object',
  }),
  'io.k8s.apimachinery.pkg.apis.meta.v1.Patch': same({
    description: 'A change of an object. Its form follows from the content type.',
    type: 'object',
  }),
  'io.k8s.apimachinery.pkg.runtime.RawExtension': same({ description: 'An object of any kind.', type: 'object' }),
  'io.k8s.apimachinery.pkg.api.resource.Quantity': {
    v2: { description: quantityText, type: 'string' },
    v3: { description: quantityText, oneOf: [{ type: 'string' }, { type: 'number' }] },
  },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': {
    v2: { description: intOrStringText, type: 'string', format: 'int-or-string' },
    v3: { description: intOrStringText, format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  },
  'io.k8s.apimachinery.pkg.version.Info': versionInfo(),
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': same({ description: 'Any JSON value.' }),
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray': same({
    description: 'A schema, or a list of schemas.',
  }),
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool': same({
    description: 'A schema, or whether anything is allowed.',
  }),
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray': same({
    description: 'A schema, or a list of names.',
  }),
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
  const texts: Readonly<Record<string, string>> = {
    major: 'Major version of the API.',
    minor: 'Minor version of the API.',
    emulationMajor: 'Major version that is emulated.',
    emulationMinor: 'Minor version that is emulated.',
    minCompatibilityMajor: 'Oldest major version that is compatible.',
    minCompatibilityMinor: 'Oldest minor version that is compatible.',
  };
  const schema = (ofAlways: JsonObject): JsonObject => ({
    description: 'Version of the server, and what it was built from.',
    type: 'object',
    required: always,
    properties: Object.fromEntries(
      [...always, ...sometimes].sort().map((name) => [
        name,
        definedMembers({
          description: texts[name],
          type: 'string',
          ...(always.includes(name) ? ofAlways : {}),
        }),
      ]),
    ),
  });
  return { v2: schema({}), v3: schema({ default: '' }) };
}
