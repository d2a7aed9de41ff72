import { request as httpsRequest } from 'node:https';
import test, { type ExecutionContext } from 'ava';
import type { SubjectAccessReview, TokenReview } from '../../api/index.ts';
import { silentLogger } from '../../base/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import type { Written } from '../../resources/index.ts';
import { openKubeletPort } from './kubelet-port.ts';
import { portCertificate } from './port-certificate.fixture.ts';

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

/** A port whose API knows these tokens, and lets their users do these things at the node n1. */
async function world(
  t: ExecutionContext,
  users: Map<string, { readonly name: string; readonly may: readonly string[] }>,
) {
  const time = new SimulatedTime();
  const asked: string[] = [];
  let broken = false;
  const create = <T>(ref: { readonly resource: string }, object: unknown): Promise<Written<T>> => {
    asked.push(ref.resource);
    if (broken) return Promise.reject(new Error('no member answers'));
    return Promise.resolve({ name: '', object: review(object) as T });
  };
  const review = (object: unknown): unknown => {
    const { spec, kind } = object as TokenReview & SubjectAccessReview;
    if (kind === 'TokenReview') {
      const user = users.get(spec.token ?? '');
      return { status: { authenticated: user !== undefined, user: { username: user?.name, groups: ['g'] } } };
    }
    const { verb, resource, subresource, name } = spec.resourceAttributes ?? {};
    const user = [...users.values()].find((known) => known.name === spec.user);
    return { status: { allowed: name === 'n1' && user?.may.includes(`${verb} ${resource}/${subresource}`) === true } };
  };
  const port = await openKubeletPort({
    node: 'n1',
    address: '127.0.0.1',
    port: 0,
    certificate: () => Promise.resolve(portCertificate),
    paths: (path) => Promise.resolve({ status: 200, headers: { 'content-type': 'text/plain' }, body: `of ${path}` }),
    client: { create },
    clock: time,
    timers: time,
    log: silentLogger,
  });
  t.teardown(() => port.close());
  const ask = (path: string, token?: string, method = 'GET'): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const at = { host: '127.0.0.1', port: port.port, path, method, headers, rejectUnauthorized: false, agent: false };
      const request = httpsRequest(at, (response) => {
        let body = '';
        response.on('data', (data: Buffer) => (body += data.toString()));
        response.on('end', () => {
          resolve({ status: response.statusCode, body });
        });
      });
      request.on('error', reject).end();
    });
  return { ask, asked, time, port: port.port, breakApi: (): unknown => (broken = true) };
}

const users = () =>
  new Map([
    ['scraper', { name: 'prometheus', may: ['get nodes/metrics'] }],
    ['admin', { name: 'admin', may: ['get nodes/proxy'] }],
  ]);

test('nobody is anonymous, and each path needs its right at this node, or nodes/proxy', async (t) => {
  const { ask } = await world(t, users());
  t.is((await ask('/metrics')).status, 401);
  t.is((await ask('/metrics', 'forged')).status, 401);
  t.deepEqual(await ask('/metrics/cadvisor?x=1', 'scraper'), { status: 200, body: 'of /metrics/cadvisor?x=1' });
  const refused = await ask('/pods', 'scraper');
  t.is(refused.status, 403);
  t.regex(refused.body, /user=prometheus, verb=get, resource=nodes, subresource=pods/);
  t.is((await ask('/pods', 'admin')).status, 200);
  t.is((await ask('/configz', 'admin', 'HEAD')).body, '');
});

test('the port is only read from', async (t) => {
  const known = users();
  known.set('writer', { name: 'writer', may: ['create nodes/proxy'] });
  const { ask } = await world(t, known);
  t.is((await ask('/exec/ns/p/c', 'writer', 'POST')).status, 405);
  t.is((await ask('/exec/ns/p/c', 'admin', 'POST')).status, 403);
});

test('what the API said holds for ten seconds, and a failure is not remembered', async (t) => {
  const known = users();
  const { ask, asked, time, breakApi } = await world(t, known);
  await ask('/metrics', 'scraper');
  await ask('/metrics', 'scraper');
  t.deepEqual(asked, ['tokenreviews', 'subjectaccessreviews']);
  known.delete('scraper');
  time.advance(10_000);
  t.is((await ask('/metrics', 'scraper')).status, 401);
  breakApi();
  const failed = await ask('/metrics', 'admin');
  t.deepEqual([failed.status, failed.body], [503, 'no member answers\n']);
  const before = asked.length;
  await ask('/metrics', 'admin');
  t.is(asked.length, before + 1);
});

test('a port that is taken is an error', async (t) => {
  const { port } = await world(t, users());
  const error = await t.throwsAsync(
    openKubeletPort({
      node: 'n2',
      address: '127.0.0.1',
      port,
      certificate: () => Promise.resolve(portCertificate),
      paths: () => Promise.reject(new Error('never asked')),
      client: { create: () => Promise.reject(new Error('never asked')) },
      clock: new SimulatedTime(),
      timers: new SimulatedTime(),
      log: silentLogger,
    }),
  );
  t.regex(error?.message ?? '', /EADDRINUSE/);
});
