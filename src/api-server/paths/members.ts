import { StoreError } from '../../state/index.ts';
import type { RequestContext } from '../request-context.ts';
import { type ApiHttpResponse, jsonResponse, textOf } from '../request.ts';
import type { PathHandler } from './path-handler.ts';

/** A member as `troupe member list` shows it. */
export interface MemberStanding {
  readonly name: string;
  readonly role: 'voter' | 'learner' | 'leaving';
  readonly leader: boolean;
  /** Its heartbeats are heard. */
  readonly alive: boolean;
  readonly drained: boolean;
  /** The shards that it owns, with their epochs. */
  readonly shards: readonly { readonly shard: number; readonly epoch: number }[];
}

/** What operators may do with the members' work. */
export interface MemberOperator {
  list(): readonly MemberStanding[];
  /** Rejects with StoreError. */
  drain(member: string, drained: boolean): Promise<void>;
}

const path = '/troupe/api/members';

/** /troupe/api/members: GET who acts on what; POST {member, drained} takes a member's shards away or lets it have some again. */
export function memberPaths(operator: MemberOperator | undefined): PathHandler {
  return (context) => (context.info.path === path && operator !== undefined ? answered(operator, context) : undefined);
}

async function answered(operator: MemberOperator, context: RequestContext): Promise<ApiHttpResponse> {
  if (context.http.method === 'GET') return jsonResponse(200, { members: operator.list() });
  if (context.http.method !== 'POST') return jsonResponse(405, { message: 'GET or POST is wanted here' });
  const { member, drained } = bodyOf(textOf(context.http.body));
  if (typeof member !== 'string' || typeof drained !== 'boolean') return jsonResponse(400, { message: 'the body must be {"member": "<name>", "drained": true or false}' });
  if (!operator.list().some(({ name }) => name === member)) return jsonResponse(404, { message: `there is no member ${member}` });
  try {
    await operator.drain(member, drained);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return jsonResponse(error.retryable ? 503 : 500, { code: error.code, message: error.message });
  }
  return jsonResponse(200, { members: operator.list() });
}

function bodyOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}
