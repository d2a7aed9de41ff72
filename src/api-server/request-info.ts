/** What a method and a path ask for, before it is known whether that exists. */
import { pathOfSegments, type RequestTarget, targetSegments } from './request-target.ts';

/**
 * What a path and a method ask for, before it is known whether that exists (Kubernetes' RequestInfo). Authorisation
 * judges this, so that what a user may not see is denied before it is missing.
 */
export interface RequestInfo {
  readonly isResource: boolean;
  readonly path: string;
  /** get, list, watch, create, update, patch, delete, deletecollection; for other paths the method in lower case. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  /** '' for cluster-wide requests. */
  readonly namespace: string;
  readonly name: string;
  /** What follows the subresource (the path of a proxied request), decoded. */
  readonly rest: readonly string[];
  /** The path names the resource below a namespace. */
  readonly inNamespace: boolean;
  readonly trailingSlash: boolean;
  /** A path that begins with `watch` watches by whatever method, but none other than GET leads there. */
  readonly wrongMethod: boolean;
}

/** HTTP/2 lets clients make up methods: a map has no members but these. */
const verbs: ReadonlyMap<string, string> = new Map([
  ['POST', 'create'],
  ['GET', 'get'],
  ['HEAD', 'get'],
  ['PUT', 'update'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
]);
/** These stand below a namespace but are about the namespace itself. */
const namespaceSubresources = new Set(['status', 'finalize']);
const empty = {
  group: '',
  version: '',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
  rest: [],
  inNamespace: false,
  wrongMethod: false,
};

/** What a query adds to what is asked. */
export interface QueryFacts {
  /** It asks for a watch. */
  readonly watch: boolean;
  /** The field selector's metadata.name, which counts as the name; '': none. */
  readonly fieldName: string;
}

export const noQueryFacts: QueryFacts = { watch: false, fieldName: '' };

/** Reads method and path. */
export function requestInfo(method: string, path: string, query: QueryFacts): RequestInfo {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodedSegment);
  return infoOf({ method, path, trailingSlash: path.endsWith('/') }, segments, query);
}

/** What `method` asks of a target: the same as for the target's path, which is not read again. */
export function targetInfo(method: string, target: RequestTarget, query: QueryFacts = noQueryFacts): RequestInfo {
  const segments = targetSegments(target);
  return infoOf({ method, path: pathOfSegments(segments), trailingSlash: false }, segments, query);
}

type Line = Pick<RequestInfo, 'path' | 'trailingSlash'> & { readonly method: string };

function infoOf({ method, path, trailingSlash }: Line, segments: readonly string[], query: QueryFacts): RequestInfo {
  const plain: RequestInfo = { ...empty, isResource: false, path, verb: method.toLowerCase(), trailingSlash };
  const core = segments[0] === 'api';
  if (!core && segments[0] !== 'apis') return plain;
  const head = core ? 2 : 3;
  const group = core ? '' : (segments[1] ?? '');
  const version = segments[head - 1] ?? '';
  if (segments.length <= head) return { ...plain, group, version };
  const below = segments.slice(head);
  const verb = verbs.get(method) ?? '';
  const watchPath = below[0] === 'watch';
  const place = placeOf(watchPath ? below.slice(1) : below);
  return {
    ...placeWithVerb(place, watchPath ? 'watch' : verb, query),
    wrongMethod: watchPath && verb !== 'get',
    isResource: true,
    path,
    group,
    version,
    trailingSlash,
  };
}

type Place = Pick<RequestInfo, 'namespace' | 'resource' | 'name' | 'subresource' | 'rest' | 'inNamespace'>;

function placeOf(segments: readonly string[]): Place {
  let rest = segments;
  let namespace = '';
  let inNamespace = false;
  if (rest[0] === 'namespaces' && rest[1] !== undefined) {
    namespace = rest[1];
    if (rest[2] !== undefined && !namespaceSubresources.has(rest[2])) {
      rest = rest.slice(2);
      inNamespace = true;
    }
  }
  return {
    namespace,
    resource: rest[0] ?? '',
    name: rest[1] ?? '',
    subresource: rest[2] ?? '',
    rest: rest.slice(3),
    inNamespace,
  };
}

/** A collection has other verbs than an object, and a name only where a field selector pins one. */
function placeWithVerb(place: Place, verb: string, query: QueryFacts): Place & Pick<RequestInfo, 'verb'> {
  if (place.name !== '') return { ...place, verb };
  const collective = verb === 'get' ? (query.watch ? 'watch' : 'list') : verb === 'delete' ? 'deletecollection' : verb;
  const named = collective === 'list' || collective === 'watch' || collective === 'deletecollection';
  return { ...place, verb: collective, name: named ? query.fieldName : '' };
}

function decodedSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The name that a field selector pins, '' for none: authorisation by name works for such lists and watches. */
export function pinnedName(fieldSelector: string | undefined): string {
  if (fieldSelector === undefined || !fieldSelector.includes('metadata.name')) return '';
  for (const term of fieldSelector.split(',')) {
    const match = /^metadata\.name==?([^=!]+)$/.exec(term.trim());
    if (match?.[1] !== undefined) return match[1];
  }
  return '';
}
