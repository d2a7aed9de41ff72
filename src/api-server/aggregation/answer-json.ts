import type { ApiHttpResponse } from '../request.ts';

const documentBytesMax = 16 * 1024 * 1024;

/** The parsed body of an answer of bounded length. Rejects when it is none of status 200. */
export function jsonOf({ status, body }: ApiHttpResponse): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (typeof body !== 'function') { reject(new Error('the answer is not streamed')); return; }
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
          if (status !== 200) throw new Error(`status ${String(status)}`);
          resolve(JSON.parse(Buffer.concat(pieces).toString()));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      },
      full: false, onDrain: () => undefined, onClose: () => undefined,
    });
  });
}
