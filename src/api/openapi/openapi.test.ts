import test from 'ava';
import { customResources } from '../custom/index.ts';
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

test('clients are offered no patch of a custom kind that the server refuses', (t) => {
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } };
  const subresources = { status: {}, scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' } };
  const resources = customResources({
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      names: { kind: 'Widget', plural: 'widgets' },
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema, subresources }],
    },
    status: { conditions: [{ type: 'Established', status: 'True' }] },
  } as never);
  const patches = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'];
  const v2 = openapiV2(resources) as unknown as Document;
  const v3 = openapiV3('apis/example.com/v1', resources) as unknown as Document;
  const item = '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}';
  for (const path of [item, `${item}/status`, `${item}/scale`]) {
    t.deepEqual([...(v2.paths[path]?.['patch']?.['consumes'] as string[])].sort(), patches, path);
    const body = v3.paths[path]?.['patch']?.['requestBody'] as { readonly content: object };
    t.deepEqual(Object.keys(body.content), patches, path);
  }
});
