import { gunzipSync } from 'node:zlib';
import test from 'ava';
import type { ApiHttpRequest } from '../request.ts';
import type { AnswerHeaders, Outgoing } from './outgoing.ts';
import { writeResponse } from './response-writing.ts';

test('a compressed answer depends on what the client accepts, beside what it depended on before', async (t) => {
  const body = Buffer.alloc(200_000, 'a');
  const request = { method: 'GET', headers: { 'accept-encoding': 'gzip' } } as unknown as ApiHttpRequest;
  const sent = await new Promise<{ headers: AnswerHeaders; bytes: Buffer }>((resolve, reject) => {
    const outgoing: Outgoing = {
      send: (_status, headers, pieces) => {
        resolve({ headers, bytes: Buffer.concat(pieces) });
      },
      stream: () => {
        reject(new Error('no stream'));
        throw new Error('no stream');
      },
    };
    writeResponse(request, { status: 200, headers: { vary: 'Accept' }, body }, outgoing);
  });
  t.like(sent.headers, { vary: 'Accept, Accept-Encoding', 'content-encoding': 'gzip' });
  t.true(gunzipSync(sent.bytes).equals(body));
});
