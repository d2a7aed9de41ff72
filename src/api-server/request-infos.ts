/** What requests ask for, remembered by method and path: clients ask the same again and again. */
import { BoundedMemo } from './bounded-memo.ts';
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

/** Some ten thousand paths. */
const rememberedBytesMax = 8 * 1024 * 1024;

export class RequestInfos {
  readonly #remembered = new BoundedMemo<RequestInfo>(rememberedBytesMax);

  /** The same object for the same request without a query, so that more can be remembered of it. */
  of(request: ApiHttpRequest, query: Query): RequestInfo {
    if (request.query !== '')
      return madeInfo(request, { watch: query.flag('watch'), fieldName: pinnedName(query.get('fieldSelector')) });
    return this.#remembered.of(`${request.method} ${request.path}`, () => madeInfo(request, noQueryFacts));
  }
}

function madeInfo({ method, path, target }: ApiHttpRequest, query: QueryFacts): RequestInfo {
  return target === undefined ? requestInfo(method, path, query) : targetInfo(method, target, query);
}
