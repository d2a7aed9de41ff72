/** The discovery paths /api and /apis, plain and aggregated. */
import {
  aggregatedDiscovery,
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
  type JsonObject,
  methodNotAllowed,
  pathNotFound,
} from '../../api/index.ts';
import type { ResourceCatalogue } from '../../resources/index.ts';
import { encoded } from '../answers/encode.ts';
import { negotiate, type NegotiationRules } from '../negotiation.ts';
import { type ApiHttpResponse, headerOf } from '../request.ts';
import { type RequestContext, wantsPretty } from '../request-context.ts';
import { type CachedDocument, documentOf, documentResponse } from './cached-document.ts';
import { nothingHere, type PathHandler } from './path-handler.ts';

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
/** /api and /apis can answer with everything at once; the paths below them know plain media types. */
/** The list of groups has its own way of refusing. */
const roots: Readonly<Record<'api' | 'apis', NegotiationRules>> = {
  api: { table: false, partial: false, discovery: true, router: true },
  apis: { table: false, partial: false, discovery: true, router: false },
};
const below: NegotiationRules = { table: false, partial: false, router: true };

/** What other API servers add to discovery (src/api-server/aggregation). */
export interface ForeignApis {
  /** Groups as `/apis` lists them; empty: none can be had. */
  groups(): readonly JsonObject[];
  /** Groups as aggregated discovery lists them. */
  discovery(): Promise<readonly JsonObject[]>;
}

/**
 * /api, /apis and the documents below them, plain or aggregated. `address`: what clients reach the server by,
 * `host:port`.
 */
export function discoveryPaths(address: () => string, catalogue: ResourceCatalogue, foreign: ForeignApis): PathHandler {
  const aggregated = new AggregatedDocuments(catalogue);
  return (context) => {
    const [root, first, second, more] = context.info.path.split('/').filter((part) => part !== '');
    if (root !== 'api' && root !== 'apis') return undefined;
    if (first === undefined) return rootDocument(context, { root, address, catalogue, foreign, aggregated });
    if (root === 'api')
      return second === undefined ? versionAt(context, catalogue, { group: '', version: first }) : nothingHere();
    const group = apiGroup(catalogue.all(), first) ?? foreignGroup(foreign, first);
    if (group === undefined) return nothingHere();
    if (second === undefined) return document(context, below, group);
    return more === undefined ? versionAt(context, catalogue, { group: first, version: second }) : nothingHere();
  };
}

interface RootParts {
  readonly root: 'api' | 'apis';
  readonly address: () => string;
  readonly catalogue: ResourceCatalogue;
  readonly foreign: ForeignApis;
  readonly aggregated: AggregatedDocuments;
}

/** /api or /apis itself: everything at once, or the versions or groups. */
function rootDocument(context: RequestContext, parts: RootParts): ReturnType<PathHandler> {
  const { root, address, catalogue, foreign, aggregated } = parts;
  const negotiated = negotiate(headerOf(context.http.headers, 'accept'), roots[root]);
  const others = root === 'api' ? [] : foreign.groups();
  if (negotiated.shape === 'discovery')
    return others.length === 0
      ? documentResponse(context, aggregated.at(root), { vary: 'Accept' })
      : withForeign(context, catalogue, foreign);
  const list =
    root === 'api' ? apiVersions(catalogue.all(), address()) : listWithForeign(apiGroupList(catalogue.all()), others);
  return document(context, roots[root], list);
}

/** The documents of aggregated discovery, kept while the same resources are served. */
class AggregatedDocuments {
  readonly #catalogue: ResourceCatalogue;
  readonly #documents = new Map<string, CachedDocument>();
  #edition: unknown;

  constructor(catalogue: ResourceCatalogue) {
    this.#catalogue = catalogue;
    this.#edition = catalogue.edition();
  }

  at(root: 'api' | 'apis'): CachedDocument {
    const edition = this.#catalogue.edition();
    if (edition !== this.#edition) this.#documents.clear();
    this.#edition = edition;
    const known = this.#documents.get(root);
    if (known !== undefined) return known;
    const discovery = aggregatedDiscovery(this.#catalogue.all(), { core: root === 'api', version: 'v2' });
    const made = documentOf(JSON.stringify(discovery), aggregatedType);
    this.#documents.set(root, made);
    return made;
  }
}

/**
 * The document of all groups, those of other servers last; not kept, since nothing here says when they
 * change.
 */
async function withForeign(
  context: RequestContext,
  catalogue: ResourceCatalogue,
  foreign: ForeignApis,
): Promise<ApiHttpResponse> {
  const own = aggregatedDiscovery(catalogue.all(), { core: false, version: 'v2' });
  const all = { ...own, items: [...(own['items'] as readonly JsonObject[]), ...(await foreign.discovery())] };
  return documentResponse(context, documentOf(JSON.stringify(all), aggregatedType), { vary: 'Accept' });
}

function listWithForeign(list: JsonObject, others: readonly JsonObject[]): JsonObject {
  return others.length === 0 ? list : { ...list, groups: [...(list['groups'] as readonly JsonObject[]), ...others] };
}

function foreignGroup(foreign: ForeignApis, name: string): JsonObject | undefined {
  const found = foreign.groups().find((group) => group['name'] === name);
  return found === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...found };
}

function versionAt(
  context: RequestContext,
  catalogue: ResourceCatalogue,
  { group, version }: { readonly group: string; readonly version: string },
): ApiHttpResponse {
  const list = apiResourceList(catalogue.all(), group, version);
  if (list === undefined && catalogue.all().some((info) => info.group === group && info.custom !== undefined))
    return nothingHere();
  if (list === undefined) throw pathNotFound();
  if (context.http.method !== 'GET' && context.http.method !== 'HEAD') throw methodNotAllowed();
  return document(context, below, list);
}

function document(context: RequestContext, rules: NegotiationRules, value: object): ApiHttpResponse {
  const negotiated = negotiate(headerOf(context.http.headers, 'accept'), rules);
  return encoded(200, value, { negotiated: { ...negotiated, shape: 'object' }, pretty: wantsPretty(context) });
}
