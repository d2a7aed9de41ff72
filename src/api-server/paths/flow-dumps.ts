/** /debug/api_priority_and_fairness/: what priority and fairness does at this moment. */
import type { FlowControl } from '../flow/index.ts';
import { type ApiHttpResponse, textResponse } from '../request.ts';
import { nothingHere, type PathHandler } from './path-handler.ts';

const prefix = '/debug/api_priority_and_fairness/';

/** What priority and fairness does at this moment, as tables: levels, queues, requests that wait. */
export function flowDumps(flow: FlowControl): PathHandler {
  return ({ info, query }) => {
    if (!info.path.startsWith(prefix)) return undefined;
    const what = info.path.slice(prefix.length);
    if (what === 'dump_priority_levels') return tableOf(flow.dump('levels'));
    if (what === 'dump_queues') return tableOf(flow.dump('queues'));
    if (what === 'dump_requests')
      return tableOf(flow.dump((query.get('includeRequestDetails') ?? '') === '' ? 'requests' : 'detailedRequests'));
    return nothingHere();
  };
}

function tableOf(text: string): ApiHttpResponse {
  const { 'x-content-type-options': _option, ...headers } = textResponse(200, '').headers;
  return { ...textResponse(200, text), headers };
}
