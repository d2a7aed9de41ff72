/** Passes the pages of a backend on with their links behind the proxy's path. */
import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable, Transform, type TransformCallback } from 'node:stream';
import { createDeflate, createGunzip, createGzip, createInflate } from 'node:zlib';
import { PageLinks } from './page-links.ts';

/** What unpacks and packs a body; none for one that is not packed. */
const codings: Readonly<Record<string, readonly [() => Transform, () => Transform] | undefined>> = {
  gzip: [createGunzip, createGzip],
  'x-gzip': [createGunzip, createGzip],
  deflate: [createInflate, createDeflate],
};

/**
 * The answer's body, in which links that begin with `/` have `prefix` in front if it is a whole HTML page. One that is
 * packed in another way than Kubernetes' proxy knows passes as it is.
 */
export function pageBody(answer: IncomingMessage, prefix: string): Readable {
  const { headers, statusCode } = answer;
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const packing = Object.hasOwn(codings, coding) ? codings[coding] : undefined;
  if (type !== 'text/html' || statusCode === 206 || (packing === undefined && coding !== 'identity')) return answer;
  const [unpack, pack] = packing ?? [];
  const parts = [unpack?.(), linkMover(prefix), pack?.()].filter((part) => part !== undefined);
  const last = parts.at(-1) ?? answer;
  // Whatever fails on the way fails the last one, which the reader hears.
  pipeline([answer, ...parts], () => undefined);
  return last;
}

/** Each byte is a character to the rewriter: it looks for ASCII alone. */
function linkMover(prefix: string): Transform {
  const links = new PageLinks(prefix);
  return new Transform({
    transform: (chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) => {
      done(null, Buffer.from(links.push(chunk.toString('latin1')), 'latin1'));
    },
    flush: (done: TransformCallback) => {
      done(null, Buffer.from(links.end(), 'latin1'));
    },
  });
}
