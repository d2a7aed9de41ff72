import { readFileSync } from 'node:fs';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import test from 'ava';
import { decode, encode } from '../../src/bus/index.ts';
import { Cluster, eventually } from './cluster.ts';

/** The NATS door by a stock NATS client that knows nothing of Troupe but nats.json. */
let cluster: Cluster;
let nats: NatsConnection;
let file: { readonly servers: string[]; readonly cluster: string; readonly token: string };

test.before(async () => {
  cluster = await Cluster.create('natsdoor', ['--nodes', '0']);
  file = JSON.parse(readFileSync(`${cluster.home}/nats.json`, 'utf8')) as typeof file;
  nats = await connect({ servers: file.servers, token: file.token });
});
test.after.always(async () => {
  await nats?.close();
  if (cluster !== undefined) cluster.destroy();
});

interface Reply {
  readonly status: number;
  readonly body: {
    readonly [key: string]: unknown;
    readonly message?: string;
    readonly metadata?: { readonly resourceVersion?: string };
  };
}

async function ask(
  request: unknown,
  options: { readonly token?: string; readonly packed?: boolean } = {},
): Promise<Reply> {
  const sent = headers();
  sent.set('Authorization', `Bearer ${options.token ?? file.token}`);
  const payload = options.packed === true ? encode(request) : JSON.stringify(request);
  const answer = await nats.request(`troupe.${file.cluster}.api`, payload, { timeout: 30_000, headers: sent });
  return (options.packed === true ? decode(answer.data) : answer.json()) as Reply;
}

const maps = { group: '', version: 'v1', resource: 'configmaps', namespace: 'default' };

test.serial('every verb means what it means over HTTP, in JSON and in msgpack', async (t) => {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'by-nats' }, data: { a: '1' } };
  t.is((await ask({ verb: 'create', ...maps, body })).status, 201);
  t.is(cluster.must('get', 'configmap', 'by-nats', '-o', 'jsonpath={.data.a}'), '1');
  t.like(await ask({ verb: 'create', ...maps, body }), {
    status: 409,
    body: { reason: 'AlreadyExists', message: 'configmaps "by-nats" already exists' },
  });
  const patched = await ask(
    {
      verb: 'patch',
      ...maps,
      name: 'by-nats',
      contentType: 'application/merge-patch+json',
      body: { data: { b: '2' } },
    },
    { packed: true },
  );
  t.like(patched, { status: 200, body: { data: { a: '1', b: '2' } } });
  t.like(await ask({ verb: 'list', ...maps, query: { fieldSelector: 'metadata.name=by-nats' } }), {
    status: 200,
    body: { kind: 'ConfigMapList' },
  });
  t.is((await ask({ verb: 'delete', ...maps, name: 'by-nats' })).status, 200);
  t.like(await ask({ verb: 'get', ...maps, name: 'by-nats' }), { status: 404, body: { reason: 'NotFound' } });
});

test.serial('a wrong token is refused as over HTTP', async (t) => {
  t.like(await ask({ verb: 'get', ...maps, name: 'x' }, { token: 'wrong' }), {
    status: 401,
    body: { reason: 'Unauthorized' },
  });
});

test.serial('a watch is a numbered stream, and the change feed tells every change', async (t) => {
  const seen: string[] = [];
  const numbers: number[] = [];
  const inbox = `_INBOX.${file.cluster}.watch`;
  nats.subscribe(inbox, {
    callback: (_error, message) => {
      const { seq, event } = message.json<{
        seq: number;
        event?: { type: string; object: { metadata: { name: string } } };
      }>();
      numbers.push(seq);
      if (event !== undefined) seen.push(`${event.type} ${event.object.metadata.name}`);
    },
  });
  const feed: string[] = [];
  nats.subscribe(`troupe.${file.cluster}.events.core.configmaps.default.*`, {
    callback: (_error, message) => {
      feed.push(message.subject.split('.').at(-1) ?? '');
    },
  });
  const sent = headers();
  sent.set('Authorization', `Bearer ${file.token}`);
  nats.publish(
    `troupe.${file.cluster}.api`,
    JSON.stringify({ verb: 'watch', ...maps, query: { fieldSelector: 'metadata.name=watched' } }),
    { reply: inbox, headers: sent },
  );
  await nats.flush();
  await eventually('the watch to begin', () => {
    cluster.kubectl('create', 'configmap', 'watched');
    return seen.length > 0;
  });
  cluster.must('label', 'configmap', 'watched', 'x=y');
  cluster.must('delete', 'configmap', 'watched');
  await eventually('all three events', () => seen.includes('DELETED watched'));
  t.deepEqual(seen, ['ADDED watched', 'MODIFIED watched', 'DELETED watched']);
  t.deepEqual(
    numbers,
    numbers.map((_, i) => i + 1),
  );
  await eventually('the feed to have told them', () => feed.filter((name) => name === 'watched').length >= 3);
});

test.serial('garbage on the door gets an answer that says what is wrong, and harms nothing', async (t) => {
  for (const payload of [
    '',
    'nonsense',
    '{}',
    '[1,2',
    JSON.stringify({ verb: 'fly', ...maps }),
    new Uint8Array([0xc1, 0xff, 0x00]),
  ]) {
    const sent = headers();
    sent.set('Authorization', `Bearer ${file.token}`);
    const answer = await nats.request(`troupe.${file.cluster}.api`, payload, { timeout: 30_000, headers: sent });
    t.regex(new TextDecoder().decode(answer.data), /400|BadRequest|405|MethodNotAllowed/);
  }
  t.is((await ask({ verb: 'list', ...maps })).status, 200);
});
