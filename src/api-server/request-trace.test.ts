import test from 'ava';
import { seededRandom } from '../base/index.ts';
import { noBytes } from './request.ts';
import { requestInfo } from './request-info.ts';
import { requestTrace } from './request-trace.ts';

const id = '4bf92f35-77b3-4da6-a3ce-929d0e0e4736';
const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const traceOf = (
  method: string,
  path: string,
  headers: Record<string, string> = {},
  { id: requestId = id, drawn = false } = {},
): ReturnType<typeof requestTrace> =>
  requestTrace(
    {
      request: { method, path, query: '', headers, body: noBytes },
      id: requestId,
      info: requestInfo(method, path, { watch: false, fieldName: '' }),
    },
    { drawn, random: seededRandom(1) },
  );

test('a write begins a trace that its Audit-ID names; a read only goes on with one', (t) => {
  t.deepEqual(traceOf('POST', '/api/v1/namespaces/a/pods'), { traceId: id.replaceAll('-', ''), spanId: '' });
  t.deepEqual(traceOf('POST', '/api/v1/namespaces/a/pods', {}, { drawn: true }), {
    traceId: id.replaceAll('-', ''),
    spanId: '',
  });
  t.is(traceOf('GET', '/api/v1/namespaces/a/pods'), undefined);
  t.deepEqual(traceOf('GET', '/version', { traceparent: given }), {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
  });
  t.is(traceOf('POST', '/troupe/api/members'), undefined);
});

test('heartbeats and events begin no trace, nor do malformed headers; an odd Audit-ID gets a new one', (t) => {
  t.is(traceOf('PUT', '/apis/coordination.k8s.io/v1/namespaces/a/leases/b'), undefined);
  t.is(traceOf('POST', '/api/v1/namespaces/a/events'), undefined);
  for (const traceparent of [
    '',
    'x',
    given.toUpperCase(),
    given.replace('00-', 'ff-'),
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `${given}"},`,
  ])
    t.is(traceOf('GET', '/version', { traceparent }), undefined, traceparent);
  t.regex(traceOf('DELETE', '/api/v1/namespaces/a', {}, { id: 'my own id' })?.traceId ?? '', /^[0-9a-f]{32}$/);
});
