/** The stored bytes of an object. */
import { type JsonObject, jsonExcess, tooLarge } from '../../api/index.ts';
import type { Steps } from '../../base/index.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const slot = '"resourceVersion":""';

interface EncodedObject {
  readonly bytes: Uint8Array;
  /** Byte offset at which the resourceVersion's digits belong. */
  readonly revisionAt: number;
}

function orderedMetadata(from: JsonObject): JsonObject {
  return {
    name: from['name'],
    generateName: from['generateName'],
    namespace: from['namespace'],
    uid: from['uid'],
    resourceVersion: '',
    generation: from['generation'],
    creationTimestamp: from['creationTimestamp'],
    deletionTimestamp: from['deletionTimestamp'],
    deletionGracePeriodSeconds: from['deletionGracePeriodSeconds'],
    labels: from['labels'],
    annotations: from['annotations'],
    ownerReferences: from['ownerReferences'],
    finalizers: from['finalizers'],
    managedFields: from['managedFields'],
  };
}

/**
 * The stored form of an object, made once, in steps: kind, apiVersion and metadata first, with an empty place for the
 * resourceVersion. Values before that place are JSON strings, so the place cannot be found too early. `bounded`: an
 * object of more values than a body may have is refused with 413. Patches may make such a one of small bodies.
 */
export function* encodeSteps(object: Readonly<Record<string, unknown>>, bounded: boolean): Steps<EncodedObject> {
  // What is named first keeps its place, whatever the order within the object.
  const whole: Record<string, unknown> = { kind: undefined, apiVersion: undefined, metadata: undefined, ...object };
  whole['metadata'] = orderedMetadata(object['metadata'] as JsonObject);
  const plain = JSON.stringify(whole);
  yield;
  const excess = bounded ? jsonExcess(plain) : undefined;
  if (excess !== undefined) throw tooLarge(`object: ${excess.message}`, excess);
  const text = escapedText(plain);
  const at = text.indexOf(slot) + slot.length - 1;
  // From the shared pool: a small array of its own costs three times as much.
  const bytes = Buffer.from(text);
  return { bytes, revisionAt: bytes.length === text.length ? at : Buffer.byteLength(text.slice(0, at)) };
}

const escapes = /[<>&\u2028\u2029]/gu;

/** As Go writes JSON: clients that compare what is raw in an object (ControllerRevision.data) compare these bytes. */
function escapedText(text: string): string {
  // Looking for each is six times as fast as the expression, and most texts have none.
  const plain =
    !text.includes('&') &&
    !text.includes('<') &&
    !text.includes('>') &&
    !text.includes('\u2028') &&
    !text.includes('\u2029');
  return plain ? text : text.replace(escapes, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The stored bytes with the digits of `revision` in the place of those they carry. */
export function bytesAtRevision(bytes: Uint8Array, revision: number): Uint8Array {
  const text = decoder.decode(bytes);
  const start = text.indexOf('"resourceVersion":"') + slot.length - 1;
  return encoder.encode(`${text.slice(0, start)}${revision}${text.slice(text.indexOf('"', start))}`);
}

/** The plain JSON of any value. */
export function encodeJson(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
