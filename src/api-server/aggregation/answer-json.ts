/** The JSON of an answer, whole or streamed. */
import type { ApiHttpResponse } from '../request.ts';

const documentBytesMax = 16 * 1024 * 1024;

/** The parsed body of an answer of bounded length. Rejects when it is none of status 200. */
export function jsonOf({ status, body }: ApiHttpResponse): Promise<unknown> {
  const parsed = (pieces: readonly Uint8Array[]): unknown => {
    if (status !== 200) throw new Error(`status ${String(status)}`);
    return JSON.parse(Buffer.concat(pieces).toString());
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
