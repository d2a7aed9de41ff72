/** The envelope of protobuf bodies (runtime.Unknown). */

import type { Steps } from '../../base/index.ts';
import { apiVersionOf } from '../machinery/index.ts';
import type { JsonObject } from '../object.ts';
import { findType, typeSchema } from '../schema/index.ts';
import { decodeMessage } from './decode-message.ts';
import { embeddedJson } from './decode-special.ts';
import { encodeListSteps, encodeMessage } from './encode-message.ts';
import { ProtobufError, readBytes, readString, readTag, skipField, wireReader, wireTypes } from './wire-reader.ts';
import { wireWriter, writeBytes, writeMessage, writeString, written } from './wire-writer.ts';

/** The first bytes of every protobuf body: `k8s` and a zero. */
const magic = [0x6b, 0x38, 0x73, 0x00] as const;

/** A body with its envelope: magic, then runtime.Unknown with the kind and the message. */
export function encodeProtobuf(type: string, object: object): Uint8Array {
  return enveloped(type, object, encodeMessage(type, object));
}

/** The same of a list, in steps. */
export function* encodeProtobufList(
  type: string,
  list: object & { readonly items: readonly unknown[] },
): Steps<Uint8Array> {
  return enveloped(type, list, yield* encodeListSteps(type, list));
}

function enveloped(type: string, object: object, message: Uint8Array): Uint8Array {
  const { apiVersion, kind } = object as { readonly kind?: unknown; readonly apiVersion?: unknown };
  const writer = wireWriter();
  writeMessage(writer, 1, (inner) => {
    writeString(inner, 1, textOr(apiVersion, versionOf(type)));
    writeString(inner, 2, textOr(kind, type.slice(type.indexOf('.') + 1)));
  });
  writeBytes(writer, 2, message);
  writeString(writer, 3, '');
  writeString(writer, 4, '');
  return withMagic(written(writer));
}

/**
 * Decodes a body with its envelope to what JSON would hold, `kind` and `apiVersion` as the envelope has them. When they
 * name another kind than `type`, only they are returned: the caller refuses it. Throws ProtobufError.
 */
export function decodeProtobuf(type: string, bytes: Uint8Array, fieldsMax = Infinity): JsonObject {
  if (bytes.length === 0) throw new ProtobufError('empty data');
  if (magic.some((byte, index) => bytes[index] !== byte)) {
    throw new ProtobufError(
      `provided data does not appear to be a protobuf message, expected prefix [${magic.join(' ')}]`,
    );
  }
  const { apiVersion, kind, raw, contentType } = readUnknown(bytes.subarray(magic.length));
  const typeMeta = { ...(kind === '' ? {} : { kind }), ...(apiVersion === '' ? {} : { apiVersion }) };
  if (contentType.startsWith('application/json'))
    return { ...typeMeta, ...(embeddedJson(new TextDecoder().decode(raw)) as JsonObject) };
  const wanted = findType(type)?.groupVersionKind;
  if (kind !== '' && kind !== wanted?.kind) return typeMeta;
  return { ...typeMeta, ...decodeMessage(type, raw, { depth: 0, budget: { fields: fieldsMax, entries: new Map() } }) };
}

interface Unknown {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
  readonly contentType: string;
}

function readUnknown(bytes: Uint8Array): Unknown {
  const unknown = { apiVersion: '', kind: '', raw: new Uint8Array(), contentType: '' };
  const reader = wireReader(bytes);
  for (let tag = readTag(reader); tag !== undefined; tag = readTag(reader)) {
    if (tag.wire !== wireTypes.bytes) skipField(reader, tag.wire);
    else if (tag.field === 1) Object.assign(unknown, readTypeMeta(readBytes(reader)));
    else if (tag.field === 2) unknown.raw = new Uint8Array(readBytes(reader));
    else if (tag.field === 4) unknown.contentType = readString(reader);
    else readBytes(reader);
  }
  return unknown;
}

function readTypeMeta(bytes: Uint8Array): { readonly apiVersion: string; readonly kind: string } {
  const reader = wireReader(bytes);
  const meta = { apiVersion: '', kind: '' };
  for (let tag = readTag(reader); tag !== undefined; tag = readTag(reader)) {
    if (tag.field === 1) meta.apiVersion = readString(reader);
    else if (tag.field === 2) meta.kind = readString(reader);
    else skipField(reader, tag.wire);
  }
  return meta;
}

function withMagic(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(magic.length + message.length);
  bytes.set(magic);
  bytes.set(message, magic.length);
  return bytes;
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback;
}

function versionOf(type: string): string {
  const kind = typeSchema(type).groupVersionKind;
  return kind === undefined ? '' : apiVersionOf(kind);
}
