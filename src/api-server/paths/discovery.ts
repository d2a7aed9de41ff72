import { aggregatedDiscovery, allResources, apiGroup, apiGroupList, apiResourceList, apiVersions, methodNotAllowed, pathNotFound } from '../../api/index.ts';
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
export function discoveryPaths(address: () => string): PathHandler {
  const aggregated = new Map<string, CachedDocument>();
  const aggregatedAt = (core: boolean): CachedDocument => {
    const key = String(core);
    const known = aggregated.get(key);
    if (known !== undefined) return known;
    const made = documentOf(JSON.stringify(aggregatedDiscovery(allResources(), { core, version: 'v2' })), aggregatedType);
    aggregated.set(key, made);
    return made;
  };
  return (context) => {
    const [root, first, second, more] = context.info.path.split('/').filter((part) => part !== '');
    if (root !== 'api' && root !== 'apis') return undefined;
    if (first === undefined) {
      const negotiated = negotiate(headerOf(context.http.headers, 'accept'), roots);
      if (negotiated.shape === 'discovery') return documentResponse(context, aggregatedAt(root === 'api'), { vary: 'Accept' });
      return document(context, roots, root === 'api' ? apiVersions(allResources(), address()) : apiGroupList(allResources()));
    }
    if (root === 'api') return second === undefined ? versionAt(context, '', first) : nothingHere();
    const group = apiGroup(allResources(), first);
    if (group === undefined) return nothingHere();
    if (second === undefined) return document(context, below, group);
    return more === undefined ? versionAt(context, first, second) : nothingHere();
  };
}

function versionAt(context: RequestContext, group: string, version: string): ApiHttpResponse {
  const list = apiResourceList(allResources(), group, version);
  if (list === undefined) throw pathNotFound();
  if (context.http.method !== 'GET' && context.http.method !== 'HEAD') throw methodNotAllowed();
  return document(context, below, list);
}

function document(context: RequestContext, rules: NegotiationRules, value: object): ApiHttpResponse {
  const negotiated = negotiate(headerOf(context.http.headers, 'accept'), rules);
  return encoded(200, value, { negotiated: { ...negotiated, shape: 'object' }, pretty: wantsPretty(context) });
}
