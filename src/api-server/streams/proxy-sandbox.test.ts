import test from 'ava';
import type { RequestContext } from '../request-context.ts';
import { sandboxed } from './proxy-sandbox.ts';

const certificate = { commonName: 'admin', organizations: [], fingerprint: 'f', notBefore: 0, notAfter: Infinity };

/** The policies of an answer of this type to a browser that sent these headers. */
function policies(headers: Readonly<Record<string, string>>, contentType = 'text/html', more: object = {}): unknown {
  const http = { method: 'GET', path: '/', query: '', headers, body: new Uint8Array(0), certificate, ...more };
  const context = { http, user: { name: 'admin', groups: [] } } as unknown as RequestContext;
  const own = { 'content-type': contentType, 'content-security-policy': "default-src 'self'" };
  return sandboxed(context, { status: 200, headers: own, body: new Uint8Array(0) })['content-security-policy'];
}

const sandbox = ["default-src 'self'", 'sandbox'];

test("a page of a pod's that a browser opens by its certificate has no part in the API's origin", (t) => {
  for (const destination of ['document', 'iframe', 'embed', 'object'])
    t.deepEqual(policies({ 'sec-fetch-dest': destination }), sandbox, destination);
  for (const type of ['text/html; charset=utf-8', 'image/svg+xml', 'application/xhtml+xml', 'text/xml'])
    t.deepEqual(policies({}, type), sandbox, `${type} in an older browser`);
});

test('what is no document is passed on as it is', (t) => {
  for (const destination of ['empty', 'image', 'script'])
    t.is(policies({ 'sec-fetch-dest': destination }), undefined, destination);
  t.is(policies({}, 'application/json'), undefined);
});

test('pages that are asked for by a token or through kubectl proxy are passed on as they are', (t) => {
  const document = { 'sec-fetch-dest': 'document' };
  const byToken = { ...document, authorization: 'Bearer t' };
  t.is(policies(byToken, 'text/html', { certificate: undefined }), undefined);
  t.is(policies({ ...document, 'x-forwarded-for': '127.0.0.1' }), undefined);
});
