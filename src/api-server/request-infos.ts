/** What requests ask for, remembered by method and path: clients ask the same again and again. */
import { Memo } from '../base/index.ts';
import type { Query } from './query.ts';
import type { ApiHttpRequest } from './request.ts';
import {
  noQueryFacts,
  pinnedName,
  type QueryFacts,
  requestInfo,
  type RequestInfo,
  targetInfo,
} from './request-info.ts';

/** Some five thousand paths of each method. */
const rememberedBytesMax = 4 * 1024 * 1024;
/** Clients of HTTP/2 can make up others, which are not remembered. */
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

export class RequestInfos {
  readonly #remembered: ReadonlyMap<string, Memo<string, RequestInfo>> = new Map(
    methods.map((method) => [method, new Memo<string, RequestInfo>({ bytesMax: rememberedBytesMax })]),
  );

  /** The same object for the same request without a query, so that more can be remembered of it. */
  of(request: ApiHttpRequest, query: Query): RequestInfo {
    if (request.query !== '')
      return madeInfo(request, { watch: query.flag('watch'), fieldName: pinnedName(query.get('fieldSelector')) });
    const remembered = this.#remembered.get(request.method);
    return remembered === undefined
      ? madeInfo(request, noQueryFacts)
      : remembered.of(request.path, () => madeInfo(request, noQueryFacts));
  }
}

function madeInfo({ method, path, target }: ApiHttpRequest, query: QueryFacts): RequestInfo {
  return target === undefined ? requestInfo(method, path, query) : targetInfo(method, target, query);
}
