/** Header blocks of SPDY/3, compressed with their dictionary. */
import { constants, createDeflate, createInflate } from 'node:zlib';

const names = [
  'options',
  'head',
  'post',
  'put',
  'delete',
  'trace',
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'accept-ranges',
  'age',
  'allow',
  'authorization',
  'cache-control',
  'connection',
  'content-base',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'date',
  'etag',
  'expect',
  'expires',
  'from',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'pragma',
  'proxy-authenticate',
  'proxy-authorization',
  'range',
  'referer',
  'retry-after',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'vary',
  'via',
  'warning',
  'www-authenticate',
  'method',
  'get',
  'status',
  '200 OK',
  'version',
  'HTTP/1.1',
  'url',
  'public',
  'set-cookie',
  'keep-alive',
  'origin',
];
const rest =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505' +
  '203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized' +
  '403 Forbidden404 Not Found500 Internal Server Error' +
  '501 Not Implemented503 Service Unavailable' +
  'Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT' +
  'chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,' +
  'text/javascript,public' +
  'privatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.';

/** The dictionary that both ends of SPDY/3 begin with (draft-mbelshe-httpbis-spdy-00 section 2.6.10.1). */
const dictionary = Buffer.concat([
  ...names.map((name) => Buffer.concat([uint32(name.length), Buffer.from(name)])),
  Buffer.from(rest),
]);

const headerBytesMax = 64 * 1024;

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/**
 * Header blocks of one direction share one compressor for the life of the session, so they must be handled in their
 * order.
 */
export function headerReader(): (block: Uint8Array) => Promise<Readonly<Record<string, string>>> {
  const inflate = createInflate({ dictionary, flush: constants.Z_SYNC_FLUSH });
  const chunks: Buffer[] = [];
  let failure: Error | undefined;
  inflate.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
  });
  inflate.on('error', (error) => {
    failure = error;
  });
  return async (block) => {
    await new Promise<void>((resolve, reject) => {
      if (failure !== undefined) {
        reject(failure);
        return;
      }
      inflate.once('error', reject);
      inflate.write(block, () => {
        inflate.off('error', reject);
        resolve();
      });
    });
    return parsed(Buffer.concat(chunks.splice(0)));
  };
}

function parsed(bytes: Buffer): Readonly<Record<string, string>> {
  if (bytes.byteLength > headerBytesMax) throw new RangeError('the headers of a SPDY stream are too long');
  const headers: Record<string, string> = {};
  const count = bytes.readUInt32BE(0);
  let at = 4;
  const text = (): string => {
    const length = bytes.readUInt32BE(at);
    at += 4 + length;
    return bytes.toString('utf8', at - length, at);
  };
  for (let i = 0; i < count; i++) {
    const name = text().toLowerCase();
    headers[name] = text();
  }
  return headers;
}

/** Writes blocks without any header: all that a server of these streams has to say. */
export function emptyHeaderWriter(): () => Promise<Uint8Array> {
  const deflate = createDeflate({ dictionary, flush: constants.Z_SYNC_FLUSH });
  const chunks: Buffer[] = [];
  deflate.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
  });
  return () =>
    new Promise((resolve) => {
      deflate.write(uint32(0), () => {
        resolve(Buffer.concat(chunks.splice(0)));
      });
    });
}
