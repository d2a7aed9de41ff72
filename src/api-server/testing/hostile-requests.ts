/** Requests that are as much work as the bounds allow, one kind after the other. */
import { limits } from '../../base/index.ts';

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
const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
const revisions = '/apis/apps/v1/namespaces/default/controllerrevisions';
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
/** A list has so many items at most; of more, each container has its own. */
const listMax = 5_000;
const template = (env: readonly object[]): object => {
  const containers = list(Math.ceil(env.length / listMax), (index) => ({
    name: `c${index}`,
    image: 'a',
    env: env.slice(index * listMax, (index + 1) * listMax),
  }));
  return {
    apiVersion: 'v1',
    kind: 'PodTemplate',
    metadata: { name: 'base' },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers } },
  };
};
/** As many members as one object may have. */
const wide = (values: number): number => Math.min(values, limits.bodyMembersMax - 100);
/** Objects of many members in a list: arbitrary data that keeps its own keys. */
const grove = (values: number): readonly object[] =>
  list(Math.ceil(values / 250), (tree) => members(Math.min(values, 240), 'x', `t${tree}k`));

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

const revision = (name: string, data: unknown): object => ({
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  metadata: { name },
  revision: 1,
  data,
});

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
    stored(configMaps, configMap('base', members(wide(values) / 2, '', 'b'))),
    stored(revisions, revision('base', { data: grove(values / 2) })),
    stored(templates, template(variables(values / 8, { value: 'x' }, 'E'))),
  ];
}

const jsonKinds = (values: number): readonly HostileKind[] => [
  { name: 'JSON: a ConfigMap of many keys', make: () => sent(configMaps, configMap('a', members(wide(values), ''))) },
  { name: 'JSON: data of many keys', make: () => sent(revisions, revision('a', { data: grove(values * 0.9) })) },
  { name: 'JSON: unknown fields', make: () => sent(configMaps, members(wide(values), 1)) },
  {
    name: 'JSON: each key twice',
    make: () => sent(configMaps, `{"data":{${list(wide(values), (index) => `"k${index >> 1}":""`).join(',')}}}`),
  },
  {
    name: 'JSON: a pod template of many variables',
    make: () => sent(templates, template(variables(values / 3.2))),
  },
  {
    name: 'JSON: a pod template of many false names',
    make: () => sent(templates, template(list(values / 3.2, () => ({ name: '=', value: 'x' })))),
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
      return patched(`${configMaps}/base`, 'json', list(wide(values) / 2, add));
    },
  },
  {
    name: 'JSON patch: a long list moved about',
    make: () => {
      const path = '/metadata/finalizers';
      const move = { op: 'move', from: `${path}/0`, path: `${path}/-` };
      const fill = { op: 'add', path, value: list(wide(values * 0.6), (index) => `a/f${index}`) };
      return patched(`${configMaps}/base`, 'json', [fill, ...list(80, () => move)]);
    },
  },
  {
    name: 'merge patch',
    make: () => patched(`${configMaps}/base`, 'merge', { data: members(wide(values) / 2, 'a', 'n') }),
  },
  {
    name: 'merge patch: data of many keys',
    make: () => patched(`${revisions}/base`, 'merge', { data: { data: grove(values * 0.9) } }),
  },
  {
    name: 'PUT: a pod template of many variables',
    make: () => sent(`${templates}/base`, template(variables(values / 3.2)), { method: 'PUT' }),
  },
  {
    name: 'strategic merge patch: a list by its keys',
    make: () => patched(`${templates}/base`, 'strategic-merge', template(variables(values / 8))),
  },
  {
    name: 'strategic merge patch: deletions from a list',
    make: () =>
      patched(`${templates}/base`, 'strategic-merge', template(variables(values / 8, { $patch: 'delete' }, 'E'))),
  },
  {
    name: 'apply: a ConfigMap of many keys',
    make: () => applied(`${configMaps}/base`, configMap('base', members(wide(values) / 2, 'a', 'n'))),
  },
  {
    name: 'apply: a pod template of many variables',
    make: () => applied(`${templates}/base`, template(variables(values / 8, { value: 'y' }, 'A'))),
  },
];

const otherKinds = (values: number): readonly HostileKind[] => [
  {
    name: 'YAML: many keys',
    make: () => {
      const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: y}\ndata:\n';
      const keys = list(wide(values), (index) => `  k${index}: a`).join('\n');
      return sent(configMaps, head + keys, { type: 'application/yaml' });
    },
  },
  {
    name: 'protobuf: a ConfigMap of many keys',
    make: () =>
      sent(configMaps, protobufMap(list(Math.min(values / 3.2, 9_000), (index) => `k${index}`)), {
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

/** Expressions at the edge: very many at one place, and a very long one. */
const celKinds = (values: number): readonly HostileKind[] => {
  const ruled = (rules: readonly string[]): object =>
    definition({ p: { type: 'string', maxLength: 10, 'x-kubernetes-validations': rules.map((rule) => ({ rule })) } });
  const long = list(values / 2_500, (row) => `!(self in [${list(240, (at) => `'${row}-${at}'`).join()}])`).join('&&');
  return [
    {
      name: 'CEL: many rules at one place',
      make: () => sent(definitions, ruled(list(Math.max(16, values / 8 - 64), (index) => `self.size()<${index + 1}`))),
    },
    { name: 'CEL: a long rule', make: () => sent(definitions, ruled([long])) },
    {
      name: 'CEL: a policy of many expressions',
      make: () =>
        sent(policies, {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'ValidatingAdmissionPolicy',
          metadata: { name: 'p' },
          spec: {
            matchConstraints: {
              resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
            },
            validations: list(Math.min(390, values / 4), (index) => ({
              expression: `object.metadata.name!='name-${index}-${'x'.repeat(20)}'`,
            })),
          },
        }),
    },
  ];
};

/** Reads of what `hostileGround` stored, in the forms that are not stored. */
const readKinds = (): readonly HostileKind[] =>
  [
    ['YAML', `${templates}/base`, 'application/yaml'],
    ['protobuf', `${templates}/base`, 'application/vnd.kubernetes.protobuf'],
    ['JSON for people', `${revisions}/base?pretty=true`, 'application/json'],
    ['a Table', `${templates}/base?includeObject=Object`, 'application/json;as=Table;v=v1;g=meta.k8s.io'],
    ['YAML, all', revisions, 'application/yaml'],
    ['protobuf, all', templates, 'application/vnd.kubernetes.protobuf'],
    ['a Table, all', `${templates}?includeObject=Object`, 'application/json;as=Table;v=v1;g=meta.k8s.io'],
    ['JSON for people, all', `${templates}?pretty=true`, 'application/json'],
  ].map(([form = '', url = '', accept = '']) => ({
    name: `read: a large object as ${form}`,
    make: () => ({ method: 'GET', url, headers: { accept } }),
  }));

/** Each kind with so many values: keys, items, operations. */
export function hostileKinds(values: number): readonly HostileKind[] {
  return [...jsonKinds(values), ...patchKinds(values), ...otherKinds(values), ...celKinds(values), ...readKinds()];
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
