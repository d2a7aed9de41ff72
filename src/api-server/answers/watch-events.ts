/** Watch events as bytes: lines of JSON, tables, reduced objects, or frames of protobuf. */
import { apiVersionOf, encodeProtobuf, type JsonObject, type KubeObject, type ResourceInfo } from '../../api/index.ts';
import type { RecordEvent } from '../../resources/index.ts';
import type { StoredRecord } from '../../state/index.ts';
import { utf8 } from '../request.ts';
import type { Presentation } from './encode.ts';
import { partialOf, tableOf } from './table.ts';
import { watchFrame } from './watch-frame.ts';

/** Turns batches of watch events into bytes. */
export interface EventEncoder {
  readonly contentType: string;
  encode(events: readonly RecordEvent[]): Uint8Array;
}

const metadataType = 'meta/v1.PartialObjectMetadata';
const tail = utf8('}\n');
const heads = {
  ADDED: utf8('{"type":"ADDED","object":'),
  MODIFIED: utf8('{"type":"MODIFIED","object":'),
  DELETED: utf8('{"type":"DELETED","object":'),
};

interface EventPresentation {
  readonly info: ResourceInfo;
  readonly presentation: Presentation;
  readonly accept: string | undefined;
}

/** `lines`: shared by all watches of a server. */
export function createEventEncoder(lines: EventLines, asked: EventPresentation): EventEncoder {
  const { info, presentation, accept } = asked;
  const { shape, encoding } = presentation.negotiated;
  if (encoding === 'protobuf' && !/json|\*\/\*/.test(accept ?? '')) return protobufEncoder(info, presentation);
  if (shape === 'object') return { contentType: 'application/json', encode: (events) => lines.batch(info, events) };
  const shaped =
    shape === 'Table'
      ? tableObjects(info, presentation)
      : (object: KubeObject): object => partialOf(info, object, presentation.negotiated.metaVersion);
  const shapedLine = (event: RecordEvent): Uint8Array =>
    utf8(`${JSON.stringify({ type: event.type, object: objectOf(info, event, shaped) })}\n`);
  return { contentType: 'application/json', encode: (events) => joined(events.map(shapedLine)) };
}

interface Batch {
  readonly info: ResourceInfo;
  readonly events: readonly RecordEvent[];
  readonly bytes: Uint8Array;
}

const lineBytesMax = 8 * 1024 * 1024;
const batchBytesMax = 1024 * 1024;

/**
 * The lines of events, each made once for all watchers: the service gives them the very same event objects. Only the
 * newest lines are kept, else the objects of every watched collection would stay in memory twice.
 */
export class EventLines {
  #lines = new WeakMap<RecordEvent, Uint8Array>();
  #lineBytes = 0;
  /** The newest batch of several events: most watchers of a collection are given the same one. */
  #newest: Batch | undefined;

  /** The events as lines; the same bytes for the same events. */
  batch(info: ResourceInfo, events: readonly RecordEvent[]): Uint8Array {
    const [first] = events;
    if (events.length === 1 && first !== undefined) return this.#line(info, first);
    const newest = this.#newest;
    if (newest?.info === info && isSame(newest.events, events)) return newest.bytes;
    const bytes = joined(events.map((event) => this.#line(info, event)));
    if (bytes.byteLength <= batchBytesMax) this.#newest = { info, events, bytes };
    return bytes;
  }

  #line(info: ResourceInfo, event: RecordEvent): Uint8Array {
    if (event.type === 'BOOKMARK')
      return utf8(`{"type":"BOOKMARK","object":${JSON.stringify(bookmarkObject(info, event))}}\n`);
    if (event.type === 'ERROR') return utf8(`{"type":"ERROR","object":${JSON.stringify(event.status)}}\n`);
    return this.#lines.get(event) ?? this.#remember(event, recordLine(heads[event.type], event.record));
  }

  #remember(event: RecordEvent, bytes: Uint8Array): Uint8Array {
    if (this.#lineBytes > lineBytesMax) {
      this.#lines = new WeakMap();
      this.#lineBytes = 0;
    }
    this.#lines.set(event, bytes);
    this.#lineBytes += bytes.byteLength;
    return bytes;
  }
}

function isSame(one: readonly RecordEvent[], other: readonly RecordEvent[]): boolean {
  return one.length === other.length && one.every((event, i) => event === other[i]);
}

function recordLine(head: Uint8Array, record: StoredRecord): Uint8Array {
  const made = new Uint8Array(head.byteLength + record.bytes.byteLength + tail.byteLength);
  made.set(head, 0);
  made.set(record.bytes, head.byteLength);
  made.set(tail, head.byteLength + record.bytes.byteLength);
  return made;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1 && pieces[0] !== undefined) return pieces[0];
  let size = 0;
  for (const piece of pieces) size += piece.byteLength;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}

function objectOf(
  info: ResourceInfo,
  event: RecordEvent,
  shaped: (object: KubeObject, bookmark: boolean) => object,
): object {
  if (event.type === 'ERROR') return event.status as object;
  if (event.type === 'BOOKMARK') return shaped(bookmarkObject(info, event), true);
  return shaped(event.record.object<KubeObject>(), false);
}

/** Tables of one row; the first event alone tells the columns. */
function tableObjects(
  info: ResourceInfo,
  presentation: Presentation,
): (object: KubeObject, bookmark: boolean) => object {
  let withColumns = true;
  const request = {
    info,
    metaVersion: presentation.negotiated.metaVersion,
    include: presentation.include,
    now: presentation.now,
  };
  return (object, bookmark) => {
    const table = tableOf(request, bookmark ? [] : [object], {
      metadata: { resourceVersion: object.metadata.resourceVersion ?? '' },
      withColumns,
    });
    withColumns = false;
    return table;
  };
}

/** Frames of whole objects or of their metadata: there are no tables in protobuf. */
function protobufEncoder(info: ResourceInfo, { negotiated }: Presentation): EventEncoder {
  const whole = negotiated.shape === 'object';
  const object = (event: RecordEvent): Uint8Array => {
    if (event.type === 'ERROR') return encodeProtobuf('meta/v1.Status', event.status as JsonObject);
    const found = event.type === 'BOOKMARK' ? bookmarkObject(info, event) : event.record.object<KubeObject>();
    return whole
      ? encodeProtobuf(info.type, found as JsonObject)
      : encodeProtobuf(metadataType, partialOf(info, found, negotiated.metaVersion) as JsonObject);
  };
  return {
    contentType: 'application/vnd.kubernetes.protobuf;stream=watch',
    encode: (events) => joined(events.map((event) => watchFrame(event.type, object(event)))),
  };
}

/** The object of a BOOKMARK event: nothing but how far the watch has come. */
function bookmarkObject(
  info: ResourceInfo,
  event: { readonly revision: number; readonly initialEventsEnd: boolean },
): KubeObject {
  return {
    kind: info.kind,
    apiVersion: apiVersionOf(info),
    metadata: {
      resourceVersion: String(event.revision),
      creationTimestamp: null,
      ...(event.initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
    },
  };
}
