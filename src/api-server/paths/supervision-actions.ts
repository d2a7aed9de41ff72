import { errorMessage } from '../../base/index.ts';
import type { Supervision } from '../../supervision/index.ts';
import { type ApiHttpResponse, headerOf, jsonResponse, textOf } from '../request.ts';
import type { RequestContext } from '../request-context.ts';
import { nothingHere } from './path-handler.ts';

export interface SupervisionActions {
  readonly supervision: Supervision;
  /** Moves a member's shards and leadership away; absent where there is one member. */
  readonly drainMember?: ((member: string) => Promise<void>) | undefined;
}

const failure = (code: number, reason: string, message: string): ApiHttpResponse => jsonResponse(code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });

/** The buttons of the supervision. Who may press them was decided from the path; the audit trail has the request; the time line gets a line. */
export async function supervisionAction(ports: SupervisionActions, context: RequestContext, name: string): Promise<ApiHttpResponse> {
  // A browser with a client certificate would send it along with another site's request, too.
  if (headerOf(context.http.headers, 'sec-fetch-site') === 'cross-site') return failure(403, 'Forbidden', 'the request comes from another site');
  const fields = fieldsOf(context.http.body);
  if (fields === undefined) return failure(400, 'BadRequest', 'the body must be a JSON object of texts');
  const said = (title: string, about: object): ApiHttpResponse => {
    ports.supervision.note({ type: 'action', severity: 'info', title, detail: `by ${context.user.name}`, ...about });
    return jsonResponse(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', message: title });
  };
  try {
    if (name === 'actors/restart') {
      const { process = '', address = '' } = fields;
      if (process === '' || address === '') return failure(400, 'BadRequest', 'process and address say which actor is meant');
      return await ports.supervision.restart({ process, address }) ? said(`${address} was restarted`, { process, address }) : failure(404, 'NotFound', `${process} has no actor ${address}; it may have left memory since`);
    }
    if (name !== 'members/drain' || ports.drainMember === undefined) return nothingHere();
    const { member = '' } = fields;
    await ports.drainMember(member);
    return said(`${member} is drained`, { process: member });
  } catch (error) {
    return failure(503, 'ServiceUnavailable', `the process does not answer: ${errorMessage(error)}`);
  }
}

function fieldsOf(body: Uint8Array): Readonly<Record<string, string>> | undefined {
  try {
    const value: unknown = JSON.parse(textOf(body));
    const isRecord = typeof value === 'object' && value !== null && Object.values(value).every((field) => typeof field === 'string');
    return isRecord ? (value as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
}
