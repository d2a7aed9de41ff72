import test from 'ava';
import { type JsonObject, openapiV2, openapiV3 } from '../api/index.ts';
import { type Harness, startHarness, statusLine } from './testing/harness.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const widgets = '/apis/example.com/v1/namespaces/default/widgets';

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer', minimum: 1, default: 2 },
        ports: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, port: { type: 'integer' } },
          },
        },
      },
      'x-kubernetes-validations': [{ rule: 'self.size < 10', message: 'too large' }],
    },
    status: { type: 'object', properties: { ready: { type: 'integer' } } },
  },
};
const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList', shortNames: ['w'] };

function definition(over: object = {}): object {
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: schema },
    subresources: { status: {} },
  };
  return {
    metadata: { name: 'widgets.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names, versions: [version], ...over },
  };
}

/** A cluster with an established definition; the controller's part is done by hand. */
async function withWidgets(over: object = {}): Promise<Harness> {
  const h = await startHarness();
  const made = await h.post(definitions, definition(over));
  const conditions = ['NamesAccepted', 'Established'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: '2020-01-01T00:00:00Z',
    reason: 'x',
    message: 'x',
  }));
  await h.put(`${definitions}/widgets.example.com/status`, {
    ...made,
    status: { conditions, acceptedNames: names, storedVersions: ['v1'] },
  });
  return h;
}

const widget = (name: string, spec: object = {}): object => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name },
  spec,
});

test(
  'a custom object gets defaults, loses what is unknown, and is held against the schema and its ' + 'rules',
  async (t) => {
    const h = await withWidgets();
    const made = await h.post(
      widgets,
      { ...widget('a', { unknown: 1 }), status: { ready: 1 } },
      { fieldValidation: 'Ignore' },
    );
    t.deepEqual([made['spec'], made['status'], made.metadata.generation], [{ size: 2 }, undefined, 1]);
    t.is(
      statusLine(await h.post(widgets, widget('b', { size: 0 }))),
      '422 Invalid: Widget.example.com "b" is invalid: spec.size: Invalid value: 0: spec.size in body should ' +
        'be greater than or equal to 1',
    );
    t.is(
      statusLine(await h.post(widgets, widget('b', { size: 12 }))),
      '422 Invalid: Widget.example.com "b" is invalid: spec: Invalid value: "object": too large',
    );
    const ready = await h.patch(`${widgets}/a/status`, 'merge', { spec: { size: 5 }, status: { ready: 1 } });
    t.deepEqual([ready['spec'], ready['status'], ready.metadata.generation], [{ size: 2 }, { ready: 1 }, 1]);
    t.is((await h.patch(`${widgets}/a`, 'merge', { spec: { size: 3 } })).metadata.generation, 2);
    t.is(statusLine(await h.patch(`${widgets}/a`, 'strategic', {})).slice(0, 3), '415');
  },
);

test('a Scale can be written before its object says how many replicas it wishes', async (t) => {
  const wished = { type: 'object', properties: { spec: { type: 'object', properties: { n: { type: 'integer' } } } } };
  const scale = { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' };
  const h = await withWidgets({
    versions: [
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: wished }, subresources: { scale } },
    ],
  });
  await h.post(widgets, widget('a'));
  t.is(
    statusLine(await h.get(`${widgets}/a/scale`)),
    '500 InternalError: Internal error occurred: the spec replicas field ".spec.n" does not exist',
  );
  t.is(
    statusLine(await h.patch(`${widgets}/a/scale`, 'merge', { metadata: { labels: {} } })),
    '400 BadRequest: the spec replicas field ".spec.n" cannot be empty',
  );
  const changed = await h.patch(`${widgets}/a/scale`, 'merge', { spec: { replicas: 4 } });
  t.deepEqual([changed['spec'], (await h.get(`${widgets}/a`))['spec']], [{ replicas: 4 }, { n: 4 }]);
});

test('apply merges lists by the keys of the schema', async (t) => {
  const h = await withWidgets();
  await h.patch(`${widgets}/a`, 'apply', widget('a', { ports: [{ name: 'x', port: 1 }] }), { fieldManager: 'one' });
  const both = await h.patch(`${widgets}/a`, 'apply', widget('a', { ports: [{ name: 'y', port: 2 }] }), {
    fieldManager: 'two',
  });
  t.deepEqual((both['spec'] as { ports: object }).ports, [
    { name: 'x', port: 1 },
    { name: 'y', port: 2 },
  ]);
});

test('the documents of OpenAPI have the kind, and every reference leads somewhere', async (t) => {
  const h = await withWidgets();
  const all = h.service.catalogue.all();
  const three = openapiV3('apis/example.com/v1', all) as unknown as {
    components: { schemas: Record<string, { properties: object }> };
  };
  t.deepEqual(Object.keys(three.components.schemas['com.example.v1.Widget']?.properties ?? {}), [
    'apiVersion',
    'kind',
    'metadata',
    'spec',
    'status',
  ]);
  const two = openapiV2(all) as unknown as { definitions: Record<string, { properties?: Record<string, object> }> };
  for (const schemas of [two.definitions, three.components.schemas]) {
    const described = (name: string): Readonly<Record<string, unknown>> =>
      Object.fromEntries(
        Object.entries(schemas[name]?.properties ?? {}).flatMap(
          ([field, { description }]: [string, { description?: unknown }]) =>
            ['apiVersion', 'kind', 'metadata', 'items'].includes(field) ? [[field, description]] : [],
        ),
      );
    const [apiVersion, kind] = [
      'APIVersion defines the API group and version that the object is written in.',
      'Kind of the object.',
    ];
    t.deepEqual(described('com.example.v1.Widget'), {
      apiVersion,
      kind,
      metadata: "Standard object's metadata, such as its name and labels.",
    });
    t.deepEqual(described('com.example.v1.WidgetList'), {
      apiVersion,
      items: 'Objects of the list.',
      kind,
      metadata: 'Metadata of the list, such as its resource version.',
    });
  }
  const missing = [...JSON.stringify(two).matchAll(/#\/definitions\/([^"]+)/g)]
    .map(([, name = '']) => name)
    .filter((name) => two.definitions[name] === undefined);
  t.deepEqual(missing, []);
  t.not(two.definitions['com.example.v1.WidgetList'], undefined);
});

const refusals: readonly (readonly [what: string, over: object, error: string])[] = [
  [
    'a group that does not fit the name',
    { group: 'other.com' },
    'metadata.name: Invalid value: "widgets.example.com": must be spec.names.plural+"."+spec.group',
  ],
  [
    'an unknown scope',
    { scope: 'World' },
    'spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"',
  ],
  [
    'a schema without a type',
    versions({ properties: { spec: {} }, type: 'object' }),
    'spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified ' +
      'object fields',
  ],
  [
    'a default that the schema refuses',
    versions(inSpec({ type: 'integer', default: 'x' })),
    'spec.validation.openAPIV3Schema.properties[spec].default: Invalid value: "string":  in body must be of ' +
      'type integer: "string"',
  ],
  [
    'a rule that does not compile',
    versions(inSpec(rule('self.nope == 1'))),
    'x-kubernetes-validations[0].rule: Invalid value: apiextensions.ValidationRule{Rule:"self.nope == 1", ' +
      'Message:"", MessageExpression:"", Reason:(*apiextensions.FieldValueErrorReason)(nil), FieldPath:"", ' +
      "OptionalOldSelf:(*bool)(nil)}: compilation failed: ERROR: <input>:1:5: undefined field 'nope'",
  ],
  [
    'a rule of another type',
    versions(inSpec(rule('self.a + 1'))),
    'OptionalOldSelf:(*bool)(nil)}: cel expression must evaluate to a bool',
  ],
  [
    'a rule that may cost too much',
    versions(
      inSpec({
        type: 'array',
        items: { type: 'string' },
        'x-kubernetes-validations': [{ rule: "self.all(x, x.contains('gpu'))" }],
      }),
    ),
    'spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: ' +
      'estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding ' +
      'maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
  ],
  [
    'rules that may cost too much together',
    versions(
      inSpec({
        type: 'array',
        items: { type: 'string' },
        'x-kubernetes-validations': [{ rule: "self.all(x, x.contains('gpu'))" }],
      }),
    ),
    'spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: ' +
      'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema, ' +
      'spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for ' +
      'entire OpenAPIv3 schema exceeds budget by factor of more than 100x',
  ],
  [
    'a rule that costs a little too much',
    versions(
      inSpec({
        type: 'array',
        maxItems: 909_091,
        items: { type: 'string', maxLength: 16 },
        'x-kubernetes-validations': [{ rule: "self.all(x, x.contains('gpu'))" }],
      }),
    ),
    'estimated rule cost exceeds budget by factor of 1.000000x',
  ],
  [
    'a message that does not compile',
    versions(inSpec(ruleWith({ messageExpression: '1 +' }))),
    'x-kubernetes-validations[0].messageExpression: Invalid value: ' +
      'apiextensions.ValidationRule{Rule:"self.a == 1", Message:"", MessageExpression:"1 +", ',
  ],
  [
    'a message that is no text',
    versions(inSpec(ruleWith({ messageExpression: '1' }))),
    'OptionalOldSelf:(*bool)(nil)}: messageExpression must evaluate to a string',
  ],
  [
    'a path to no field',
    versions(inSpec(ruleWith({ fieldPath: '.b' }))),
    'x-kubernetes-validations[0].fieldPath: Invalid value: ".b": fieldPath must be a valid path',
  ],
  [
    'an optional old value that no one asks for',
    versions(inSpec(ruleWith({ optionalOldSelf: true }))),
    'x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule',
  ],
  [
    'a rule where nothing has a type',
    versions(inSpec({ 'x-kubernetes-preserve-unknown-fields': true, 'x-kubernetes-validations': [{ rule: 'true' }] })),
    'spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations: Internal error: internal ' +
      'error: failed to retrieve type information for x-kubernetes-validations',
  ],
  [
    'a default that breaks a rule',
    versions(
      inSpec({
        type: 'array',
        default: [1],
        items: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 1' }] },
      }),
    ),
    'spec.validation.openAPIV3Schema.properties[spec].default[0]: Invalid value: "integer": failed rule: self > 1',
  ],
  [
    'a default that embeds no object',
    versions(
      inSpec({
        type: 'object',
        default: { kind: 'Pod' },
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
      }),
    ),
    'spec.validation.openAPIV3Schema.properties[spec].default.apiVersion: Required value: must not be empty',
  ],
  [
    'a reference, which is all that is told',
    versions({ type: 'object', properties: { spec: { $ref: '#/x' } } }),
    'is invalid: spec.validation.openAPIV3Schema.properties[spec].$ref: Forbidden: $ref is not supported',
  ],
  [
    'a rule in a combined schema',
    versions(inSpec({ type: 'object', allOf: [{ 'x-kubernetes-validations': [{ rule: 'true' }] }] })),
    'allOf[0].x-kubernetes-validations: Forbidden: must be empty to be structural',
  ],
  [
    'an old value in a list without keys',
    versions(inSpec({ type: 'array', items: rule('self == oldSelf') })),
    'oldSelf cannot be used on the uncorrelatable portion of the schema within ' +
      'spec.validation.openAPIV3Schema.properties[spec]',
  ],
];

function versions(openAPIV3Schema: object): object {
  return { versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }] };
}

function inSpec(spec: object): object {
  return { type: 'object', properties: { spec } };
}

function ruleWith(more: object): object {
  return {
    type: 'object',
    properties: { a: { type: 'integer' } },
    'x-kubernetes-validations': [{ rule: 'self.a == 1', ...more }],
  };
}

function rule(text: string): object {
  return { type: 'object', properties: { a: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: text }] };
}

for (const [what, over, error] of refusals) {
  test(`a definition is refused: ${what}`, async (t) => {
    const h = await startHarness();
    const line = statusLine(await h.post(definitions, definition(over)));
    t.true(line.startsWith('422') && line.includes(error), line);
  });
}

test('rules of an object that cost too much are ended', async (t) => {
  const numbers = {
    type: 'array',
    maxItems: 900,
    items: { type: 'integer' },
    'x-kubernetes-validations': [{ rule: 'self.all(x, self.all(y, x + y >= 0))' }],
  };
  const h = await withWidgets(versions(inSpec({ type: 'object', properties: { few: numbers } })));
  const object = (length: number): object => widget('w', { few: Array.from({ length }, (_, index) => index) });
  t.is(
    statusLine(await h.post(widgets, object(900))),
    '422 Invalid: Widget.example.com "w" is invalid: spec.few: Invalid value: "array": \'operation ' +
      "cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost " +
      'exceeds limit for rule: self.all(x, self.all(y, x + y >= 0))',
  );
  t.is((await h.post(widgets, object(100))).kind, 'Widget');
});

test('a rule that what has not changed breaks is a warning', async (t) => {
  const h = await withWidgets();
  await h.post(widgets, widget('a', { size: 3 }));
  const stored = (await h.get(`${definitions}/widgets.example.com`)) as JsonObject;
  const broken = {
    ...schema,
    properties: {
      ...schema.properties,
      spec: {
        ...schema.properties.spec,
        'x-kubernetes-validations': [{ rule: 'self.size > 5', message: 'too small' }],
      },
    },
  };
  await h.put(`${definitions}/widgets.example.com`, {
    ...stored,
    ...definition({
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: broken }, subresources: { status: {} } },
      ],
    }),
    metadata: stored['metadata'],
  });
  const made = (await h.get(`${widgets}/a`)) as JsonObject;
  const changed = await h.put(`${widgets}/a`, {
    ...made,
    metadata: { ...(made['metadata'] as object), labels: { a: 'b' } },
  });
  t.is(changed.kind, 'Widget', statusLine(changed));
  await h.put(`${widgets}/a/status`, { ...changed, status: { ready: 1 } });
  t.deepEqual(
    h.warnings.filter((text) => text.includes('too small')),
    ['spec: Invalid value: "object": too small', 'spec: Invalid value: "object": too small'],
  );
});
