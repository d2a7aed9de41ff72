import test from 'ava';
import { customResources, type ResourceInfo } from '../custom/index.ts';
import type { JsonObject } from '../object.ts';
import { allResources, findType, tableNames, typeNames, typeSchema } from '../schema/index.ts';
import { openapiV2, openapiV3, openapiV3Index } from './index.ts';

interface Document {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly operationId: string;
            readonly parameters?: readonly { readonly name: string }[];
            readonly [extension: string]: unknown;
          }
        >
      >
    >
  >;
  readonly components: { readonly schemas?: Readonly<Record<string, Schema>> };
  readonly definitions: Readonly<Record<string, Schema>>;
}

interface Schema {
  readonly properties?: Readonly<Record<string, object>>;
  readonly [extension: string]: unknown;
}

const apps = openapiV3('apis/apps/v1') as unknown as Document;

test('a patch operation tells its kind and that the server validates fields', (t) => {
  const patch = apps.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']?.['patch'];
  t.is(patch?.operationId, 'patchAppsV1NamespacedDeployment');
  t.deepEqual(patch?.['x-kubernetes-group-version-kind'], { group: 'apps', version: 'v1', kind: 'Deployment' });
  t.deepEqual(
    patch?.parameters?.map(({ name }) => name),
    ['dryRun', 'fieldManager', 'fieldValidation', 'force'],
  );
});

test('definitions carry kinds, list types and merge keys', (t) => {
  t.deepEqual(apps.components.schemas?.['io.k8s.api.apps.v1.Deployment']?.['x-kubernetes-group-version-kind'], [
    { group: 'apps', kind: 'Deployment', version: 'v1' },
  ]);
  t.deepEqual(apps.components.schemas?.['io.k8s.api.core.v1.PodSpec']?.properties?.['containers'], {
    description: 'Containers of the pod. At least one is required; none can be added or removed after creation.',
    type: 'array',
    items: { default: {}, allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.Container' }] },
    'x-kubernetes-list-map-keys': ['name'],
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-patch-merge-key': 'name',
    'x-kubernetes-patch-strategy': 'merge',
  });
});

function references(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, item] of Object.entries(value)) {
    if (key === '$ref' && typeof item === 'string') found.add(item);
    else references(item, found);
  }
  return found;
}

test('every reference of every document leads to a definition', (t) => {
  const index = openapiV3Index()['paths'] as Readonly<Record<string, { readonly serverRelativeURL: string }>>;
  t.is(Object.keys(index).length, 45);
  for (const [key, { serverRelativeURL }] of Object.entries(index)) {
    t.regex(serverRelativeURL, new RegExp(`^/openapi/v3/${key}\\?hash=[0-9A-F]{64}$`));
    const document = openapiV3(key) as unknown as Document;
    for (const name of references(document))
      t.truthy(document.components.schemas?.[name.slice('#/components/schemas/'.length)], `${key} ${name}`);
  }
  const v2 = openapiV2() as unknown as Document;
  for (const name of references(v2)) t.truthy(v2.definitions[name.slice('#/definitions/'.length)], name);
  t.is(openapiV3('apis/apps/v9'), undefined);
});

test('operation ids are unique', (t) => {
  const { paths } = openapiV2() as unknown as Document;
  const ids = Object.values(paths).flatMap((item) =>
    Object.values(item).flatMap((operation) => ('operationId' in operation ? [operation.operationId] : [])),
  );
  t.is(new Set(ids).size, ids.length);
});

test('every kind that is served is described', (t) => {
  t.deepEqual(
    allResources()
      .map((resource) => resource.type)
      .filter((type) => findType(type)?.description === undefined),
    [],
  );
});

/** Fields that a document says nothing about, but for the answer of /version, which is no kind. */
function undescribed(schemas: Readonly<Record<string, Schema>>): readonly string[] {
  return Object.entries(schemas)
    .filter(([name]) => name !== 'io.k8s.apimachinery.pkg.version.Info')
    .flatMap(([name, { properties = {} }]) =>
      Object.entries(properties)
        .filter(([, field]) => !('description' in field) || field.description === '')
        .map(([field]) => `${name}.${field}`),
    );
}

test('no field of any kind is without a description, nor any struct', (t) => {
  const v2 = openapiV2() as unknown as Document;
  t.deepEqual(undescribed(v2.definitions), []);
  for (const key of Object.keys(openapiV3Index()['paths'] as object)) {
    const document = openapiV3(key) as unknown as Document;
    t.deepEqual(undescribed(document.components.schemas ?? {}), [], key);
  }
  t.deepEqual(
    tableNames()
      .flatMap(typeNames)
      .filter((type) => typeSchema(type).description === undefined),
    [],
  );
});

test('descriptions are sentences', (t) => {
  const texts = tableNames()
    .flatMap(typeNames)
    .map(typeSchema)
    .flatMap(({ description = '', fields }) => [description, ...[...fields.values()].map((field) => field.description)])
    .filter((text) => text !== undefined);
  t.deepEqual(
    texts.filter((text) => !/^[A-Z0-9].*[.]$/.test(text)),
    [],
  );
});

test('version 2 says of a custom kind what kubectl can read, version 3 all of it', (t) => {
  const text = { type: 'string' };
  const properties = {
    plain: { type: 'object', properties: { a: text }, required: ['a'], oneOf: [{ required: ['a'] }] },
    nullable: { type: 'object', nullable: true, properties: { a: text } },
    holder: { type: 'object', properties: { n: { ...text, nullable: true }, m: text }, required: ['n', 'm'] },
    list: { type: 'array', items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: text } },
    map: { type: 'object', additionalProperties: { ...text, nullable: true }, required: ['x'] },
    template: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: { type: 'object' } } },
  };
  const version = (name: string, openAPIV3Schema: object): object => ({
    name,
    served: true,
    storage: name === 'v1',
    schema: { openAPIV3Schema },
  });
  const resources = widgets(
    version('v1', { type: 'object', properties }),
    version('v2', { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties }),
  );
  const { definitions } = openapiV2(resources) as unknown as { definitions: Record<string, Shape> };
  const { apiVersion, kind, metadata, ...own } = definitions['com.example.v1.Widget']?.properties ?? {};
  t.true([apiVersion, kind, metadata].every((field) => field !== undefined));
  const { template, ...plain } = own;
  t.deepEqual(plain, {
    plain: { type: 'object', properties: { a: text }, required: ['a'] },
    nullable: {},
    holder: { type: 'object', properties: { n: {}, m: text }, required: ['m'] },
    list: { type: 'array', items: { 'x-kubernetes-preserve-unknown-fields': true } },
    open: { 'x-kubernetes-preserve-unknown-fields': true },
    map: { type: 'object', additionalProperties: {} },
  });
  t.deepEqual(Object.keys(template?.properties ?? {}), ['apiVersion', 'kind', 'metadata', 'spec']);
  t.deepEqual(template?.required, ['kind', 'apiVersion']);
  t.deepEqual(definitions['com.example.v2.Widget'], {
    type: 'object',
    'x-kubernetes-group-version-kind': [{ group: 'example.com', kind: 'Widget', version: 'v2' }],
  } as Shape);
  const v3 = openapiV3('apis/example.com/v1', resources) as unknown as {
    components: { schemas: Record<string, Shape> };
  };
  const whole = v3.components.schemas['com.example.v1.Widget']?.properties ?? {};
  t.deepEqual(whole['nullable'], properties.nullable as Shape);
  t.deepEqual(whole['plain'], properties.plain as Shape);
});

test('OpenAPI names the fields of a custom kind that field selectors reach, in the order of its definition', (t) => {
  const closed = { type: 'object', properties: { size: { type: 'integer' }, color: { type: 'string' } } };
  const open = { ...closed, 'x-kubernetes-preserve-unknown-fields': true };
  const common = { served: true, selectableFields: [{ jsonPath: '.size' }, { jsonPath: '.color' }] };
  const resources = widgets(
    { ...common, name: 'v1', storage: true, schema: { openAPIV3Schema: closed } },
    { ...common, name: 'v2', storage: false, schema: { openAPIV3Schema: open } },
    { name: 'v3', served: true, storage: false, schema: { openAPIV3Schema: closed }, selectableFields: [] },
  );
  const v2 = openapiV2(resources) as unknown as { definitions: Record<string, JsonObject> };
  const fieldsOf = (version: string): readonly unknown[] => {
    const v3 = openapiV3(`apis/example.com/${version}`, resources) as unknown as {
      components: { schemas: Record<string, JsonObject> };
    };
    const name = `com.example.${version}.Widget`;
    const schemas = [v2.definitions[name], v3.components.schemas[name], v3.components.schemas[`${name}List`]];
    return schemas.map((schema) => schema?.['x-kubernetes-selectable-fields']);
  };
  const fields = [{ fieldPath: 'size' }, { fieldPath: 'color' }];
  t.deepEqual(fieldsOf('v1'), [fields, fields, undefined]);
  t.deepEqual(fieldsOf('v2'), [fields, fields, undefined]);
  t.deepEqual(fieldsOf('v3'), [undefined, undefined, undefined]);
});

function widgets(...versions: readonly object[]): readonly ResourceInfo[] {
  return customResources({
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      names: { kind: 'Widget', plural: 'widgets' },
      scope: 'Namespaced',
      versions,
    },
    status: { conditions: [{ type: 'Established', status: 'True' }] },
  } as never);
}

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
}

test('clients are offered no patch of a custom kind that the server refuses', (t) => {
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } };
  const subresources = { status: {}, scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' } };
  const resources = widgets({ name: 'v1', served: true, storage: true, schema, subresources });
  const patches = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'];
  const v2 = openapiV2(resources) as unknown as Document;
  const v3 = openapiV3('apis/example.com/v1', resources) as unknown as Document;
  const item = '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}';
  const collection = '/apis/example.com/v1/namespaces/{namespace}/widgets';
  const paths = ['/apis/example.com/v1/widgets', collection, item, `${item}/scale`, `${item}/status`].sort();
  t.deepEqual(
    Object.keys(v2.paths)
      .filter((path) => path.includes('example.com'))
      .sort(),
    paths,
  );
  t.deepEqual(Object.keys(v3.paths).sort(), paths);
  for (const path of [item, `${item}/status`, `${item}/scale`]) {
    t.deepEqual([...(v2.paths[path]?.['patch']?.['consumes'] as string[])].sort(), patches, path);
    const body = v3.paths[path]?.['patch']?.['requestBody'] as { readonly content: object };
    t.deepEqual(Object.keys(body.content), patches, path);
  }
});
