/** Which requests are traced, and by which trace id. */
import { parseTraceparent, type Random, traceIdOf, type Trace } from '../base/index.ts';
import { doorHeaders } from '../protocol/index.ts';
import { headerOf } from './request.ts';
import type { RequestFacts } from './request-record.ts';

const writing: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);
/** What comes and goes by itself; followed only on demand. */
const incessant: ReadonlySet<string> = new Set(['leases', 'events']);

interface TraceIds {
  /** The request's id is a UUID that this server drew, not one that a client chose. */
  readonly drawn: boolean;
  readonly random: Random;
}

/** By its places: `replaceAll` takes twice as long. */
const undashed = (uuid: string): string =>
  uuid.slice(0, 8) + uuid.slice(9, 13) + uuid.slice(14, 18) + uuid.slice(19, 23) + uuid.slice(24);

/**
 * The trace that a request is a step of: the one it names (`traceparent`), or for a write a new one, whose id is the
 * request's Audit-ID without dashes, so that who reads an answer or the audit trail can ask for it. Reads are followed
 * on demand only.
 */
export function requestTrace(
  { request, id, info }: Pick<RequestFacts, 'request' | 'id' | 'info'>,
  { drawn, random }: TraceIds,
): Trace | undefined {
  const given = parseTraceparent(headerOf(request.headers, doorHeaders.trace));
  if (given !== undefined) return given;
  if (!info.isResource || !writing.has(info.verb) || incessant.has(info.resource)) return undefined;
  const traceId = drawn ? undashed(id) : (traceIdOf(id) ?? undashed(random.uuid()));
  return { traceId, spanId: '' };
}
