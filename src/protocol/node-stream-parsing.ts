/** Parses the messages of streams between doors and agents. */
import { isObject } from '../base/index.ts';
import type { AnswerHead, OpenStream, StreamFrame } from './node-stream.ts';

const types: ReadonlySet<unknown> = new Set<OpenStream['type']>(['logs', 'exec', 'attach', 'port-forward', 'kubelet']);

/** A frame of a stream; undefined for what is none. */
export function parseStreamFrame(value: unknown): StreamFrame | undefined {
  if (!isObject(value) || !isNumber(value['seq'])) return undefined;
  const { type, seq, channel, data } = value;
  if (type === 'acknowledged') return { type, seq };
  if (type === 'data')
    return isNumber(channel) && data instanceof Uint8Array ? { type, seq, channel, data } : undefined;
  if (type !== 'end' || (channel !== undefined && !isNumber(channel))) return undefined;
  return channel === undefined ? { type, seq } : { type, seq, channel };
}

/** What a door asks of an agent; undefined for what is no such question. */
export function parseOpenStream(value: unknown): OpenStream | undefined {
  if (!isObject(value)) return undefined;
  const { type, command, logs, port, path } = value;
  const texts = ['namespace', 'pod', 'uid', 'container', 'toDoor'].every((name) => typeof value[name] === 'string');
  const flags = ['stdin', 'stdout', 'stderr', 'tty'].every(
    (name) => value[name] === undefined || typeof value[name] === 'boolean',
  );
  const isCommand =
    command === undefined || (Array.isArray(command) && command.every((part) => typeof part === 'string'));
  const isPort = port === undefined || (isNumber(port) && port <= 65_535);
  const isPath = type === 'kubelet' ? typeof path === 'string' : path === undefined;
  return types.has(type) && isPath && texts && flags && isCommand && isPort && (logs === undefined || isObject(logs))
    ? (value as unknown as OpenStream)
    : undefined;
}

const shownFields = ['content-type', 'location'];
const fieldText = /^[\t -~]*$/;

/** The head of a kubelet's answer, of which a door passes on no more than it knows; undefined for what is none. */
export function parseAnswerHead(value: unknown): AnswerHead | undefined {
  if (!isObject(value) || !isObject(value['headers']) || !isNumber(value['status'])) return undefined;
  const { status, headers } = value;
  if (status < 200 || status > 599) return undefined;
  const shown = shownFields.flatMap((name): readonly [string, string][] => {
    const text = headers[name];
    return typeof text === 'string' && fieldText.test(text) ? [[name, text]] : [];
  });
  return { status, headers: Object.fromEntries(shown) };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
