/** Audit records for the writes of controllers and the scheduler, which make no requests. */
import type { Clock, Random, Revision } from '../../base/index.ts';
import type {
  DeletionOptions,
  DeleteResult,
  RequestBody,
  ResourceService,
  Target,
  WriteContext,
  WriteResult,
} from '../../resources/index.ts';
import { failureResponse, isDefect, statusOf } from '../answers/failure.ts';
import { type ApiHttpRequest, noBytes, utf8 } from '../request.ts';
import { targetInfo } from '../request-info.ts';
import type { RequestTarget } from '../request-target.ts';
import type { Audit, AuditRecord } from './audit.ts';
import type { ObjectName } from './event.ts';

/** A part of Troupe that writes by itself, not because a request asks for it: a controller, the scheduler. */
interface OwnWriter {
  readonly userAgent: string;
  /** Facts that stand with each of its writes. */
  readonly annotations: Readonly<Record<string, string>>;
  /**
   * The revision from which on it may write. An object that is older was found as it should be, and nothing was
   * written.
   */
  readonly since?: Revision | undefined;
}

interface OwnWritesPorts {
  readonly audit: Audit;
  readonly clock: Clock;
  readonly random: Random;
}

/** The revision of the object that a write made. */
const revisionAnnotation = 'troupe.dev/revision';

const jsonType = 'application/json';

/**
 * The same service; each write through it stands in the audit trail as the request that an HTTP client would have made
 * of it, at the level that the policy gives such a request. Reads are not recorded: Troupe's own parts read their
 * replica's memory.
 */
export function auditedWrites(service: ResourceService, writer: OwnWriter, ports: OwnWritesPorts): ResourceService {
  const trail = <R>(write: Write<R>): Promise<R> => recorded(write, writer, ports);
  return {
    ...service,
    create: (target, body, context) =>
      trail({
        method: 'POST',
        target,
        context,
        body,
        run: (own) => service.create(target, body, own),
        answer: (result) => ({ ...written(result, 201), made: nameOf(result) }),
      }),
    update: (target, body, context) =>
      trail({
        method: 'PUT',
        target,
        context,
        body,
        run: (own) => service.update(target, body, own),
        answer: (result) => written(result, 200),
      }),
    patch: (target, body, context) =>
      trail({
        method: 'PATCH',
        target,
        context,
        body,
        run: (own) => service.patch(target, body, { ...own, force: context.force }),
        answer: (result) => written(result, 200),
      }),
    delete: (target, options, context) =>
      trail({
        method: 'DELETE',
        target,
        context,
        body: deleteBody(options),
        run: (own) => service.delete(target, options, own),
        answer: (result) => ({ status: 200, body: bodyOf(result) }),
      }),
    deleteCollection: (target, list, options, context) =>
      trail({
        method: 'DELETE',
        target,
        context,
        body: deleteBody(options),
        run: (own) => service.deleteCollection(target, list, options, own),
        answer: () => ({ status: 200 }),
      }),
  };
}

interface Request {
  readonly method: string;
  readonly target: Target;
  readonly context: WriteContext;
  readonly body: RequestBody;
}

interface Write<R> extends Request {
  readonly run: (context: WriteContext) => Promise<R>;
  readonly answer: (result: R) => Answer;
}

/** What a door would have answered. */
interface Answer {
  readonly status: number;
  /** The object's name, which the path of a create does not say. */
  readonly made?: ObjectName | undefined;
  readonly body?: Uint8Array | undefined;
  readonly revision?: Revision | undefined;
}

function written(result: WriteResult, status: number): Answer {
  return { status: result.created ? 201 : status, body: bodyOf(result), revision: result.record?.revision };
}

/** A stored object is not parsed for it. */
function nameOf(result: WriteResult): ObjectName {
  if (result.record === undefined) return result.object.metadata;
  const { 'metadata.name': name, 'metadata.namespace': namespace } = result.record.index.fields;
  return { name, namespace };
}

/** A stored object is not parsed for it. */
function bodyOf(result: WriteResult | DeleteResult): Uint8Array {
  return result.record?.bytes ?? utf8(JSON.stringify(result.object));
}

async function recorded<R>(write: Write<R>, writer: OwnWriter, { audit, clock, random }: OwnWritesPorts): Promise<R> {
  const { context, run, answer } = write;
  const info = targetInfo(write.method, requestTarget(write.target));
  const request = requestOf(write, writer, info.path);
  const record = audit.begin({ id: random.uuid(), request, info, user: context.user, receivedAt: clock.now() });
  if (record === undefined) return run(context);
  for (const [key, value] of Object.entries(writer.annotations)) record.annotate(key, value);
  try {
    const result = await run({
      ...context,
      annotate: (key, value, level) => {
        record.annotate(key, value, level);
      },
    });
    complete(record, answer(result), writer);
    return result;
  } catch (error) {
    const response = failureResponse(statusOf(error));
    if (isDefect(error)) record.panic(response);
    else record.complete(response);
    throw error;
  }
}

function complete(record: AuditRecord, { status, made, body, revision }: Answer, { since }: OwnWriter): void {
  if (revision !== undefined && revision > (since ?? 0)) record.annotate(revisionAnnotation, String(revision));
  if (made !== undefined) record.made(made);
  record.complete(
    body === undefined
      ? { status, headers: {}, body: noBytes }
      : { status, headers: { 'content-type': jsonType }, body },
  );
}

/** The request that an HTTP client would have made. */
function requestOf({ method, context, body }: Request, { userAgent }: OwnWriter, path: string): ApiHttpRequest {
  return {
    method,
    path,
    query: context.dryRun ? 'dryRun=All' : '',
    headers: { 'user-agent': userAgent, 'content-type': body.contentType },
    // Most levels record no body; none is made for them.
    get body() {
      return body.bytes;
    },
  };
}

function requestTarget({ info: { group, version, resource }, namespace, name, subresource }: Target): RequestTarget {
  return { group, version, resource, namespace, name, subresource };
}

function deleteBody({ propagation, gracePeriodSeconds, uid, resourceVersion }: DeletionOptions): RequestBody {
  const preconditions = uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion };
  return {
    contentType: jsonType,
    bytes: utf8(
      JSON.stringify({
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        gracePeriodSeconds,
        preconditions,
        propagationPolicy: propagation,
      }),
    ),
  };
}
