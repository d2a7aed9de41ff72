/**
 * The protobuf encoding of the API, driven by the field numbers of the tables: one codec for every type, no generated
 * code.
 *
 * Contract: decoding gives what JSON would hold (quantities, times and int-or-strings as JSON has them, bytes as
 * base64), not yet checked or ordered; decoding/ does that for every encoding alike. Unknown fields are passed over, as
 * upstream does. Bodies stand in an envelope: `k8s\0`, then a runtime.Unknown with apiVersion, kind and the message.
 */
export { decodeMessage } from './decode-message.ts';
export { encodeMessage } from './encode-message.ts';
export { decodeProtobuf, encodeProtobuf, encodeProtobufList } from './envelope.ts';
export {
  ProtobufError,
  readBytes,
  readString,
  readTag,
  readVarint,
  skipField,
  wireReader,
  type WireReader,
} from './wire-reader.ts';
export {
  wireWriter,
  type WireWriter,
  writeBytes,
  writeDouble,
  writeInteger,
  writeMessage,
  writeString,
  written,
} from './wire-writer.ts';
