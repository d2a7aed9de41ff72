/** /troupe/api/members: what operators do with the members of the control plane. */
import { AdministrationError, StoreError } from '../../../state/index.ts';
import type { RequestContext } from '../../request-context.ts';
import { type ApiHttpResponse, jsonResponse, textOf } from '../../request.ts';
import type { PathHandler } from '../path-handler.ts';

/** A member as `troupe member list` shows it. */
interface MemberStanding {
  readonly name: string;
  readonly role: 'voter' | 'learner' | 'leaving' | 'replica';
  readonly leader: boolean;
  /** Its heartbeats are heard. */
  readonly alive: boolean;
  readonly drained: boolean;
  /** Where it serves the API, and which version it runs, as it said when it last started. */
  readonly url?: string | undefined;
  readonly version?: string | undefined;
  /** The shards that it owns, with their epochs. */
  readonly shards: readonly { readonly shard: number; readonly epoch: number }[];
}

/** What operators may do with the members' work. */
export interface MemberOperator {
  list(): readonly MemberStanding[];
  /** Rejects with StoreError. */
  drain(member: string, drained: boolean): Promise<void>;
  /** Takes another member out of the cluster. Rejects with StoreError, AdministrationError. */
  remove(member: string): Promise<void>;
  /**
   * The keys of service accounts' tokens, where members have files of their own. Both reject with AdministrationError.
   */
  readonly signingKeys?:
    | {
        rotate(): Promise<{ readonly signing: string; readonly before: string }>;
        drop(id: string): Promise<void>;
      }
    | undefined;
  /** The rotation of the cluster's own secrets. */
  readonly rotation: {
    status(): object;
    order(request: unknown): Promise<{ readonly status: number; readonly body: object }>;
  };
  /** Takes a machine in as a member, for this user: status and body of the answer. Rejects with StoreError. */
  admit(user: string, request: unknown): Promise<{ readonly status: number; readonly body: object }>;
}

const path = '/troupe/api/members';

const joinPath = `${path}/join`;
const keysPath = `${path}/keys`;
const rotationPath = `${path}/rotation`;

/**
 * /troupe/api/members: GET who acts on what; POST {member, drained} takes a member's shards away or lets it have some
 * again, POST
 * {member, removed: true} takes it out of the cluster. /troupe/api/members/join: POST by a machine with a token for
 * members.
 * /troupe/api/members/keys: POST {rotate: true} has every member sign tokens by a new key, {drop: id} ends those of an
 * old one. /troupe/api/members/rotation: GET how far it is; POST {begin: [parts]} or {advance: id} leads it on.
 */
export function memberPaths(operator: MemberOperator | undefined): PathHandler {
  return (context) => {
    if (operator === undefined || ![path, joinPath, keysPath, rotationPath].includes(context.info.path))
      return undefined;
    return answered(operator, context).catch(failure);
  };
}

function failure(error: unknown): ApiHttpResponse {
  if (!(error instanceof StoreError) && !(error instanceof AdministrationError)) throw error;
  return jsonResponse(error.retryable ? 503 : 500, { code: error.code, message: error.message });
}

async function answered(operator: MemberOperator, context: RequestContext): Promise<ApiHttpResponse> {
  const { method } = context.http;
  const body = bodyOf(textOf(context.http.body));
  if (context.info.path === joinPath) {
    if (method !== 'POST') return jsonResponse(405, { message: 'method not allowed; use POST' });
    const { status, body: answer } = await operator.admit(context.user.name, body);
    const response = jsonResponse(status, answer);
    // The cluster's keys: an audit policy that records answers records objects of types that it knows, and this is
    // none.
    if (status === 200) response.headers['content-type'] = 'application/vnd.troupe.member-keys';
    return response;
  }
  if (context.info.path === keysPath)
    return method === 'POST'
      ? await keysAnswer(operator, body)
      : jsonResponse(405, { message: 'method not allowed; use POST' });
  if (context.info.path === rotationPath) {
    if (method === 'GET') return jsonResponse(200, operator.rotation.status());
    if (method !== 'POST') return jsonResponse(405, { message: 'method not allowed; use GET or POST' });
    const answer = await operator.rotation.order(body);
    return jsonResponse(answer.status, answer.body);
  }
  if (method === 'GET') return jsonResponse(200, { members: operator.list() });
  if (method !== 'POST') return jsonResponse(405, { message: 'method not allowed; use GET or POST' });
  const { member, drained, removed } = body;
  if (typeof member !== 'string' || (typeof drained !== 'boolean' && removed !== true))
    return jsonResponse(400, {
      message:
        'the body must be {"member": "<name>", "drained": true or false} or {"member": "<name>", "removed": true}',
    });
  if (!operator.list().some(({ name }) => name === member))
    return jsonResponse(404, { message: `there is no member ${member}` });
  if (removed === true) await operator.remove(member);
  else await operator.drain(member, drained === true);
  return jsonResponse(200, { members: operator.list() });
}

async function keysAnswer(
  { signingKeys }: MemberOperator,
  { rotate, drop }: Readonly<Record<string, unknown>>,
): Promise<ApiHttpResponse> {
  if (signingKeys === undefined)
    return jsonResponse(409, { message: 'the members of this cluster share the files of their keys' });
  if (rotate === true) return jsonResponse(200, await signingKeys.rotate());
  if (typeof drop !== 'string')
    return jsonResponse(400, { message: 'the body must be {"rotate": true} or {"drop": "<id>"}' });
  await signingKeys.drop(drop);
  return jsonResponse(200, {});
}

function bodyOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
