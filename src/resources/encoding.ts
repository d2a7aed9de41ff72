import type { JsonObject } from '../api/index.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const slot = '"resourceVersion":""';

export interface EncodedObject {
  readonly bytes: Uint8Array;
  /** Byte offset at which the resourceVersion's digits belong. */
  readonly revisionAt: number;
}

function orderedMetadata(metadata: JsonObject): JsonObject {
  const { name, generateName, namespace, uid, generation, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, ...more } = metadata;
  const { labels, annotations, ownerReferences, finalizers, managedFields } = more;
  return {
    name, generateName, namespace, uid, resourceVersion: '', generation, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds,
    labels, annotations, ownerReferences, finalizers, managedFields,
  };
}

/**
 * The stored form of an object, made once: kind, apiVersion and metadata first, with an empty place for the resourceVersion.
 * Values before that place are JSON strings, so the place cannot be found too early.
 */
export function encodeObject(object: Readonly<Record<string, unknown>>): EncodedObject {
  const { kind, apiVersion, metadata, ...rest } = object;
  const text = JSON.stringify({ kind, apiVersion, metadata: orderedMetadata(metadata as JsonObject), ...rest });
  const at = text.indexOf(slot) + slot.length - 1;
  const bytes = encoder.encode(text);
  return { bytes, revisionAt: bytes.length === text.length ? at : encoder.encode(text.slice(0, at)).length };
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
