/** From what a request asks for to the resource that answers it. */
import {
  allResources,
  methodNotAllowed,
  notFound,
  pathNotFound,
  type ResourceInfo,
  type SubresourceInfo,
} from '../api/index.ts';
import type { ResourceCatalogue, Target } from '../resources/index.ts';
import type { RequestInfo } from './request-info.ts';

/** What a resource path leads to. */
export interface ResourceRoute {
  readonly info: ResourceInfo;
  readonly subresource: SubresourceInfo | undefined;
  readonly target: Target;
  /** The verbs that the path takes. */
  readonly verbs: ReadonlySet<string>;
}

const collectionVerbs = ['list', 'watch', 'create', 'deletecollection'];
const objectVerbs = ['get', 'update', 'patch', 'delete'];

const builtInGroups = new Set(allResources().map(({ group }) => group));

/** Routes of requests for built-in resources, found once for each RequestInfo. */
export class ResourceRoutes {
  readonly #known = new WeakMap<RequestInfo, ResourceRoute>();

  /**
   * Finds the resource of a path. Throws 404 for paths that lead nowhere and 405 for verbs that the path does not take;
   * undefined where not even the group is a built-in one, which has an answer of its own.
   */
  of(request: RequestInfo, catalogue: ResourceCatalogue): ResourceRoute | undefined {
    const known = this.#known.get(request);
    if (known !== undefined) return known;
    const made = madeRoute(request, catalogue);
    if (made === undefined) return undefined;
    // A proxy passes on methods that are no verbs (OPTIONS), too.
    const passed = made.subresource?.name === 'proxy' || made.verbs.has(request.verb);
    if (!passed || request.wrongMethod) throw methodNotAllowed();
    // Custom resources come and go, and the request outlives them.
    if (made.info.custom === undefined) this.#known.set(request, made);
    return made;
  }
}

/** Field selectors make a list's name; the path of an object does not depend on it. */
function isCollection(request: RequestInfo): boolean {
  return (
    collectionVerbs.includes(request.verb) &&
    request.subresource === '' &&
    (request.verb !== 'create' || request.name === '')
  );
}

function madeRoute(request: RequestInfo, catalogue: ResourceCatalogue): ResourceRoute | undefined {
  const info = catalogue.find(request.group, request.version, request.resource);
  if (info === undefined) return nowhere(request);
  const collection = isCollection(request) || (request.name === '' && request.subresource === '');
  const clusterWide = !request.inNamespace;
  if (info.namespaced ? clusterWide && !collection : request.inNamespace) return nowhere(request);
  const subresource = info.subresources.find((candidate) => candidate.name === request.subresource);
  if (request.subresource !== '' && subresource === undefined)
    throw info.custom === undefined ? pathNotFound() : notFound(info, request.name);
  // Only what is proxied has a path of its own.
  if (request.rest.length > 0 && info.custom === undefined && request.subresource !== 'proxy') return nowhere(request);
  const target: Target = {
    info,
    namespace: info.namespaced && request.inNamespace ? request.namespace : undefined,
    name: collection ? '' : request.name,
    subresource: request.subresource,
  };
  return {
    info,
    subresource,
    target,
    verbs: verbsOf(info, subresource, { collection, everywhere: info.namespaced && clusterWide }),
  };
}

function nowhere({ group }: RequestInfo): undefined {
  if (builtInGroups.has(group)) throw pathNotFound();
}

interface RoutePlace {
  /** A collection, not an object. */
  readonly collection: boolean;
  /** A namespaced resource across all namespaces. */
  readonly everywhere: boolean;
}

function verbsOf(info: ResourceInfo, subresource: SubresourceInfo | undefined, place: RoutePlace): ReadonlySet<string> {
  if (subresource !== undefined) return new Set(subresource.verbs);
  // A namespaced resource across all namespaces can only be read.
  const possible = place.everywhere ? ['list', 'watch'] : place.collection ? collectionVerbs : objectVerbs;
  return new Set(info.verbs.filter((verb) => possible.includes(verb)));
}
