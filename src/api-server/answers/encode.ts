/** Objects and lists as answers, in the shape and encoding that the client asked for. */
import {
  encodeProtobuf,
  type JsonObject,
  type KubeObject,
  type ResourceInfo,
  StatusError,
  typeOfKind,
} from '../../api/index.ts';
import type { ListResult } from '../../resources/index.ts';
import type { StoredRecord } from '../../state/index.ts';
import { contentTypeOf, type Negotiated } from '../negotiation.ts';
import { type ApiHttpResponse, utf8, type WholeResponse } from '../request.ts';
import { apiVersionOf, itemBytes } from './record-bytes.ts';
import { type IncludeObject, partialOf, tableOf } from './table.ts';
import { yamlText } from './yaml-text.ts';

/** How one request wants its answer. */
export interface Presentation {
  readonly negotiated: Negotiated;
  readonly pretty: boolean;
  readonly include: IncludeObject;
  readonly now: number;
}

export function recordResponse(
  status: number,
  info: ResourceInfo,
  record: StoredRecord,
  presentation: Presentation,
): ApiHttpResponse {
  const { encoding, shape } = presentation.negotiated;
  if (encoding === 'json' && shape === 'object' && !presentation.pretty) {
    return { status, headers: { 'content-type': 'application/json' }, body: record.bytes };
  }
  return objectResponse(status, info, record.object<KubeObject>(), presentation);
}

/** One object in the asked shape and encoding. A Status is never turned into a Table or reduced to its metadata. */
export function objectResponse(
  status: number,
  info: ResourceInfo,
  object: KubeObject,
  presentation: Presentation,
): ApiHttpResponse {
  const { shape, metaVersion } = presentation.negotiated;
  if (shape === 'object' || object.kind === 'Status') return encoded(status, object, presentation);
  if (shape === 'PartialObjectMetadataList') {
    throw new StatusError(
      'NotAcceptable',
      `you requested PartialObjectMetadataList, but the requested object is not a list (${goType(info, info.kind)})`,
    );
  }
  if (shape === 'PartialObjectMetadata') return encoded(status, partialOf(info, object, metaVersion), presentation);
  const metadata =
    object.metadata.resourceVersion === undefined ? {} : { resourceVersion: object.metadata.resourceVersion };
  const table = tableOf({ info, metaVersion, include: presentation.include, now: presentation.now }, [object], {
    metadata,
    withColumns: true,
  });
  return encoded(status, table, presentation);
}

export function listResponse(info: ResourceInfo, list: ListResult, presentation: Presentation): ApiHttpResponse {
  const { encoding, shape } = presentation.negotiated;
  if (encoding === 'json' && shape === 'object' && !presentation.pretty)
    return info.custom === undefined ? listBytes(info, list) : customList(info, list);
  return objectsResponse(
    info,
    { metadata: listMetadata(list), objects: list.records.map((record) => record.object<KubeObject>()) },
    presentation,
  );
}

interface ObjectsOnList {
  readonly metadata: object;
  readonly objects: readonly KubeObject[];
}

/** A list of objects that need not be stored. */
export function objectsResponse(
  info: ResourceInfo,
  { metadata, objects }: ObjectsOnList,
  presentation: Presentation,
): ApiHttpResponse {
  const { shape, metaVersion } = presentation.negotiated;
  if (shape === 'object')
    return encoded(
      200,
      {
        kind: info.listKind,
        apiVersion: apiVersionOf(info),
        metadata,
        items: info.custom === undefined ? objects.map(withoutType) : objects,
      },
      presentation,
    );
  if (shape === 'PartialObjectMetadata') {
    throw new StatusError(
      'NotAcceptable',
      `you requested PartialObjectMetadata, but the requested object is a list (${goType(info, info.listKind)})`,
    );
  }
  if (shape === 'PartialObjectMetadataList') {
    return encoded(
      200,
      {
        kind: 'PartialObjectMetadataList',
        apiVersion: `meta.k8s.io/${metaVersion}`,
        metadata,
        items: objects.map((object) => partialOf(info, object, metaVersion)),
      },
      presentation,
    );
  }
  return encoded(
    200,
    tableOf({ info, metaVersion, include: presentation.include, now: presentation.now }, objects, {
      metadata,
      withColumns: true,
    }),
    presentation,
  );
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
  const { negotiated } = presentation;
  const headers = { 'content-type': contentTypeOf(negotiated) };
  if (negotiated.encoding === 'yaml') return { status, headers, body: utf8(yamlText(value)) };
  if (negotiated.encoding === 'protobuf') {
    const type = protobufType(value as Partial<KubeObject>);
    if (type !== undefined) return { status, headers, body: encodeProtobuf(type, value as JsonObject) };
    return { status, headers: { 'content-type': 'application/json' }, body: utf8(JSON.stringify(value)) };
  }
  return {
    status,
    headers,
    body: utf8(presentation.pretty ? `${JSON.stringify(value, null, 2)}\n` : JSON.stringify(value)),
  };
}

function protobufType(object: Partial<KubeObject>): string | undefined {
  const apiVersion = object.apiVersion ?? '';
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const version = slash < 0 ? apiVersion : apiVersion.slice(slash + 1);
  if (object.kind === 'Status' && group === '') return 'meta/v1.Status';
  return typeOfKind({ group, version, kind: object.kind ?? '' });
}

/** Kubernetes' name of the internal type, which two of its messages show. */
function goType(info: ResourceInfo, kind: string): string {
  return `*${info.type.split('/')[0] ?? ''}.${kind}`;
}
