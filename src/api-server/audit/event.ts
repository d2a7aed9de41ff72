/** Audit events: their fields, and their JSON. */
import { decodeProtobuf, type JsonObject, parseYaml, typeOfKind } from '../../api/index.ts';
import type { UserInfo } from '../../resources/index.ts';
import { type ApiHttpRequest, type ApiHttpResponse, headerOf, textOf } from '../request.ts';
import type { RequestInfo } from '../request-info.ts';
import type { AuditLevel, AuditStage } from './policy.ts';

/**
 * audit.k8s.io/v1 Event, in the order in which upstream writes its fields. What does not apply is undefined, which JSON
 * leaves out: all events then have one shape, which makes them in half the time.
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

const texts = new WeakMap<object, string>();

/** The JSON of an object that many events share. */
function sharedText(object: object): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const made = JSON.stringify(object);
  texts.set(object, made);
  return made;
}

const field = (name: string, text: string | undefined): string => (text === undefined ? '' : `,"${name}":${text}`);
const textField = (name: string, value: string | undefined): string =>
  value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;

/** The event's JSON, as JSON.stringify makes it: written out here, since every write of the cluster makes one. */
export function eventText(event: AuditEvent): string {
  const { user, impersonatedUser, sourceIPs, objectRef, responseStatus, annotations } = event;
  return (
    `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"${event.level}"` +
    `,"auditID":${JSON.stringify(event.auditID)},"stage":"${event.stage}"` +
    `,"requestURI":${JSON.stringify(event.requestURI)},"verb":${JSON.stringify(event.verb)}` +
    `,"user":${sharedText(user)}` +
    field('impersonatedUser', impersonatedUser && sharedText(impersonatedUser)) +
    field('sourceIPs', sourceIPs && JSON.stringify(sourceIPs)) +
    textField('userAgent', event.userAgent) +
    field('objectRef', objectRef && referenceText(objectRef)) +
    field('responseStatus', responseStatus && sharedText(responseStatus)) +
    field('requestObject', JSON.stringify(event.requestObject)) +
    field('responseObject', JSON.stringify(event.responseObject)) +
    `,"requestReceivedTimestamp":"${event.requestReceivedTimestamp}","stageTimestamp":"${event.stageTimestamp}"` +
    `${field('annotations', annotations && JSON.stringify(annotations))}}`
  );
}

function referenceText({ resource, namespace, name, apiGroup, apiVersion, subresource }: AuditObjectReference): string {
  return (
    `{"resource":${JSON.stringify(resource)}` +
    `${textField('namespace', namespace)}${textField('name', name)}${textField('apiGroup', apiGroup)}` +
    `,"apiVersion":${JSON.stringify(apiVersion)}${textField('subresource', subresource)}}`
  );
}

interface AuditObjectReference {
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly apiGroup: string | undefined;
  readonly apiVersion: string;
  readonly subresource: string | undefined;
}

const shownUsers = new WeakMap<UserInfo, JsonObject>();

/** A user as the trail shows him. */
export function shownUser(user: UserInfo): JsonObject {
  const known = shownUsers.get(user);
  if (known !== undefined) return known;
  const made = madeUser(user);
  shownUsers.set(user, made);
  return made;
}

function madeUser(user: UserInfo): JsonObject {
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
    resource: info.resource,
    namespace: textIn(info.namespace) ?? textIn(made?.namespace),
    name: textIn(info.name) ?? textIn(made?.name),
    apiGroup: textIn(info.group),
    apiVersion: info.version,
    subresource: textIn(info.subresource),
  };
}

const textIn = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

/** The addresses that a request says it came through, then the one it came from (as upstream). */
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

function objectOf(bytes: Uint8Array, contentType: string, info: RequestInfo): unknown {
  try {
    if (contentType.includes('protobuf')) {
      const type = typeOfKind({ group: info.group, version: info.version, kind: protobufKind(bytes) });
      return type === undefined ? undefined : decodeProtobuf(type, bytes);
    }
    if (contentType.includes('yaml')) return parseYaml(textOf(bytes)).value;
    return contentType.includes('json') ? (JSON.parse(textOf(bytes)) as unknown) : undefined;
  } catch {
    // What cannot be read is refused on its own way, and the trail says so by the answer's status.
    return undefined;
  }
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

const plainStatuses = new Map<number, JsonObject>();

function plainStatus(code: number): JsonObject {
  const known = plainStatuses.get(code);
  if (known !== undefined) return known;
  const made = { metadata: {}, code };
  plainStatuses.set(code, made);
  return made;
}

/** What a trail keeps of an answer besides its object: the code, and of a failure its Status. */
export function responseStatus(response: ApiHttpResponse, info: RequestInfo): JsonObject {
  if (response.status < 400) return plainStatus(response.status);
  const status = responseObject(response, info);
  if (typeof status !== 'object' || status === null || (status as JsonObject)['kind'] !== 'Status')
    return plainStatus(response.status);
  const { status: outcome, message, reason, details } = status as JsonObject;
  return JSON.parse(
    JSON.stringify({ metadata: {}, status: outcome, message, reason, details, code: response.status }),
  ) as JsonObject;
}
