import test from 'ava';
import { silentMetrics } from '../base/index.ts';
import type { ApiHttpRequest, ApiHttpResponse } from './request.ts';
import { bodyJson, startDoor } from './testing/index.ts';

const certificate = {
  commonName: 'admin',
  organizations: ['system:masters'],
  fingerprint: 'f',
  notBefore: 0,
  notAfter: Infinity,
};
const body = new TextEncoder().encode(
  JSON.stringify({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a', namespace: 'default' } }),
);
const path = '/api/v1/namespaces/default/configmaps';
const json = { 'content-type': 'application/json', host: 'cluster.example:6443', 'user-agent': 'Mozilla/5.0' };

/** What a browser sends with the certificate that it holds. */
function request(method: string, headers: Readonly<Record<string, string>>, more: object = {}): ApiHttpRequest {
  const sent = method === 'GET' ? new Uint8Array(0) : body;
  return { method, path, query: '', headers: { ...json, ...headers }, body: sent, certificate, ...more };
}

async function counted(asked: ApiHttpRequest): Promise<{ answer: ApiHttpResponse; reasons: readonly unknown[] }> {
  const reasons: unknown[] = [];
  const count = (name: string, labels: object = {}): void => {
    if (name === 'troupe_refused_foreign_requests_total') reasons.push(labels);
  };
  const { handler } = startDoor({ metrics: { ...silentMetrics, count } });
  return { answer: await handler(asked), reasons };
}

const websocket = { upgrade: { to: 'websocket', protocols: [] }, query: 'watch=true' };
for (const [title, asked, reason] of [
  ['a write of another site', request('POST', { 'sec-fetch-site': 'cross-site' }), 'site'],
  ['a write of a sister site', request('POST', { 'sec-fetch-site': 'same-site' }), 'site'],
  ['a deletion by another site', request('DELETE', { 'sec-fetch-site': 'cross-site' }), 'site'],
  ['a write from a foreign origin', request('POST', { origin: 'https://evil.example' }), 'origin'],
  ['a write from a sandbox', request('POST', { origin: 'null' }), 'origin'],
  ['a write from another port', request('POST', { origin: 'https://cluster.example' }), 'origin'],
  ['a write from the same name without TLS', request('POST', { origin: 'http://cluster.example:6443' }), 'origin'],
  ['a WebSocket of a foreign origin', request('GET', { origin: 'https://evil.example' }, websocket), 'origin'],
  ['a WebSocket of a page at localhost', request('GET', { origin: 'http://localhost' }, websocket), 'origin'],
] as const)
  test(`${title} is refused when the browser shows a certificate`, async (t) => {
    const { answer, reasons } = await counted(asked);
    t.is(answer.status, 403, JSON.stringify(bodyJson(answer)));
    t.like(bodyJson(answer), { kind: 'Status', reason: 'Forbidden', code: 403 });
    t.regex(String(bodyJson(answer)['message']), /another site/);
    t.deepEqual(reasons, [{ reason }]);
  });

const bare = { host: 'cluster.example:6443', 'user-agent': '' };
for (const [title, asked] of [
  ["the dashboard's own", request('POST', { 'sec-fetch-site': 'same-origin', origin: 'https://cluster.example:6443' })],
  ['of the same origin in an older browser', request('POST', { origin: 'https://Cluster.example:6443' })],
  ['through kubectl proxy', request('POST', { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:8001' })],
  ['of a program', request('POST', {})],
  ['of a program with a token', request('POST', { ...evil(), authorization: 'Bearer admin-token' }, noCertificate())],
] as const)
  test(`a write ${title} is let through`, async (t) => {
    t.is((await counted(asked)).answer.status, 201);
  });

test("a WebSocket of Go's library, which calls itself localhost, is let through", async (t) => {
  const { answer } = await counted(request('GET', { ...bare, origin: 'http://localhost' }, websocket));
  t.not(answer.status, 403);
});

test('reading is nobody else to refuse: the browser keeps the answer from the other site', async (t) => {
  t.is((await counted(request('GET', { 'sec-fetch-site': 'cross-site' }))).answer.status, 200);
});

test('a page that does not say what its body is, is refused', async (t) => {
  const headers = { 'content-type': '', origin: 'https://cluster.example:6443', 'sec-fetch-site': 'same-origin' };
  const { answer, reasons } = await counted(request('POST', headers));
  t.is(answer.status, 415);
  t.regex(String(bodyJson(answer)['message']), /Content-Type/);
  t.deepEqual(reasons, [{ reason: 'content-type' }]);
  t.is((await counted(request('POST', { 'content-type': '' }))).answer.status, 201, 'programs may leave it out');
});

function evil(): Readonly<Record<string, string>> {
  return { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
}

function noCertificate(): object {
  return { certificate: undefined };
}
