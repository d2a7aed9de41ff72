import test from 'ava';
import type { JsonObject } from '../../object.ts';
import { findResource } from '../../schema/index.ts';
import { behaviourOf } from '../index.ts';
import { created, updated } from '../testing/checked.ts';

const names = { plural: 'kites', singular: 'kite', kind: 'Kite', listKind: 'KiteList' };

/** A definition with one version, whose schema has these properties of the spec. */
function definition(properties: JsonObject, version: JsonObject = {}, spec: JsonObject = {}): JsonObject {
  const schema = {
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'kites.toys.example' },
    spec: {
      group: 'toys.example',
      names,
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema, ...version }],
      ...spec,
    },
  };
}

const ofSpec = 'spec.validation.openAPIV3Schema.properties[spec].properties';

/** Upstream names the fields of the only version by its inner form. */
const refusals: readonly (readonly [what: string, definition: JsonObject, errors: readonly string[]])[] = [
  ['a good definition', definition({ colour: { type: 'string', default: 'red' } }), []],
  [
    'a name that is not made of plural and group',
    { ...definition({}), metadata: { name: 'kites.example' } },
    ['metadata.name: Invalid value: "kites.example": must be spec.names.plural+"."+spec.group'],
  ],
  [
    'a version without a schema',
    definition({}, { schema: {} }),
    ['spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required'],
  ],
  [
    'a property without a type',
    definition({ colour: {} }),
    [`${ofSpec}[colour].type: Required value: must not be empty for specified object fields`],
  ],
  [
    'a default of another type',
    definition({ size: { type: 'integer', default: 'big' } }),
    [`${ofSpec}[size].default: Invalid value: "string":  in body must be of type integer: "string"`],
  ],
  [
    'a default that would be pruned',
    definition({ size: { type: 'object', default: { a: 1 } } }),
    [`${ofSpec}[size].default: Invalid value: {"a":1}: must not have unknown fields`],
  ],
  [
    'a column of an unknown type at a path without a dot',
    definition({}, { additionalPrinterColumns: [{ name: 'C', type: 'text', jsonPath: 'spec' }] }),
    [
      'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec": must be a simple json path starting with .',
      'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
    ],
  ],
  [
    'a selectable field that is an object',
    definition({ a: { type: 'object' } }, { selectableFields: [{ jsonPath: '.spec.a' }] }),
    [
      'spec.selectableFields[0].jsonPath: Invalid value: ".spec.a": must point to a field of type string, boolean or ' +
        'integer. Enum string fields and strings with formats are allowed.',
    ],
  ],
  [
    'a webhook conversion without a webhook',
    definition({}, {}, { conversion: { strategy: 'Webhook' } }),
    [
      'spec.conversion.conversionReviewVersions: Required value',
      'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
    ],
  ],
  [
    'an unknown scope',
    definition({}, {}, { scope: 'Everywhere' }),
    ['spec.scope: Unsupported value: "Everywhere": supported values: "Cluster", "Namespaced"'],
  ],
  [
    'a reference',
    definition({ a: { $ref: '#/b', type: 'object' } }),
    [`${ofSpec}[a].$ref: Forbidden: $ref is not supported`],
  ],
  [
    'a keyed list without keys',
    definition({ a: { type: 'array', 'x-kubernetes-list-type': 'map', items: { type: 'object' } } }),
    [
      `${ofSpec}[a].x-kubernetes-list-map-keys: Required value: ` +
        'must not be empty if x-kubernetes-list-type is map',
    ],
  ],
  [
    'a scale whose replicas are not of the spec',
    definition({}, { subresources: { scale: { specReplicasPath: '.status.a', statusReplicasPath: '.status.b' } } }),
    ['spec.subresources.scale.specReplicasPath: Invalid value: ".status.a": should be a json path under .spec'],
  ],
];

for (const [what, body, expected] of refusals)
  test(`${what} is ${expected.length === 0 ? 'accepted' : 'refused'}`, (t) => {
    t.deepEqual(created(body).errors, expected);
  });

test('a rule that does not compile, or may cost too much, is refused', (t) => {
  const ruled = (rule: string): JsonObject => ({ type: 'string', 'x-kubernetes-validations': [{ rule }] });
  const [error = ''] = created(definition({ colour: ruled('self.length() > 1') })).errors;
  t.true(error.startsWith(`${ofSpec}[colour].x-kubernetes-validations[0].rule: Invalid value: `));
  t.true(error.includes("compilation failed: ERROR: <input>:1:12: undeclared reference to 'length'"));
  const { errors } = created(definition({ list: { type: 'array', items: ruled("self.matches('a')") } }));
  t.is(errors.filter((text) => text.includes('exceeds budget by factor of more than 100x')).length, 2);
});

test('what an established definition means cannot be changed', (t) => {
  const { object: stored } = created(definition({}));
  const established = { ...stored, status: { conditions: [{ type: 'Established', status: 'True' }] } };
  const errorsOf = (object: JsonObject): readonly string[] =>
    updated(object as typeof stored, (next) => {
      next['spec'] = { ...(stored.spec as object), scope: 'Cluster' };
    }).errors.filter((text) => text.startsWith('spec.scope'));
  t.deepEqual(errorsOf(stored), []);
  t.deepEqual(errorsOf(established), ['spec.scope: Invalid value: "Cluster": field is immutable']);
});

test('a definition that is deleted is held until its objects are gone', (t) => {
  const behaviour = behaviourOf(findResource('apiextensions.k8s.io', 'v1', 'customresourcedefinitions')!);
  const { object: stored } = created(definition({}));
  const object = structuredClone(stored) as typeof stored & JsonObject;
  behaviour.beginDeletion?.(object, { now: '2025-01-01T00:00:00Z', propagation: undefined });
  t.like(object.metadata, {
    deletionTimestamp: '2025-01-01T00:00:00Z',
    finalizers: ['customresourcecleanup.apiextensions.k8s.io'],
  });
  t.like(object.status, { conditions: [{ type: 'Terminating', status: 'True', reason: 'InstanceDeletionPending' }] });
  t.is(behaviour.isHeld?.(object), true);
  t.is(behaviour.isHeld?.(stored), false);
});
