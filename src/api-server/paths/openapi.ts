import {
  type JsonObject,
  notAcceptable,
  openapiV2,
  openapiV2Protobuf,
  openapiV3,
  openapiV3Index,
} from '../../api/index.ts';
import type { ResourceCatalogue } from '../../resources/index.ts';
import { type ApiHttpResponse, headerOf } from '../request.ts';
import type { RequestContext } from '../request-context.ts';
import { bytesDocument, type CachedDocument, documentOf, documentResponse } from './cached-document.ts';
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

export interface Additions {
  /** The others' documents: the same objects as long as these say the same. */
  readonly documents: readonly unknown[];
  addTo(own: JsonObject): JsonObject;
}

/**
 * /openapi/v2, /openapi/v3 and a document for each of its keys. Documents are made when first asked for and kept while
 * the same resources are served.
 */
export function openapiPaths(catalogue: ResourceCatalogue, foreign: ForeignOpenapi): PathHandler {
  const documents = new Map<string, CachedDocument>();
  let edition = catalogue.edition();
  const at = (path: string, make: () => object | undefined): CachedDocument | undefined => {
    if (edition !== catalogue.edition()) documents.clear();
    edition = catalogue.edition();
    const known = documents.get(path);
    if (known !== undefined) return known;
    const made = make();
    // What is not there is not remembered: there is no end of such paths.
    if (made === undefined) return undefined;
    const document = documentOf(JSON.stringify(made));
    documents.set(path, document);
    return document;
  };
  const index = (context: RequestContext): ApiHttpResponse | Promise<ApiHttpResponse> => {
    const others = foreign.index();
    if (others === undefined)
      return respond(
        context,
        at('/openapi/v3', () => openapiV3Index(catalogue.all())),
      );
    return others.then((paths) =>
      respond(
        context,
        documentOf(
          JSON.stringify({ paths: { ...paths, ...(openapiV3Index(catalogue.all())['paths'] as JsonObject) } }),
        ),
      ),
    );
  };
  let merged:
    | { readonly edition: unknown; readonly documents: readonly unknown[]; readonly document: CachedDocument }
    | undefined;
  const withAdditions = ({ documents: others, addTo }: Additions): CachedDocument => {
    const kept = merged;
    if (
      kept !== undefined &&
      kept.edition === catalogue.edition() &&
      kept.documents.length === others.length &&
      others.every((one, i) => one === kept.documents[i])
    )
      return kept.document;
    merged = {
      edition: catalogue.edition(),
      documents: others,
      document: documentOf(JSON.stringify(addTo(openapiV2(catalogue.all())))),
    };
    return merged.document;
  };
  const all = (context: RequestContext): ApiHttpResponse | Promise<ApiHttpResponse> => {
    const additions = foreign.additions();
    const binary = wantsProtobuf(context);
    if (additions !== undefined)
      return additions.then((found) =>
        binary
          ? respondBinary(context, found.addTo(openapiV2(catalogue.all())))
          : respond(context, withAdditions(found)),
      );
    return binary
      ? respondBinary(context, openapiV2(catalogue.all()))
      : respond(
          context,
          at('/openapi/v2', () => openapiV2(catalogue.all())),
        );
  };
  return (context) => {
    const path = context.info.path.replace(/\/$/, '');
    if (path === '/openapi/v2') return all(context);
    if (path === '/openapi/v3') return index(context);
    if (!path.startsWith('/openapi/v3/'))
      return path === '/openapi' || path.startsWith('/openapi/') ? nothingHere() : undefined;
    const key = path.slice('/openapi/v3/'.length);
    const own = at(path, () => openapiV3(key, catalogue.all()));
    return (own === undefined ? foreign.document(key, context.http.query) : undefined) ?? respond(context, own);
  };
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

/** Made anew each time: few clients ask for it, and seldom. */
function respondBinary(context: RequestContext, document: JsonObject): ApiHttpResponse {
  return documentResponse(context, bytesDocument(openapiV2Protobuf(document), protobufType), { vary: 'Accept' });
}

function respond(context: RequestContext, document: CachedDocument | undefined): ApiHttpResponse {
  if (document === undefined) return nothingHere();
  const accept = headerOf(context.http.headers, 'accept') ?? '';
  if (accept !== '' && !/json|\*/.test(accept)) throw notAcceptable(['application/json']);
  // A path with a hash always means the same document, so it may be kept for good.
  const forGood = context.query.get('hash') !== undefined;
  return documentResponse(
    context,
    document,
    forGood ? { 'cache-control': 'public, immutable', vary: 'Accept' } : { vary: 'Accept' },
  );
}
