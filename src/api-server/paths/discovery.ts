import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList, apiVersions, methodNotAllowed, pathNotFound } from '../../api/index.ts';
import type { ResourceCatalogue } from '../../resources/index.ts';
import { encoded } from '../answers/encode.ts';
import { negotiate, type NegotiationRules } from '../negotiation.ts';
import { type ApiHttpResponse, headerOf } from '../request.ts';
import { type RequestContext, wantsPretty } from '../request-context.ts';
import { type CachedDocument, documentOf, documentResponse } from './cached-document.ts';
import { nothingHere, type PathHandler } from './path-handler.ts';

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
/** /api and /apis can answer with everything at once; the paths below them know plain media types. */
const roots: NegotiationRules = { table: false, partial: false, discovery: true, router: false };
const below: NegotiationRules = { table: false, partial: false, router: true };

/** /api, /apis and the documents below them, plain or aggregated. `address`: what clients reach the server by, `host:port`. */
export function discoveryPaths(address: () => string, catalogue: ResourceCatalogue): PathHandler {
  const aggregated = new Map<string, CachedDocument>();
  let edition = catalogue.edition();
  const aggregatedAt = (core: boolean): CachedDocument => {
    if (catalogue.edition() !== edition) aggregated.clear();
    edition = catalogue.edition();
    const key = String(core);
    const known = aggregated.get(key);
    if (known !== undefined) return known;
    const made = documentOf(JSON.stringify(aggregatedDiscovery(catalogue.all(), { core, version: 'v2' })), aggregatedType);
    aggregated.set(key, made);
    return made;
  };
  return (context) => {
    const [root, first, second, more] = context.info.path.split('/').filter((part) => part !== '');
    if (root !== 'api' && root !== 'apis') return undefined;
    if (first === undefined) {
      const negotiated = negotiate(headerOf(context.http.headers, 'accept'), roots);
      if (negotiated.shape === 'discovery') return documentResponse(context, aggregatedAt(root === 'api'), { vary: 'Accept' });
      return document(context, roots, root === 'api' ? apiVersions(catalogue.all(), address()) : apiGroupList(catalogue.all()));
    }
    if (root === 'api') return second === undefined ? versionAt(context, catalogue, { group: '', version: first }) : nothingHere();
    const group = apiGroup(catalogue.all(), first);
    if (group === undefined) return nothingHere();
    if (second === undefined) return document(context, below, group);
    return more === undefined ? versionAt(context, catalogue, { group: first, version: second }) : nothingHere();
  };
}

function versionAt(context: RequestContext, catalogue: ResourceCatalogue, { group, version }: { readonly group: string; readonly version: string }): ApiHttpResponse {
  const list = apiResourceList(catalogue.all(), group, version);
  if (list === undefined && catalogue.all().some((info) => info.group === group && info.custom !== undefined)) return nothingHere();
  if (list === undefined) throw pathNotFound();
  if (context.http.method !== 'GET' && context.http.method !== 'HEAD') throw methodNotAllowed();
  return document(context, below, list);
}

function document(context: RequestContext, rules: NegotiationRules, value: object): ApiHttpResponse {
  const negotiated = negotiate(headerOf(context.http.headers, 'accept'), rules);
  return encoded(200, value, { negotiated: { ...negotiated, shape: 'object' }, pretty: wantsPretty(context) });
}
