import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { ApiClient, type Call, isRefused, type Outcome, Unanswered } from './api-client.ts';

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

test('a socket of this machine is called without TLS; where there is none the call was not carried out', async (t) => {
  const path = join(mkdtempSync(join(tmpdir(), 'troupe-socket-')), 'api.sock');
  const client = new ApiClient({ urls: [`unix://${path}`] });
  t.is((await client.call({ path: '/_ping' })).type, 'unsent');
  const server = createHttpServer((asked, answer) => answer.end(`${asked.method ?? ''} ${asked.url ?? ''}`));
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  const outcome = await client.call({ method: 'POST', path: '/configs/create?a=b', body: {} });
  t.deepEqual(outcome, { type: 'answered', status: 200, text: 'POST /configs/create?a=b' });
  client.close();
  server.close();
  rmSync(dirname(path), { recursive: true });
});

test('only a client’s mistake or a conflict is a refusal for sure', (t) => {
  t.deepEqual(
    [200, 400, 404, 408, 409, 429, 500, 503].map((status) => isRefused({ status })),
    [false, true, true, false, true, true, false, false],
  );
});

/** Answers each call with the next of these. */
class Answering extends ApiClient {
  readonly #outcomes: Outcome[];
  readonly asked: string[] = [];
  constructor(outcomes: Outcome[]) {
    super({ urls: ['https://127.0.0.1:9'] });
    this.#outcomes = outcomes;
  }
  override call({ method = 'GET', path }: Call): Promise<Outcome> {
    this.asked.push(`${method} ${path}`);
    return Promise.resolve(this.#outcomes.shift() ?? { type: 'unknown', why: 'no more' });
  }
}

test('a create that is there already was carried out by a try without an answer, else it is refused', async (t) => {
  const unknown: Outcome = { type: 'unknown', why: 'x' };
  const conflict: Outcome = { type: 'answered', status: 409, text: 'AlreadyExists' };
  const found: Outcome = { type: 'answered', status: 200, text: '{"found":true}' };
  const create: Call = { method: 'POST', path: '/things', body: { metadata: { name: 'a' } } };
  const client = new Answering([unknown, conflict, found]);
  t.deepEqual(await client.must(create), { found: true });
  t.deepEqual(client.asked, ['POST /things', 'POST /things', 'GET /things/a']);
  await t.throwsAsync(new Answering([conflict]).must(create), { message: 'POST /things: 409 AlreadyExists' });
});
