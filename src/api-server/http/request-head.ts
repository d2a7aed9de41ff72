/** Reads the heads of plain HTTP/1.1 requests. */
import type { Headers } from '../request.ts';

/** The head of a request with nothing unusual about it. */
export interface PlainHead {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly fields: HeaderFields;
  /** Bytes from the beginning of the head to the beginning of the body. */
  readonly headBytes: number;
}

export interface HeaderFields {
  /** The fields as they stand in the head, line ends included. */
  readonly text: string;
  /** Names in lower case. */
  readonly headers: Headers;
  readonly bodyBytes: number;
}

const headEnd = Buffer.from('\r\n\r\n');
/** Larger heads are left to Node, which knows its limit for them. */
const headBytesMax = 8 * 1024;
const requestLine = /^(GET|POST|PUT|PATCH|DELETE) (\/[!-~]*) HTTP\/1\.1$/;
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const fieldValue = /^[\t -~\x80-\xff]*$/;
const bodyLength = /^\d{1,7}$/;
/** What these ask for takes more than reading a request and writing an answer. */
const demanding = new Set(['transfer-encoding', 'upgrade', 'expect', 'trailer', 'proxy-connection', 'http2-settings']);

/**
 * Reads the head of a request (RFC 9112) when it is whole and of the ordinary kind that clients send nearly always.
 * Undefined for everything else, be it unusual, unfinished or wrong: Node's parser judges that, so this one may be as
 * narrow as it likes and never has to guess. `known` are the fields of the connection's last request; clients repeat
 * them, and then they are not read again.
 */
export function readPlainHead(data: Buffer, known?: HeaderFields): PlainHead | undefined {
  const end = data.indexOf(headEnd);
  if (end < 0 || end > headBytesMax) return undefined;
  const text = data.toString('latin1', 0, end + 2);
  const lineEnd = text.indexOf('\r\n');
  const line = requestLine.exec(text.slice(0, lineEnd));
  const [, method, target] = line ?? [];
  if (method === undefined || target === undefined) return undefined;
  const fieldText = text.slice(lineEnd + 2);
  const fields = known?.text === fieldText ? known : readFields(fieldText);
  if (fields === undefined) return undefined;
  const mark = target.indexOf('?');
  return {
    method,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    fields,
    headBytes: end + headEnd.length,
  };
}

function readFields(text: string): HeaderFields | undefined {
  const headers: Record<string, string> = {};
  for (const line of text.slice(0, -2).split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    // Repeated fields are Node's to join; names that every object has are nobody's.
    if (colon < 1 || !fieldName.test(name) || !fieldValue.test(value) || name in headers || demanding.has(name))
      return undefined;
    headers[name] = value;
  }
  const { host, connection = 'keep-alive', 'content-length': length = '0' } = headers;
  if (host === undefined || connection.toLowerCase() !== 'keep-alive' || !bodyLength.test(length)) return undefined;
  return { text, headers, bodyBytes: Number(length) };
}
