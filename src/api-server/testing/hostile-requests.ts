/** Requests that are as much work as the bounds allow, one kind after the other. */

export interface HostileRequest {
  readonly method: string;
  readonly url: string;
  readonly body?: string | Uint8Array | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

interface HostileKind {
  readonly name: string;
  /** The request of a number: those that create something do so under a name of their own. */
  readonly make: (index: number) => HostileRequest;
}

const configMaps = '/api/v1/namespaces/default/configmaps';
const templates = '/api/v1/namespaces/default/podtemplates';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const list = <T>(length: number, item: (index: number) => T): T[] => Array.from({ length }, (_, index) => item(index));
const members = (count: number, value: unknown, letter = 'k'): Readonly<Record<string, unknown>> =>
  Object.fromEntries(list(count, (index) => [`${letter}${index}`, value]));
const variables = (count: number, more: object = { value: 'x' }, letter = 'N'): object[] =>
  list(count, (index) => ({ name: `${letter}${index}`, ...more }));
const configMap = (name: string, data: unknown): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});
const template = (env: readonly object[]): object => ({
  apiVersion: 'v1',
  kind: 'PodTemplate',
  metadata: { name: 'base' },
  template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'a', env }] } },
});

function definition(properties: unknown): object {
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'bigs.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'bigs', singular: 'big', kind: 'Big' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

type Make = (
  path: string,
  body: unknown,
  more?: { readonly type?: string; readonly method?: string },
) => HostileRequest;

/** Nothing is stored: the work is the same. */
const sent: Make = (path, body, { type = 'application/json', method = 'POST' } = {}) => ({
  method,
  url: `${path}?dryRun=All`,
  body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  headers: { 'content-type': type },
});
const patched = (path: string, kind: string, body: unknown): HostileRequest =>
  sent(path, body, { method: 'PATCH', type: `application/${kind}-patch+json` });
const applied = (path: string, body: unknown): HostileRequest => ({
  ...sent(path, body, { method: 'PATCH', type: 'application/apply-patch+yaml' }),
  url: `${path}?dryRun=All&fieldManager=m&force=true`,
});

/** What the requests change: objects of so many values. */
export function hostileGround(values: number): readonly HostileRequest[] {
  const stored = (path: string, body: object): HostileRequest => ({ ...sent(path, body), url: path });
  return [
    stored(configMaps, configMap('base', members(values, '', 'b'))),
    stored(templates, template(variables(values / 4, { value: 'x' }, 'E'))),
  ];
}

const jsonKinds = (values: number): readonly HostileKind[] => [
  { name: 'JSON: a ConfigMap of many keys', make: () => sent(configMaps, configMap('a', members(values, ''))) },
  { name: 'JSON: unknown fields', make: () => sent(configMaps, members(values, 1)) },
  {
    name: 'JSON: each key twice',
    make: () => sent(configMaps, `{"data":{${list(values, (index) => `"k${index >> 1}":""`).join(',')}}}`),
  },
  {
    name: 'JSON: a pod template of many variables',
    make: () => sent(templates, template(variables(values / 3.2))),
  },
  {
    name: 'JSON: a definition of many properties',
    make: () => sent(definitions, definition(members(values / 4, { type: 'string' }))),
  },
  {
    name: 'JSON: many managers of fields',
    make: () => {
      const managed = (index: number): object => ({
        manager: `m${index}`,
        operation: 'Update',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { [`f:k${index}`]: {} } },
        time: '2026-01-01T00:00:00Z',
      });
      return sent(configMaps, {
        ...configMap('a', {}),
        metadata: { name: 'a', managedFields: list(values / 16, managed) },
      });
    },
  },
];

const patchKinds = (values: number): readonly HostileKind[] => [
  {
    name: 'JSON patch: 10,000 operations',
    make: () => {
      const add = (index: number): object => ({ op: 'add', path: `/data/n${index}`, value: '' });
      return patched(`${configMaps}/base`, 'json', list(Math.min(10_000, values / 4), add));
    },
  },
  {
    name: 'JSON patch: a long list moved about',
    make: () => {
      const path = '/metadata/finalizers';
      const move = { op: 'move', from: `${path}/0`, path: `${path}/-` };
      const fill = { op: 'add', path, value: list(values * 0.6, (index) => `a/f${index}`) };
      return patched(`${configMaps}/base`, 'json', [fill, ...list(80, () => move)]);
    },
  },
  {
    name: 'merge patch',
    make: () => patched(`${configMaps}/base`, 'merge', { data: members(values, 'a', 'n') }),
  },
  {
    name: 'strategic merge patch: a list by its keys',
    make: () => patched(`${templates}/base`, 'strategic-merge', template(variables(values / 3.2))),
  },
  {
    name: 'strategic merge patch: deletions from a list',
    make: () =>
      patched(`${templates}/base`, 'strategic-merge', template(variables(values / 4, { $patch: 'delete' }, 'E'))),
  },
  {
    name: 'apply: a ConfigMap of many keys',
    make: () => applied(`${configMaps}/base`, configMap('base', members(values, 'a', 'n'))),
  },
];

const otherKinds = (values: number): readonly HostileKind[] => [
  {
    name: 'YAML: many keys',
    make: () => {
      const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: y}\ndata:\n';
      const keys = list(values, (index) => `  k${index}: a`).join('\n');
      return sent(configMaps, head + keys, { type: 'application/yaml' });
    },
  },
  {
    name: 'protobuf: a ConfigMap of many keys',
    make: () =>
      sent(configMaps, protobufMap(list(values / 3.2, (index) => `k${index}`)), {
        type: 'application/vnd.kubernetes.protobuf',
      }),
  },
  {
    name: 'label selector of many terms',
    make: () => ({
      method: 'GET',
      url: `${configMaps}?labelSelector=${encodeURIComponent(list(256, (index) => `a${index}!=b`).join(','))}`,
    }),
  },
  {
    name: 'label selector of too many terms',
    make: () => ({
      method: 'GET',
      url: `${configMaps}?labelSelector=${encodeURIComponent(list(values / 5, (index) => `a${index}!=b`).join(','))}`,
    }),
  },
  {
    name: 'CEL: a definition with many rules',
    make: () => {
      const rule = (index: number): object => ({
        type: 'string',
        maxLength: 10,
        'x-kubernetes-validations': [{ rule: `self.size() < ${index + 1} && self.contains('a${index}')` }],
      });
      return sent(
        definitions,
        definition(Object.fromEntries(list(values / 160, (index) => [`p${index}`, rule(index)]))),
      );
    },
  },
];

/** Each kind with so many values: keys, items, operations. The bounds allow 50,000. */
export function hostileKinds(values: number): readonly HostileKind[] {
  return [...jsonKinds(values), ...patchKinds(values), ...otherKinds(values)];
}

/** A ConfigMap in protobuf, of empty values. */
function protobufMap(keys: readonly string[]): Uint8Array {
  const entries = keys.map((key) => field(2, Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from('a'))])));
  const object = Buffer.concat([field(1, field(1, Buffer.from('p'))), ...entries]);
  const type = Buffer.concat([field(1, Buffer.from('v1')), field(2, Buffer.from('ConfigMap'))]);
  return Buffer.concat([Buffer.from('k8s\0'), field(1, type), field(2, object)]);
}

function field(number: number, data: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([number * 8 + 2]), varint(data.length), data]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}
