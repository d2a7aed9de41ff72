/** Messages as another process would get them, for tests. */
import { assert } from '../base/index.ts';
import { decode, encode } from '../bus/index.ts';

/**
 * The message as another process would get it: encoded and decoded. Under test every send goes this way, so that no
 * actor comes to depend on memory it shares with the sender. Functions (ways to answer) and handles of actors are what
 * an envelope carries beside the bytes; anything else that has no bytes is a mistake in the message.
 */
export function encodedSend<Message>(message: Message): Message {
  if (typeof message !== 'object' || message === null) return message;
  const beside: unknown[] = [];
  return putBack(decode(encode(takeOut(message, beside, 'message'))), beside) as Message;
}

const besideKey = '$beside';
const mapKey = '$map';
const setKey = '$set';

function takeOut(value: unknown, beside: unknown[], path: string): unknown {
  if (typeof value === 'function' || isHandle(value)) return { [besideKey]: beside.push(value) - 1 };
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((item, i) => takeOut(item, beside, `${path}[${i}]`));
  if (value instanceof Map) return { [mapKey]: takeOut([...value], beside, path) };
  if (value instanceof Set) return { [setKey]: takeOut([...value], beside, path) };
  const prototype: unknown = Object.getPrototypeOf(value);
  assert(
    prototype === Object.prototype || prototype === null,
    `${path} cannot travel to another process: it is a ${value.constructor.name}`,
  );
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, takeOut(field, beside, `${path}.${name}`)]),
  );
}

function isHandle(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'tell' in value && typeof value.tell === 'function';
}

function putBack(value: unknown, beside: readonly unknown[]): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map((item) => putBack(item, beside));
  if (besideKey in value && typeof value[besideKey] === 'number') return beside[value[besideKey]];
  if (mapKey in value) return new Map(putBack(value[mapKey], beside) as [unknown, unknown][]);
  if (setKey in value) return new Set(putBack(value[setKey], beside) as unknown[]);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, putBack(field, beside)]));
}
