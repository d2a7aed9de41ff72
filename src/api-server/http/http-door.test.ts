import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerResponse, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import test from 'ava';
import type { ApiHttpRequest, ApiHttpResponse } from '../request.ts';
import { nodeOutgoing } from './node-outgoing.ts';
import { SharedChunks } from './outgoing.ts';
import { writeResponse } from './response-writing.ts';
import { staticFiles } from './static-files.ts';

/** What an answer looks like on the wire; the connection goes nowhere. */
function written(response: ApiHttpResponse, request: Partial<ApiHttpRequest> = {}): string {
  const socket = new Socket();
  const pieces: Buffer[] = [];
  socket.write = ((chunk: string | Uint8Array, encoding?: BufferEncoding) => {
    pieces.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk));
    return true;
  }) as typeof socket.write;
  const incoming = new IncomingMessage(socket);
  incoming.httpVersionMajor = 1;
  incoming.httpVersionMinor = 1;
  const outgoing = new ServerResponse(incoming);
  outgoing.sendDate = false;
  outgoing.assignSocket(socket);
  writeResponse(
    { method: 'GET', path: '/', query: '', headers: {}, body: new Uint8Array(0), ...request },
    response,
    nodeOutgoing(outgoing, new SharedChunks()),
  );
  return Buffer.concat(pieces).toString('utf8');
}

test('head and body go out together, byte for byte', (t) => {
  const text = written({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode('{"k":"grüße €😀"}'),
  });
  t.regex(text, /^HTTP\/1\.1 200 OK\r\n/);
  t.regex(text, /content-length: 23\r\n/);
  t.true(text.endsWith('\r\n\r\n{"k":"grüße €😀"}'));
});

test('warnings outside Latin-1 are sent as UTF-8', (t) => {
  t.regex(
    written({ status: 200, headers: { warning: ['299 - "unknown field \\"spec.€\\""'] }, body: new Uint8Array(0) }),
    /warning: 299 - "unknown field \\"spec\.€\\""\r\n/,
  );
});

test('a stream is sent in chunks, the same bytes to every reader', (t) => {
  const bytes = new TextEncoder().encode('{"type":"ADDED"}\n');
  const response: ApiHttpResponse = {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: (sink) => {
      t.true(sink.write(bytes));
    },
  };
  for (let i = 0; i < 2; i++) t.true(written(response).endsWith('11\r\n{"type":"ADDED"}\n\r\n'));
});

test('a HEAD has the length of the body and no body', (t) => {
  const text = written({ status: 200, headers: {}, body: new Uint8Array(7) }, { method: 'HEAD' });
  t.regex(text, /content-length: 7\r\n/);
  t.true(text.endsWith('\r\n\r\n'));
});

test('only files of the folder are served', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'files-'));
  writeFileSync(join(folder, 'index.html'), '<p>');
  const files = staticFiles(folder);
  t.is(files('index.html')?.contentType, 'text/html; charset=utf-8');
  t.is(files('../etc/passwd'), undefined);
  t.is(staticFiles(undefined)('index.html'), undefined);
});
