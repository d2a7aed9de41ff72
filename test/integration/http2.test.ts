import { connect, type ClientHttp2Session } from 'node:http2';
import test from 'ava';
import { Cluster, eventually, run } from './cluster.ts';

/** Lines of a collection's watch as they come, over a connection that other requests use too. */
function watchNames(
  session: ClientHttp2Session,
  token: string,
  path: string,
): { readonly names: readonly string[]; close(): void } {
  const names: string[] = [];
  const stream = session.request({ ':path': path, authorization: `Bearer ${token}` });
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines)
      names.push(
        (JSON.parse(line) as { readonly object: { readonly metadata: { readonly name: string } } }).object.metadata
          .name,
      );
  });
  return {
    names,
    close: () => {
      stream.close();
    },
  };
}

function ask(session: ClientHttp2Session, headers: Readonly<Record<string, string>>, body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === '' });
    stream
      .on('response', (answer) => {
        resolve(Number(answer[':status']));
      })
      .on('error', reject)
      .resume();
    if (body !== '') stream.end(body);
  });
}

test('kubectl and other clients speak HTTP/2: many requests and watches on one connection', async (t) => {
  t.timeout(240_000);
  const cluster = await Cluster.create('http2', ['--nodes', '0']);
  t.teardown(() => cluster.destroy());

  const seen = run('kubectl', ['--kubeconfig', cluster.kubeconfig, 'get', 'namespaces', '-o', 'name'], {
    env: { GODEBUG: 'http2debug=1' },
  });
  t.is(seen.status, 0, seen.stderr);
  t.true(seen.stdout.includes('namespace/default'));
  t.regex(seen.stderr, /http2: Transport received HEADERS/);
  const watched = run(
    'kubectl',
    ['--kubeconfig', cluster.kubeconfig, 'get', 'namespaces', '-o', 'name', '--watch', '--request-timeout', '5s'],
    { env: { GODEBUG: 'http2debug=1' } },
  );
  t.true(
    watched.stdout.includes('namespace/default') && watched.stderr.includes('http2: Transport received DATA'),
    watched.stderr.slice(-2_000),
  );

  const session = connect(cluster.url, { ca: cluster.ca });
  t.teardown(() => {
    session.destroy();
  });
  const path = '/api/v1/namespaces/default/configmaps';
  const headers = { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' };
  const watches = Array.from({ length: 20 }, () => watchNames(session, cluster.token, `${path}?watch=1`));
  const names = Array.from({ length: 100 }, (_, index) => `c-${String(index).padStart(3, '0')}`);
  const made = await Promise.all(
    names.map((name) =>
      ask(session, { ...headers, ':method': 'POST', ':path': path }, JSON.stringify({ metadata: { name } })),
    ),
  );
  t.deepEqual(new Set(made), new Set([201]));
  await eventually('every watch has every object', () =>
    watches.every(({ names: found }) => names.every((name) => found.includes(name))),
  );
  for (const watch of watches) watch.close();
  t.deepEqual(
    new Set(await Promise.all(names.map((name) => ask(session, { ...headers, ':path': `${path}/${name}` })))),
    new Set([200]),
  );
  t.is(await ask(session, { ':path': path }), 403);
});
