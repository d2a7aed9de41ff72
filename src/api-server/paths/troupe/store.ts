/** /troupe/api/store/: what operators do with the store of a running member. */
import { AdministrationError, type StoreMember, StoreError } from '../../../state/index.ts';
import type { Revision } from '../../../base/index.ts';
import type { RequestContext } from '../../request-context.ts';
import { type ApiHttpResponse, type BodySink, jsonResponse, textOf } from '../../request.ts';
import { nothingHere, type PathHandler } from '../path-handler.ts';

/** What operators may do with the store from outside the process. */
export type StoreOperator = Pick<StoreMember, 'members' | 'backup' | 'compact' | 'status'>;

const root = '/troupe/api/store/';
const changes = ['add', 'remove', 'promote', 'transfer'] as const;

const statusCodes: Readonly<Record<string, number>> = {
  'unknown-member': 404,
  'not-caught-up': 409,
  'last-voter': 409,
  'silent-member': 409,
  foreign: 409,
  'bad-name': 400,
  future: 400,
  compacted: 410,
  timeout: 504,
  'no-leader': 503,
  overloaded: 429,
  'disk-full': 507,
};

/**
 * /troupe/api/store/…: what `troupe store` asks of a running member. GET `report` (every member's status), `members`,
 * `hash` (one revision's hash on every member), `backup` (a stream); POST `members` {change, member} and `compact`
 * {revision?}. Callers are authorized before, by the rules for paths: administrators only, unless a role names these
 * paths. Failures are {code, message}.
 */
export function storePaths(store: StoreOperator | undefined): PathHandler {
  return (context) => {
    const { path } = context.info;
    if (!path.startsWith(root) || store === undefined) return undefined;
    return answered(store, context, `${context.http.method} ${path.slice(root.length)}`);
  };
}

async function answered(store: StoreOperator, context: RequestContext, asked: string): Promise<ApiHttpResponse> {
  try {
    switch (asked) {
      case 'GET report':
        return jsonResponse(200, { asked: store.status().member, members: await store.members.report() });
      case 'GET members':
        return jsonResponse(200, { members: store.members.list() });
      case 'GET hash':
        return jsonResponse(200, await store.members.compareHashes());
      case 'GET backup':
        return await backup(store);
      case 'POST members':
        return await change(store, bodyOf(context));
      case 'POST compact':
        return await compact(store, bodyOf(context));
      default:
        return nothingHere();
    }
  } catch (error) {
    if (error instanceof AdministrationError || error instanceof StoreError)
      return failure(statusCodes[error.code] ?? 500, error.code, error.message);
    throw error;
  }
}

const failure = (status: number, code: string, message: string): ApiHttpResponse =>
  jsonResponse(status, { code, message });

function bodyOf(context: RequestContext): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(textOf(context.http.body) || '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

async function change(
  { members }: StoreOperator,
  { change: wanted, member }: Readonly<Record<string, unknown>>,
): Promise<ApiHttpResponse> {
  if (typeof member !== 'string' || member === '') return failure(400, 'bad-name', 'the body must name a member');
  switch (wanted) {
    case 'add':
      await members.addLearner(member);
      break;
    case 'remove':
      await members.remove(member);
      break;
    case 'promote':
      await members.promote(member);
      break;
    case 'transfer':
      await members.transferLeadership(member);
      break;
    default:
      return failure(400, 'bad-request', `the body's change must be one of ${changes.join(', ')}`);
  }
  return jsonResponse(200, { members: members.list() });
}

async function compact(
  store: StoreOperator,
  { revision }: Readonly<Record<string, unknown>>,
): Promise<ApiHttpResponse> {
  if (revision !== undefined && (typeof revision !== 'number' || !Number.isSafeInteger(revision) || revision < 1))
    return failure(400, 'bad-request', 'a revision is a whole number from 1 on');
  await store.compact(revision as Revision | undefined);
  return jsonResponse(200, { oldestRevision: store.status().oldestRevision });
}

/** The first piece is made before the head of the answer, so that a store that cannot give a backup says so. */
async function backup(store: StoreOperator): Promise<ApiHttpResponse> {
  const source = store.backup()[Symbol.asyncIterator]();
  const first = await source.next();
  return {
    status: 200,
    headers: { 'content-type': 'application/octet-stream' },
    body: (sink) => {
      void pour(source, sink, first.done === true ? undefined : first.value);
    },
  };
}

/** Gives pieces as the reader takes them. A reader that finds no end knows that the backup is not whole. */
async function pour(source: AsyncIterator<Uint8Array>, sink: BodySink, first: Uint8Array | undefined): Promise<void> {
  let closed = false;
  let wake: (() => void) | undefined;
  const awaken = (): void => {
    wake?.();
  };
  sink.onClose(() => {
    closed = true;
    awaken();
  });
  sink.onDrain(awaken);
  try {
    for (let piece = first; piece !== undefined && !closed;) {
      sink.write(piece);
      while (sink.full && !closed)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      const next = await source.next();
      piece = next.done === true ? undefined : next.value;
    }
  } catch {
    // The answer's head is long sent: what is missing at its end says it.
  }
  await source.return?.();
  sink.end();
}
