/** The fields of audit events, made of requests and answers. */
import { decodeProtobuf, type JsonObject, parseYaml, typeOfKind } from '../../api/index.ts';
import type { Requester } from '../../resources/index.ts';
import { type ApiHttpRequest, type ApiHttpResponse, headerOf, textOf } from '../request.ts';
import type { RequestInfo } from '../request-info.ts';
import type { AuditLevel, AuditStage } from './rule.ts';

/** Clients choose these texts, and one who is refused chooses them too: longer ones would wash the audit log away. */
export const agentMax = 1024;
export const uriMax = 8 * 1024;
const nameMax = 1024;
const messageMax = 4 * 1024;
const detailsMax = 4 * 1024;

/** The text, or its beginning where it is longer. */
export function shortened<T extends string | undefined>(text: T, max: number): T | string {
  return text === undefined || text.length <= max ? text : `${text.slice(0, max)}...`;
}

/**
 * audit.k8s.io/v1 Event, in the order in which Kubernetes writes its fields. What does not apply is undefined, which
 * JSON leaves out: all events then have one shape, which makes them in half the time.
 */
export interface AuditEvent {
  readonly kind: 'Event';
  readonly apiVersion: 'audit.k8s.io/v1';
  readonly level: AuditLevel;
  readonly auditID: string;
  readonly stage: AuditStage;
  readonly requestURI: string;
  readonly verb: string;
  readonly user: JsonObject;
  readonly impersonatedUser: JsonObject | undefined;
  readonly sourceIPs: readonly string[] | undefined;
  readonly userAgent: string | undefined;
  readonly objectRef: AuditObjectReference | undefined;
  readonly responseStatus: JsonObject | undefined;
  readonly requestObject: unknown;
  readonly responseObject: unknown;
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

export interface AuditObjectReference {
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly apiGroup: string | undefined;
  readonly apiVersion: string;
  readonly subresource: string | undefined;
}

/**
 * What many events say alike, made once: users by their UserInfo, which authentication keeps per credential, and plain
 * statuses by their code.
 */
export class SharedFacts {
  readonly #users = new WeakMap<Requester, JsonObject>();
  readonly #statuses = new Map<number, JsonObject>();

  /** A user as audit events show them. */
  user(user: Requester): JsonObject {
    const known = this.#users.get(user);
    if (known !== undefined) return known;
    const made = userFields(user);
    this.#users.set(user, made);
    return made;
  }

  /** What an event keeps of an answer besides its object: the code, and of a failure its Status. */
  status(response: ApiHttpResponse, info: RequestInfo): JsonObject {
    if (response.status < 400) return this.#plainStatus(response.status);
    const status = responseObject(response, info);
    if (typeof status !== 'object' || status === null || (status as JsonObject)['kind'] !== 'Status')
      return this.#plainStatus(response.status);
    const { status: outcome, message, reason, details } = status as JsonObject;
    const kept = JSON.stringify(details)?.length > detailsMax ? undefined : details;
    const text = typeof message === 'string' ? shortened(message, messageMax) : undefined;
    const fields = { metadata: {}, status: outcome, message: text, reason, details: kept, code: response.status };
    return JSON.parse(JSON.stringify(fields)) as JsonObject;
  }

  #plainStatus(code: number): JsonObject {
    const known = this.#statuses.get(code);
    if (known !== undefined) return known;
    const made = { metadata: {}, code };
    this.#statuses.set(code, made);
    return made;
  }
}

function userFields(user: Requester): JsonObject {
  return {
    username: user.name,
    uid: user.uid === '' ? undefined : user.uid,
    groups: user.groups.length === 0 ? undefined : user.groups,
    extra: user.extra,
  };
}

export interface ObjectName {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
}

/** The object that a request is about. `made`: what a create named that the path does not. */
export function objectReference(info: RequestInfo, made: ObjectName | undefined): AuditObjectReference | undefined {
  if (!info.isResource) return undefined;
  return {
    resource: shortened(info.resource, nameMax),
    namespace: textIn(info.namespace) ?? textIn(made?.namespace),
    name: textIn(info.name) ?? textIn(made?.name),
    apiGroup: textIn(info.group),
    apiVersion: shortened(info.version, nameMax),
    subresource: textIn(info.subresource),
  };
}

const textIn = (text: string | undefined): string | undefined => (text === '' ? undefined : shortened(text, nameMax));

/** The addresses that a request says it came through, then the one it came from (as in Kubernetes). */
export function sourceAddresses(request: ApiHttpRequest): readonly string[] {
  const via = headerOf(request.headers, 'x-forwarded-for') ?? headerOf(request.headers, 'x-real-ip');
  const told =
    via === undefined
      ? []
      : via
          .split(',')
          .map((address) => address.trim())
          .filter((address) => /^[\da-f.:]+$/i.test(address));
  const own = request.remoteAddress?.replace(/^::ffff:/, '');
  return own === undefined || told.at(-1) === own ? told : [...told, own];
}

/** The body of a request as an object; undefined where it is none. */
export function requestObject(request: ApiHttpRequest, info: RequestInfo): unknown {
  if (request.body.byteLength === 0) return undefined;
  return objectOf(request.body, headerOf(request.headers, 'content-type') ?? 'application/json', info);
}

/** The body of an answer as an object; undefined for streams and texts. */
export function responseObject(response: ApiHttpResponse, info: RequestInfo): unknown {
  const { body } = response;
  const type = response.headers['content-type'];
  if (typeof body === 'function' || typeof type !== 'string') return undefined;
  return objectOf(body instanceof Uint8Array ? body : Buffer.concat(body), type, info);
}

/** What `read` gives; undefined where it fails. */
export function readable(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    // What cannot be read is refused on its own way, and the trail says so by the answer's status.
    return undefined;
  }
}

function objectOf(bytes: Uint8Array, contentType: string, info: RequestInfo): unknown {
  return readable(() => {
    if (contentType.includes('protobuf')) {
      const type = typeOfKind({ group: info.group, version: info.version, kind: protobufKind(bytes) });
      return type === undefined ? undefined : decodeProtobuf(type, bytes);
    }
    if (contentType.includes('yaml')) return parseYaml(textOf(bytes)).value;
    return contentType.includes('json') ? (JSON.parse(textOf(bytes)) as unknown) : undefined;
  });
}

/** The kind that stands in the envelope: the second text of its first field. */
function protobufKind(bytes: Uint8Array): string {
  const version = bytes[7] ?? 0;
  const at = 8 + version;
  return textOf(bytes.subarray(at + 2, at + 2 + (bytes[at + 1] ?? 0)));
}

/** Takes metadata.managedFields out of an object, or of the items of a list. */
export function withoutManagedFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const object = value as { readonly metadata?: Readonly<Record<string, unknown>>; readonly items?: unknown };
  const { managedFields: _gone, ...metadata } = object.metadata ?? {};
  return {
    ...object,
    metadata: object.metadata === undefined ? undefined : metadata,
    items: Array.isArray(object.items) ? object.items.map(withoutManagedFields) : object.items,
  };
}
