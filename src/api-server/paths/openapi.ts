import { notAcceptable, openapiV2, openapiV3, openapiV3Index } from '../../api/index.ts';
import type { ResourceCatalogue } from '../../resources/index.ts';
import { type ApiHttpResponse, headerOf } from '../request.ts';
import type { RequestContext } from '../request-context.ts';
import { type CachedDocument, documentOf, documentResponse } from './cached-document.ts';
import { nothingHere, type PathHandler } from './path-handler.ts';

/** /openapi/v2, /openapi/v3 and a document for each of its keys. Documents are made when first asked for and kept while the same resources are served. */
export function openapiPaths(catalogue: ResourceCatalogue): PathHandler {
  const documents = new Map<string, CachedDocument | undefined>();
  let edition = catalogue.edition();
  const at = (path: string, make: () => object | undefined): CachedDocument | undefined => {
    if (edition !== catalogue.edition()) documents.clear();
    edition = catalogue.edition();
    if (documents.has(path)) return documents.get(path);
    const made = make();
    const document = made === undefined ? undefined : documentOf(JSON.stringify(made));
    documents.set(path, document);
    return document;
  };
  return (context) => {
    const path = context.info.path.replace(/\/$/, '');
    if (path === '/openapi/v2') return respond(context, at(path, () => openapiV2(catalogue.all())));
    if (path === '/openapi/v3') return respond(context, at(path, () => openapiV3Index(catalogue.all())));
    if (!path.startsWith('/openapi/v3/')) return path === '/openapi' || path.startsWith('/openapi/') ? nothingHere() : undefined;
    return respond(context, at(path, () => openapiV3(path.slice('/openapi/v3/'.length), catalogue.all())));
  };
}

function respond(context: RequestContext, document: CachedDocument | undefined): ApiHttpResponse {
  if (document === undefined) return nothingHere();
  const accept = headerOf(context.http.headers, 'accept') ?? '';
  if (accept !== '' && !/json|\*/.test(accept)) throw notAcceptable(['application/json']);
  // A path with a hash always means the same document, so it may be kept for good.
  const forGood = context.query.get('hash') !== undefined;
  return documentResponse(context, document, forGood ? { 'cache-control': 'public, immutable', vary: 'Accept' } : { vary: 'Accept' });
}
