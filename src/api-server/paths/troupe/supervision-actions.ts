/** What operators do to actors: the dashboard's button restarts one, `troupe chaos` disturbs one for a while. */
import { errorMessage } from '../../../base/index.ts';
import { isDisturbance, type Supervision } from '../../../supervision/index.ts';
import { type ApiHttpResponse, headerOf, jsonResponse, textOf } from '../../request.ts';
import type { RequestContext } from '../../request-context.ts';
import { nothingHere } from '../path-handler.ts';

const failure = (code: number, reason: string, message: string): ApiHttpResponse =>
  jsonResponse(code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });

const digits = /^\d{1,9}$/;

interface Actor {
  readonly process: string;
  readonly address: string;
}

/** What to do to an actor, which answers what became of it: undefined: there is no such actor. */
type Act = (actor: Actor) => Promise<string | undefined>;

/** Undefined: the fields say nothing that can be done. */
function actOf(supervision: Supervision, name: string, fields: Readonly<Record<string, string>>): Act | undefined {
  if (name === 'actors/restart')
    return async (actor) => ((await supervision.restart(actor)) ? `${actor.address} was restarted` : undefined);
  const { how, forMs = '' } = fields;
  if (!isDisturbance(how) || !digits.test(forMs)) return undefined;
  const disturbance = { how, forMs: Number(forMs) };
  return async (actor) => {
    const waiting = await supervision.disturb(actor, disturbance);
    const what = disturbance.forMs === 0 ? `${how} ended` : `${how} for ${forMs} ms`;
    return waiting === undefined ? undefined : `${actor.address}: ${what}, ${waiting} messages waited`;
  };
}

const bodies: Readonly<Record<string, string>> = {
  'actors/restart': '{"process": "<name>", "address": "<actor>"}',
  'actors/disturb': '{"process": "<name>", "address": "<actor>", "how": "stall" or "duplicate", "forMs": "<ms>"}',
};

/** Callers are authorized by the path; the audit trail has the request, the timeline an event. */
export async function supervisionAction(
  supervision: Supervision,
  context: RequestContext,
  name: string,
): Promise<ApiHttpResponse> {
  // A browser with a client certificate would send it along with another site's request, too.
  if (headerOf(context.http.headers, 'sec-fetch-site') === 'cross-site')
    return failure(403, 'Forbidden', 'the request comes from another site');
  const wanted = bodies[name];
  if (wanted === undefined) return nothingHere();
  const fields = fieldsOf(context.http.body) ?? {};
  const { process = '', address = '' } = fields;
  const act = actOf(supervision, name, fields);
  if (process === '' || address === '' || act === undefined)
    return failure(400, 'BadRequest', `the body must be ${wanted}`);
  let message: string | undefined;
  try {
    message = await act({ process, address });
  } catch (error) {
    return failure(503, 'ServiceUnavailable', `the process does not answer: ${errorMessage(error)}`);
  }
  if (message === undefined)
    return failure(404, 'NotFound', `${process} has no actor ${address}; it may have left memory since`);
  const detail = `by ${context.user.name}`;
  supervision.note({ type: 'action', severity: 'info', title: message, detail, process, address });
  return jsonResponse(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', message });
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
