/** The JSON of an answer, whole or streamed. */
import type { ApiHttpResponse } from '../request.ts';

const documentBytesMax = 16 * 1024 * 1024;

/**
 * The parsed body of an answer of bounded length. Rejects when it is none of status 200, with the message of a Status
 * where the body is one.
 */
export function jsonOf({ status, body }: ApiHttpResponse): Promise<unknown> {
  const parsed = (pieces: readonly Uint8Array[]): unknown => {
    const text = Buffer.concat(pieces).toString();
    if (status !== 200) throw new Error(statusMessage(text) ?? `status ${String(status)}`);
    return JSON.parse(text);
  };
  return new Promise((resolve, reject) => {
    if (typeof body !== 'function') {
      resolve(parsed(body instanceof Uint8Array ? [body] : body));
      return;
    }
    const pieces: Uint8Array[] = [];
    let size = 0;
    body({
      write: (bytes) => {
        pieces.push(bytes);
        size += bytes.byteLength;
        if (size > documentBytesMax) reject(new Error('the document is too large'));
        return size <= documentBytesMax;
      },
      end: () => {
        try {
          resolve(parsed(pieces));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      },
      abort: () => {
        reject(new Error('the document was broken off'));
      },
      full: false,
      onDrain: () => undefined,
      onClose: () => undefined,
    });
  });
}

function statusMessage(text: string): string | undefined {
  try {
    const { kind, message } = JSON.parse(text) as { readonly kind?: unknown; readonly message?: unknown };
    return kind === 'Status' && typeof message === 'string' && message !== '' ? message : undefined;
  } catch {
    return undefined;
  }
}
