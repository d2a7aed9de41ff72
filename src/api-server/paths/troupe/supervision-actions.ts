/** The button of the supervision dashboard: restarts an actor. */
import { errorMessage } from '../../../base/index.ts';
import type { Supervision } from '../../../supervision/index.ts';
import { type ApiHttpResponse, headerOf, jsonResponse, textOf } from '../../request.ts';
import type { RequestContext } from '../../request-context.ts';
import { nothingHere } from '../path-handler.ts';

const failure = (code: number, reason: string, message: string): ApiHttpResponse =>
  jsonResponse(code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });

/**
 * The button of the supervision. Callers are authorized by the path; the audit trail has the request, the timeline an
 * event.
 */
export async function supervisionAction(
  supervision: Supervision,
  context: RequestContext,
  name: string,
): Promise<ApiHttpResponse> {
  // A browser with a client certificate would send it along with another site's request, too.
  if (headerOf(context.http.headers, 'sec-fetch-site') === 'cross-site')
    return failure(403, 'Forbidden', 'the request comes from another site');
  if (name !== 'actors/restart') return nothingHere();
  const fields = fieldsOf(context.http.body);
  const { process = '', address = '' } = fields ?? {};
  if (process === '' || address === '')
    return failure(400, 'BadRequest', 'the body must be {"process": "<name>", "address": "<actor>"}');
  try {
    if (!(await supervision.restart({ process, address })))
      return failure(404, 'NotFound', `${process} has no actor ${address}; it may have left memory since`);
  } catch (error) {
    return failure(503, 'ServiceUnavailable', `the process does not answer: ${errorMessage(error)}`);
  }
  supervision.note({
    type: 'action',
    severity: 'info',
    title: `${address} was restarted`,
    detail: `by ${context.user.name}`,
    process,
    address,
  });
  return jsonResponse(200, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    message: `${address} was restarted`,
  });
}

function fieldsOf(body: Uint8Array): Readonly<Record<string, string>> | undefined {
  try {
    const value: unknown = JSON.parse(textOf(body));
    const isRecord =
      typeof value === 'object' && value !== null && Object.values(value).every((field) => typeof field === 'string');
    return isRecord ? (value as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
}
