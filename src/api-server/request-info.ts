/**
 * What a path and a method ask for, before it is known whether that exists (upstream's RequestInfo). Authorisation
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

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
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

/**
 * Reads method and path. `watch`: the query asks for one; `fieldName`: the field selector's metadata.name, which counts
 * as the name.
 */
export function requestInfo(
  method: string,
  path: string,
  query: { readonly watch: boolean; readonly fieldName: string },
): RequestInfo {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodedPart);
  const plain: RequestInfo = {
    ...empty,
    isResource: false,
    path,
    verb: method.toLowerCase(),
    trailingSlash: path.endsWith('/'),
  };
  const core = parts[0] === 'api';
  if (!core && parts[0] !== 'apis') return plain;
  const head = core ? 2 : 3;
  if (parts.length <= head) return { ...plain, group: core ? '' : (parts[1] ?? ''), version: parts[head - 1] ?? '' };
  const version = parts[head - 1] ?? '';
  let rest = parts.slice(head);
  let verb = verbs[method] ?? '';
  const watchPath = rest[0] === 'watch';
  const wrongMethod = watchPath && verb !== 'get';
  if (watchPath) {
    rest = rest.slice(1);
    verb = 'watch';
  }
  const where = placeOf(rest);
  return {
    ...finished(where, verb, query),
    wrongMethod,
    isResource: true,
    path,
    group: core ? '' : (parts[1] ?? ''),
    version,
    trailingSlash: plain.trailingSlash,
  };
}

type Place = Pick<RequestInfo, 'namespace' | 'resource' | 'name' | 'subresource' | 'rest' | 'inNamespace'>;

function placeOf(parts: readonly string[]): Place {
  let rest = parts;
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

function finished(
  place: Place,
  verb: string,
  query: { readonly watch: boolean; readonly fieldName: string },
): Place & { readonly verb: string } {
  if (place.name !== '') return { ...place, verb };
  const collective = verb === 'get' ? (query.watch ? 'watch' : 'list') : verb === 'delete' ? 'deletecollection' : verb;
  const named = collective === 'list' || collective === 'watch' || collective === 'deletecollection';
  return { ...place, verb: collective, name: named ? query.fieldName : '' };
}

function decodedPart(part: string): string {
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
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
