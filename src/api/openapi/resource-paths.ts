/** The paths and operations of the resources of a group version. */

import type { ResourceInfo } from '../custom/index.ts';
import { behaviourOf } from '../kinds/index.ts';
import { type SubresourceInfo, typeSchema } from '../schema/index.ts';
import { listTypeOf } from './custom-schema.ts';
import {
  type Action,
  type Method,
  type Operation,
  type Parameter,
  type PathOperations,
  queryOfAction,
} from './operation.ts';

/** Where a group version is served: `/api/v1`, `/apis/apps/v1`. */
export function rootPath(group: string, version: string): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** The paths of one resource and its subresources with all that can be done there. */
export function pathsOf(info: ResourceInfo): readonly PathOperations[] {
  const root = rootPath(info.group, info.version);
  const collection = info.namespaced ? `${root}/namespaces/{namespace}/${info.resource}` : `${root}/${info.resource}`;
  // Namespaces name themselves: their own path has {name} where others have {namespace}.
  const item = `${collection}/{name}`;
  const paths = [
    ...(info.namespaced && info.verbs.includes('list')
      ? [pathOf(`${root}/${info.resource}`, [listEverywhere(info)])]
      : []),
    pathOf(collection, collectionOperations(info)),
    pathOf(item, itemOperations(info)),
    ...info.subresources.flatMap((subresource) => subresourcePaths(info, subresource, item)),
    ...(info.verbs.includes('watch') && info.custom === undefined ? watchPaths(info, root) : []),
  ];
  return paths.filter(({ operations }) => operations.length > 0);
}

/** The old way to watch, which has no need of `?watch=1`. It is told of built-in kinds alone. */
function watchPaths(info: ResourceInfo, root: string): readonly PathOperations[] {
  const answers = { 200: 'meta/v1.WatchEvent' };
  const watch = (action: 'watch' | 'watchlist', ending?: string): Operation =>
    operation(info, { method: 'get', action, verb: 'watch', ending }, { answers });
  const collection = info.namespaced
    ? `${root}/watch/namespaces/{namespace}/${info.resource}`
    : `${root}/watch/${info.resource}`;
  return [
    ...(info.namespaced
      ? [pathOf(`${root}/watch/${info.resource}`, [watch('watchlist', 'ListForAllNamespaces')])]
      : []),
    pathOf(collection, [watch('watchlist', 'List')]),
    pathOf(`${collection}/{name}`, [watch('watch')]),
  ];
}

export function pathOf(
  path: string,
  operations: readonly Operation[],
  query: readonly Parameter[] = [],
): PathOperations {
  return { path, operations, query };
}

/** `apps_v1`, and `AppsV1` in ids: the group without its common ending, its parts joined. */
export function groupWords(group: string): string {
  const [first = '', ...rest] = (group === '' ? 'core' : group.replace(/\.k8s\.io$/, '')).split('.');
  return first + rest.map(capital).join('');
}

export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

interface Named {
  readonly method: Method;
  readonly action: Action;
  /** What stands before and after the group in the id: `delete`, `Collection`. */
  readonly verb: string;
  readonly middle?: string | undefined;
  readonly ending?: string | undefined;
}

function operation(info: ResourceInfo, named: Named, rest: Pick<Operation, 'answers'> & Partial<Operation>): Operation {
  const group = groupWords(info.group);
  const everywhere = named.ending?.endsWith('ForAllNamespaces') === true;
  const subject = (info.namespaced && !everywhere ? 'Namespaced' : '') + info.kind + (named.ending ?? '');
  return {
    method: named.method,
    action: named.action,
    id: `${named.verb}${capital(group)}${capital(info.version)}${named.middle ?? ''}${subject}`,
    tag: `${group}_${info.version}`,
    kind: { group: info.group, version: info.version, kind: info.kind },
    query: queryOfAction[named.action],
    media: info.custom === undefined ? undefined : customMedia(named.action),
    ...rest,
  };
}

const texts = ['application/json', 'application/yaml'];

/** Custom resources have no strategic merge patch (kubectl sends what the document offers) and no protobuf. */
function customMedia(action: Action): Operation['media'] {
  const patches = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];
  return { consumes: action === 'patch' ? patches : texts, produces: texts };
}

function listEverywhere(info: ResourceInfo): Operation {
  return operation(
    info,
    { method: 'get', action: 'list', verb: 'list', ending: 'ForAllNamespaces' },
    { answers: { 200: listTypeOf(info) } },
  );
}

function collectionOperations(info: ResourceInfo): readonly Operation[] {
  const can = (verb: string): boolean => info.verbs.includes(verb);
  return [
    ...(can('list')
      ? [operation(info, { method: 'get', action: 'list', verb: 'list' }, { answers: { 200: listTypeOf(info) } })]
      : []),
    ...(can('create') ? [creation(info, info.type, {})] : []),
    ...(can('deletecollection')
      ? [
          deletion(info, { method: 'delete', action: 'deletecollection', verb: 'delete', middle: 'Collection' }, [
            '200',
          ]),
        ]
      : []),
  ];
}

function creation(
  info: ResourceInfo,
  type: string,
  rest: Partial<Operation> & { readonly ending?: string },
): Operation {
  const { ending, ...more } = rest;
  const named: Named = { method: 'post', action: 'post', verb: 'create', ending };
  return operation(info, named, {
    body: { type, required: true },
    answers: { 200: type, 201: type, 202: type },
    ...more,
  });
}

/** As the server does, but Kubernetes documents a Status for ReplicationController. */
function deletionDocumentsObject(info: ResourceInfo): boolean {
  return behaviourOf(info).deletionAnswersObject === true && info.kind !== 'ReplicationController';
}

function deletion(info: ResourceInfo, named: Named, codes: readonly string[]): Operation {
  const type = named.action === 'delete' && deletionDocumentsObject(info) ? info.type : 'meta/v1.Status';
  const answers = Object.fromEntries(codes.map((code) => [code, type]));
  return operation(info, named, { body: { type: 'meta/v1.DeleteOptions', required: false }, answers });
}

function itemOperations(info: ResourceInfo): readonly Operation[] {
  return [
    ...objectOperations(info, { verbs: info.verbs, type: info.type }),
    ...(info.verbs.includes('delete')
      ? [deletion(info, { method: 'delete', action: 'delete', verb: 'delete' }, ['200', '202'])]
      : []),
  ];
}

interface ObjectAt {
  readonly verbs: readonly string[];
  readonly type: string;
  readonly ending?: string;
  readonly kind?: Operation['kind'];
}

/** Reading, replacing and patching: the same for an object and for its status or scale. */
function objectOperations(info: ResourceInfo, at: ObjectAt): readonly Operation[] {
  const ending = at.ending === undefined ? {} : { ending: at.ending };
  const rest = at.kind === undefined ? {} : { kind: at.kind };
  const written = { 200: at.type, 201: at.type };
  return [
    ...(at.verbs.includes('get')
      ? [
          operation(
            info,
            { method: 'get', action: 'get', verb: 'read', ...ending },
            { answers: { 200: at.type }, ...rest },
          ),
        ]
      : []),
    ...(at.verbs.includes('update')
      ? [
          operation(
            info,
            { method: 'put', action: 'put', verb: 'replace', ...ending },
            { body: { type: at.type, required: true }, answers: written, ...rest },
          ),
        ]
      : []),
    ...(at.verbs.includes('patch')
      ? [
          operation(
            info,
            { method: 'patch', action: 'patch', verb: 'patch', ...ending },
            { body: { type: 'meta/v1.Patch', required: true }, answers: written, ...rest },
          ),
        ]
      : []),
  ];
}

const connections: Readonly<Record<string, readonly Method[]>> = {
  attach: ['get', 'post'],
  exec: ['get', 'post'],
  portforward: ['get', 'post'],
  proxy: ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'],
};

function subresourcePaths(info: ResourceInfo, subresource: SubresourceInfo, item: string): readonly PathOperations[] {
  const path = `${item}/${subresource.name}`;
  const ending = capital(subresource.name);
  const kind = { group: subresource.group, version: subresource.version, kind: subresource.kind };
  const methods = connections[subresource.name];
  if (methods !== undefined) return connectionPaths(info, subresource, { path, methods });
  if (subresource.name === 'log') return [logPath(info, path)];
  const creates = subresource.verbs.includes('create') ? [creation(info, subresource.type, { ending, kind })] : [];
  return [
    pathOf(path, [
      ...objectOperations(info, { verbs: subresource.verbs, type: subresource.type, ending, kind }),
      ...creates,
    ]),
  ];
}

function connectionPaths(
  info: ResourceInfo,
  subresource: SubresourceInfo,
  at: { readonly path: string; readonly methods: readonly Method[] },
): readonly PathOperations[] {
  const kind = { group: subresource.group, version: subresource.version, kind: subresource.kind };
  const connect = (method: Method, withPath: string): Operation =>
    operation(
      info,
      {
        method,
        action: 'connect',
        verb: 'connect',
        middle: capital(method),
        ending: `${capital(subresource.name)}${withPath}`,
      },
      { kind, answers: { 200: 'text' } },
    );
  const query = optionParameters(subresource.type);
  const paths = [
    pathOf(
      at.path,
      at.methods.map((method) => connect(method, '')),
      query,
    ),
  ];
  if (subresource.name !== 'proxy') return paths;
  return [
    ...paths,
    pathOf(
      `${at.path}/{path}`,
      at.methods.map((method) => connect(method, 'WithPath')),
      query,
    ),
  ];
}

function logPath(info: ResourceInfo, path: string): PathOperations {
  const read = operation(
    info,
    { method: 'get', action: 'get', verb: 'read', ending: 'Log' },
    { answers: { 200: 'text' } },
  );
  return pathOf(path, [read], optionParameters('core/v1.PodLogOptions'));
}

/** An options type is sent as query parameters, one a field; of times upstream says nothing. */
function optionParameters(type: string): readonly Parameter[] {
  const fields = [...typeSchema(type).fields.values()].filter((field) => field.protobuf > 0 && field.type !== 'time');
  return fields.map((field) => ({
    name: field.name,
    type: field.type === 'boolean' || field.type === 'integer' ? field.type : 'string',
    in: 'query',
  }));
}
