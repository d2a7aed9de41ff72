import { type AddressInfo, createServer, type Server } from 'node:net';
import test from 'ava';
import { ApiClient, isRefused, Unanswered } from './api-client.ts';

/** A server that takes connections and does with each what it is told. */
async function serverThat(act: 'says nothing' | 'closes'): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (act === 'closes') socket.once('data', () => socket.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { server, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test('a call without an answer is unknown: it may have been carried out', async (t) => {
  for (const act of ['says nothing', 'closes'] as const) {
    const { server, url } = await serverThat(act);
    const client = new ApiClient({ urls: [url] });
    const outcome = await client.call({ path: '/', timeoutMs: 200 });
    t.is(outcome.type, 'unknown', act);
    client.close();
    server.close();
  }
});

test('a call that found no server was not carried out; the next one goes to the next server', async (t) => {
  const { server, url } = await serverThat('closes');
  server.close();
  const client = new ApiClient({ urls: [url, url] });
  t.is((await client.call({ path: '/', turn: 1 })).type, 'unsent');
  const error = await t.throwsAsync(client.must({ path: '/version' }), { instanceOf: Unanswered });
  t.regex(error.message, /^GET \/version: connect ECONNREFUSED/);
  client.close();
});

test('only a client’s mistake or a conflict is a refusal for sure', (t) => {
  t.deepEqual(
    [200, 400, 404, 408, 409, 429, 500, 503].map((status) => isRefused({ status })),
    [false, true, true, false, true, true, false, false],
  );
});
