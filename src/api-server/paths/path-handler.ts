/** How the paths that are no resource find their handler. */
import type { RequestContext } from '../request-context.ts';
import { type ApiHttpResponse, textResponse } from '../request.ts';

/** Answers requests for paths that are no resource; undefined: not this one's path. */
export type PathHandler = (context: RequestContext) => ApiHttpResponse | Promise<ApiHttpResponse> | undefined;

/** What Kubernetes answers where nothing is. */
export function nothingHere(): ApiHttpResponse {
  return textResponse(404, '404 page not found\n');
}

/** Asks one after the other; nobody's path is a plain 404. */
export function firstPath(
  handlers: readonly PathHandler[],
): (context: RequestContext) => ApiHttpResponse | Promise<ApiHttpResponse> {
  return (context) => {
    for (const handle of handlers) {
      const answer = handle(context);
      if (answer !== undefined) return answer;
    }
    return nothingHere();
  };
}
