/** The OpenAPI paths, in versions 2 and 3. */
import { type JsonObject, notAcceptable, openapiV2Protobuf } from '../../api/index.ts';
import type { Clock } from '../../base/index.ts';
import type { ResourceCatalogue } from '../../resources/index.ts';
import { type ApiHttpResponse, headerOf, noBytes } from '../request.ts';
import type { RequestContext } from '../request-context.ts';
import { bytesDocument, type CachedDocument, documentResponse } from './cached-document.ts';
import { type Additions, OpenapiDocuments } from './openapi-documents.ts';
import { nothingHere, type PathHandler } from './path-handler.ts';

/**
 * What other API servers add to the documents (src/api-server/aggregation). Undefined: nothing, which is answered at
 * once.
 */
export interface ForeignOpenapi {
  /** Entries of the index of version 3. */
  index(): Promise<JsonObject> | undefined;
  /** The document of a key of the index, from the server that has it. */
  document(key: string, query: string): Promise<ApiHttpResponse> | undefined;
  /** What others add to the document of version 2. */
  additions(): Promise<Additions> | undefined;
}

const yearMs = 365 * 86_400_000;

/** /openapi/v2, /openapi/v3 and a document for each of its keys. */
export function openapiPaths(catalogue: ResourceCatalogue, foreign: ForeignOpenapi, clock: Clock): PathHandler {
  const documents = new OpenapiDocuments(catalogue);
  return (context) => {
    const path = context.info.path.replace(/\/$/, '');
    if (path === '/openapi/v2') return versionTwo(context, documents, foreign);
    if (path === '/openapi/v3') return indexOf(context, documents, foreign);
    if (path.startsWith('/openapi/v3/')) {
      const key = path.slice('/openapi/v3/'.length);
      const own = documents.group(key);
      if (own !== undefined) return groupDocument(context, { key, document: own, clock });
      return foreign.document(key, context.http.query) ?? nothingHere();
    }
    return path === '/openapi' || path.startsWith('/openapi/') ? nothingHere() : undefined;
  };
}

function versionTwo(
  context: RequestContext,
  documents: OpenapiDocuments,
  foreign: ForeignOpenapi,
): ApiHttpResponse | Promise<ApiHttpResponse> {
  const additions = foreign.additions();
  const binary = wantsProtobuf(context);
  if (additions === undefined)
    return binary ? respondBinary(context, documents.own()) : respond(context, documents.versionTwo());
  return additions.then((found) =>
    binary ? respondBinary(context, found.addTo(documents.own())) : respond(context, documents.versionTwoWith(found)),
  );
}

function indexOf(
  context: RequestContext,
  documents: OpenapiDocuments,
  foreign: ForeignOpenapi,
): ApiHttpResponse | Promise<ApiHttpResponse> {
  const others = foreign.index();
  if (others === undefined) return respond(context, documents.index());
  return others.then((paths) => respond(context, documents.indexWith(paths)));
}

/**
 * client-go asks for gnostic's messages by a name with an at sign, which is no media type; the answer's has a dot
 * instead.
 */
const protobufAsked = /^application\/com\.github\.proto-openapi\.spec\.v2[@.]v1\.0\+protobuf/;
const protobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

function wantsProtobuf({ http }: RequestContext): boolean {
  return protobufAsked.test((headerOf(http.headers, 'accept') ?? '').trim());
}

/** Not kept: few clients ask for it, and seldom. */
function respondBinary(context: RequestContext, document: JsonObject): ApiHttpResponse {
  return documentResponse(context, bytesDocument(openapiV2Protobuf(document), protobufType), { vary: 'Accept' });
}

/**
 * The document of a key of the index. A path with its hash always means that document, so it may be kept for good; a
 * path with the hash of another edition leads to it.
 */
function groupDocument(
  context: RequestContext,
  { key, document, clock }: { readonly key: string; readonly document: CachedDocument; readonly clock: Clock },
): ApiHttpResponse {
  const hash = context.query.get('hash') ?? '';
  if (hash === '') return respond(context, document);
  if (hash !== document.tag) {
    const location = `/openapi/v3/${key}?hash=${document.tag}`;
    return { status: 301, headers: { location, vary: 'Accept' }, body: noBytes };
  }
  const expires = new Date(clock.now() + yearMs).toUTCString();
  return respond(context, document, { 'cache-control': 'public, immutable', expires });
}

function respond(
  context: RequestContext,
  document: CachedDocument | undefined,
  headers: Readonly<Record<string, string>> = {},
): ApiHttpResponse {
  if (document === undefined) return nothingHere();
  const accept = headerOf(context.http.headers, 'accept') ?? '';
  if (accept !== '' && !/json|\*/.test(accept)) throw notAcceptable(['application/json']);
  return documentResponse(context, document, { ...headers, vary: 'Accept' });
}
