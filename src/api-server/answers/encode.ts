/** Objects and lists as answers, in the shape and encoding that the client asked for. */
import {
  apiVersionOf,
  encodeProtobuf,
  encodeProtobufList,
  type JsonObject,
  type KubeObject,
  type ResourceInfo,
  StatusError,
  typeOfKind,
} from '../../api/index.ts';
import { atOnce, limits, Pace, type Steps } from '../../base/index.ts';
import type { ListResult } from '../../resources/index.ts';
import type { StoredRecord } from '../../state/index.ts';
import { contentTypeOf, type Negotiated } from '../negotiation.ts';
import { type ApiHttpResponse, utf8, type WholeResponse } from '../request.ts';
import { itemBytes } from './record-bytes.ts';
import { jsonPieces } from './json-pieces.ts';
import { type IncludeObject, partialOf, tableOf, tableSteps } from './table.ts';
import { yamlSteps } from './yaml-text.ts';

/** How one request wants its answer. */
export interface Presentation {
  readonly negotiated: Negotiated;
  readonly pretty: boolean;
  readonly include: IncludeObject;
  readonly now: number;
}

/** A stored object in the asked shape and encoding. */
export function recordResponse(
  status: number,
  info: ResourceInfo,
  record: StoredRecord,
  presentation: Presentation,
): ApiHttpResponse {
  return atOnce(recordSteps(status, { info, record }, presentation));
}

/** The same in steps. */
export function* recordSteps(
  status: number,
  { info, record }: { readonly info: ResourceInfo; readonly record: StoredRecord },
  presentation: Presentation,
): Steps<ApiHttpResponse> {
  if (isStoredForm(presentation))
    return { status, headers: { 'content-type': 'application/json' }, body: record.bytes };
  const object = record.object<KubeObject>();
  yield;
  return yield* encodedSteps(status, shaped(info, object, presentation), presentation);
}

/** Whether records' bytes are the answer, or its items. */
export function isStoredForm({ negotiated, pretty }: Presentation): boolean {
  return negotiated.encoding === 'json' && negotiated.shape === 'object' && !pretty;
}

/** One object in the asked shape and encoding. A Status is never turned into a Table or reduced to its metadata. */
export function objectResponse(
  status: number,
  info: ResourceInfo,
  object: KubeObject,
  presentation: Presentation,
): ApiHttpResponse {
  return encoded(status, shaped(info, object, presentation), presentation);
}

function shaped(info: ResourceInfo, object: KubeObject, presentation: Presentation): object {
  const { shape, metaVersion } = presentation.negotiated;
  if (shape === 'object' || object.kind === 'Status') return object;
  if (shape === 'PartialObjectMetadataList') {
    throw new StatusError(
      'NotAcceptable',
      `you requested PartialObjectMetadataList, but the requested object is not a list (${goType(info, info.kind)})`,
    );
  }
  if (shape === 'PartialObjectMetadata') return partialOf(info, object, metaVersion);
  const metadata =
    object.metadata.resourceVersion === undefined ? {} : { resourceVersion: object.metadata.resourceVersion };
  return tableOf({ info, metaVersion, include: presentation.include, now: presentation.now }, [object], {
    metadata,
    withColumns: true,
  });
}

/** A list of stored objects in the asked shape and encoding. */
export function listResponse(info: ResourceInfo, list: ListResult, presentation: Presentation): ApiHttpResponse {
  return atOnce(listSteps(info, list, presentation));
}

/** The same in steps. */
export function* listSteps(info: ResourceInfo, list: ListResult, presentation: Presentation): Steps<ApiHttpResponse> {
  if (isStoredForm(presentation)) return info.custom === undefined ? listBytes(info, list) : customList(info, list);
  const pace = new Pace(limits.turnBytesMax);
  const objects: KubeObject[] = [];
  for (const record of list.records) {
    if (pace.isDue(record.bytes.byteLength)) yield;
    objects.push(record.object<KubeObject>());
  }
  return yield* objectsSteps(info, { metadata: listMetadata(list), objects }, presentation);
}

interface ObjectsOnList {
  readonly metadata: object;
  readonly objects: readonly KubeObject[];
}

/** A list of objects that need not be stored. */
export function objectsResponse(info: ResourceInfo, on: ObjectsOnList, presentation: Presentation): ApiHttpResponse {
  return atOnce(objectsSteps(info, on, presentation));
}

function* objectsSteps(
  info: ResourceInfo,
  { metadata, objects }: ObjectsOnList,
  presentation: Presentation,
): Steps<ApiHttpResponse> {
  const { shape, metaVersion } = presentation.negotiated;
  if (shape === 'object') {
    const items = info.custom === undefined ? objects.map(withoutType) : objects;
    const list = { kind: info.listKind, apiVersion: apiVersionOf(info), metadata, items };
    return yield* encodedSteps(200, list, presentation);
  }
  if (shape === 'PartialObjectMetadata') {
    throw new StatusError(
      'NotAcceptable',
      `you requested PartialObjectMetadata, but the requested object is a list (${goType(info, info.listKind)})`,
    );
  }
  if (shape === 'PartialObjectMetadataList') {
    const items = objects.map((object) => partialOf(info, object, metaVersion));
    const list = { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${metaVersion}`, metadata, items };
    return yield* encodedSteps(200, list, presentation);
  }
  const request = { info, metaVersion, include: presentation.include, now: presentation.now };
  const table = yield* tableSteps(request, objects, { metadata, withColumns: true });
  return yield* encodedSteps(200, table, presentation);
}

function withoutType(object: KubeObject): object {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  return rest;
}

function listMetadata(list: ListResult): {
  readonly resourceVersion: string;
  readonly continue: string | undefined;
  readonly remainingItemCount: number | undefined;
} {
  return {
    resourceVersion: String(list.revision),
    continue: list.continue,
    remainingItemCount: list.remaining,
  };
}

/** Objects without a type of their own tell it in every item, and their lists always say how to go on. */
function customList(info: ResourceInfo, list: ListResult): ApiHttpResponse {
  const { resourceVersion, remainingItemCount } = listMetadata(list);
  const metadata = { continue: list.continue ?? '', resourceVersion, remainingItemCount };
  const head = `{"apiVersion":${JSON.stringify(apiVersionOf(info))},"items":[`;
  const end = `],"kind":${JSON.stringify(info.listKind)},"metadata":${JSON.stringify(metadata)}}`;
  const pieces = list.records.flatMap((record, index) => (index === 0 ? [record.bytes] : [utf8(','), record.bytes]));
  return { status: 200, headers: { 'content-type': 'application/json' }, body: [utf8(head), ...pieces, utf8(end)] };
}

const between = utf8(',{');
const tail = utf8(']}');

/** A list made of the records' bytes: nothing is parsed, and nothing copied before it is sent. */
function listBytes(info: ResourceInfo, list: ListResult): ApiHttpResponse {
  const { records } = list;
  const type = `"kind":${JSON.stringify(info.listKind)},"apiVersion":${JSON.stringify(apiVersionOf(info))}`;
  const head = `{${type},"metadata":${JSON.stringify(listMetadata(list))},"items":[`;
  const pieces: Uint8Array[] = [utf8(records.length === 0 ? head : `${head}{`)];
  for (const [i, record] of records.entries()) {
    if (i > 0) pieces.push(between);
    pieces.push(itemBytes(info, record));
  }
  pieces.push(tail);
  return { status: 200, headers: { 'content-type': 'application/json' }, body: pieces };
}

/** Any value as the answer's body. */
export function encoded(
  status: number,
  value: object,
  presentation: Pick<Presentation, 'negotiated' | 'pretty'>,
): WholeResponse {
  const { body, ...rest } = atOnce(encodedSteps(status, value, presentation));
  return { ...rest, body: Array.isArray(body) ? Buffer.concat(body) : body };
}

type EncodedResponse = Omit<WholeResponse, 'body'> & { readonly body: Uint8Array | Uint8Array[] };

function* encodedSteps(
  status: number,
  value: object,
  { negotiated, pretty }: Pick<Presentation, 'negotiated' | 'pretty'>,
): Steps<EncodedResponse> {
  const headers = { 'content-type': contentTypeOf(negotiated) };
  if (negotiated.encoding === 'yaml') return { status, headers, body: utf8(yield* yamlSteps(value)) };
  if (negotiated.encoding === 'protobuf') {
    const type = protobufType(value as Partial<KubeObject>);
    if (type !== undefined) return { status, headers, body: yield* protobufSteps(type, value) };
    return { status, headers: { 'content-type': 'application/json' }, body: yield* jsonPieces(value, false) };
  }
  return { status, headers, body: yield* jsonPieces(value, pretty) };
}

function protobufSteps(type: string, value: object): Steps<Uint8Array> {
  return hasItems(value) ? encodeProtobufList(type, value) : once(() => encodeProtobuf(type, value as JsonObject));
}

// oxlint-disable-next-line require-yield
function* once<Result>(make: () => Result): Steps<Result> {
  return make();
}

const hasItems = (value: object): value is { readonly items: readonly unknown[] } =>
  'items' in value && Array.isArray(value.items);

const metadataKinds = new Set(['PartialObjectMetadata', 'PartialObjectMetadataList']);
const unversioned = new Set(['APIVersions', 'APIResourceList']);

function protobufType(object: Partial<KubeObject>): string | undefined {
  const apiVersion = object.apiVersion ?? '';
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const version = slash < 0 ? apiVersion : apiVersion.slice(slash + 1);
  if (object.kind === 'Status' && group === '') return 'meta/v1.Status';
  // Both versions of meta.k8s.io have the same fields. /api and the versions below it say no apiVersion.
  if (group === 'meta.k8s.io' && metadataKinds.has(object.kind ?? '')) return `meta/v1.${object.kind ?? ''}`;
  if (apiVersion === '' && unversioned.has(object.kind ?? '')) return `meta/v1.${object.kind ?? ''}`;
  return typeOfKind({ group, version, kind: object.kind ?? '' });
}

/** Kubernetes' name of the internal type, which two of its messages show. */
function goType(info: ResourceInfo, kind: string): string {
  return `*${info.type.split('/')[0] ?? ''}.${kind}`;
}
