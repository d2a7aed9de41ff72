import { request } from 'node:https';
import test, { type ExecutionContext } from 'ava';
import { tokenHash } from '../src/api-server/index.ts';
import { silentLogger } from '../src/base/index.ts';
import { openHttpDoor } from '../src/api-server/http/index.ts';
import { createAccess } from '../src/api-server/access.ts';
import { FakeView, startDoor } from '../src/api-server/testing/index.ts';
import { systemTimers } from '../src/platform/index.ts';
import { makeAuthority, makeLeaf } from '../src/main/keys/certificate-authority.ts';

const now = Date.now();
const frontProxy = {
  allowedNames: ['proxy'],
  usernameHeaders: ['x-remote-user'],
  groupHeaders: ['x-remote-group'],
  extraHeaderPrefixes: ['x-remote-extra-'],
};

interface Place {
  /** Asks who one is, with the certificate of that name by that authority. */
  whoAmI(more: {
    readonly by?: 'proxies' | 'clients';
    readonly name?: string;
    readonly headers?: Readonly<Record<string, string | string[]>>;
  }): Promise<unknown>;
}

async function start(t: ExecutionContext): Promise<Place> {
  const [clients, proxies] = [
    await makeAuthority('clients', { now, days: 1 }),
    await makeAuthority('proxies', { now, days: 1 }),
  ];
  const server = await makeLeaf(clients, {
    subject: 'CN=kube-apiserver',
    usage: 'server',
    hosts: ['127.0.0.1'],
    now,
    days: 1,
  });
  const access = createAccess(new FakeView(), [{ name: 'all', authorize: () => ({ allowed: true, reason: '' }) }]);
  const { handler } = startDoor({
    authentication: { frontProxy },
    access,
    staticTokens: new Map([[tokenHash('t'), { name: 'by-token', groups: [] }]]),
  });
  const tls = {
    certificate: server.certificate,
    key: server.key,
    clientCa: clients.certificate,
    frontProxyCa: proxies.certificate,
  };
  const door = await openHttpDoor({
    handler,
    tls,
    listen: { host: '127.0.0.1', port: 0 },
    log: silentLogger,
    timers: systemTimers,
  });
  t.teardown(async () => {
    await door.close();
  });
  return {
    whoAmI: async ({ by, name = 'proxy', headers = {} }) => {
      const leaf =
        by === undefined
          ? undefined
          : await makeLeaf(by === 'proxies' ? proxies : clients, {
              subject: `CN=${name}`,
              usage: 'client',
              hosts: [],
              now,
              days: 1,
            });
      const answer = await posted({
        port: door.port,
        ca: clients.certificate,
        ...(leaf === undefined ? {} : { cert: leaf.certificate, key: leaf.key }),
        headers,
      });
      const { status } = JSON.parse(answer) as { readonly status?: { readonly userInfo?: unknown } };
      return status?.userInfo ?? status;
    },
  };
}

function posted({
  headers,
  ...options
}: {
  readonly port: number;
  readonly ca: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
}): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        ...options,
        host: '127.0.0.1',
        agent: false,
        method: 'POST',
        path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
        headers: { ...headers, 'content-type': 'application/json' },
      },
      (answer) => {
        let text = '';
        answer
          .setEncoding('utf8')
          .on('data', (part: string) => {
            text += part;
          })
          .on('end', () => {
            resolve(text);
          });
      },
    );
    call.on('error', reject);
    call.end('{}');
  });
}

const dora = { 'x-remote-user': 'dora' };

test('a front proxy names the user, his groups and what else is known of him', async (t) => {
  const { whoAmI } = await start(t);
  const headers = { ...dora, 'x-remote-group': ['one', 'two, or three'], 'x-remote-extra-acme.com%2Fproject': 'p' };
  t.like(await whoAmI({ by: 'proxies', headers }), {
    username: 'dora',
    groups: ['one', 'two, or three', 'system:authenticated'],
    extra: { 'acme.com/project': ['p'] },
  });
});

test("headers count for nothing without the proxy's own certificate", async (t) => {
  const { whoAmI } = await start(t);
  t.like(await whoAmI({ headers: dora }), { username: 'system:anonymous' });
  t.like(await whoAmI({ by: 'clients', headers: dora }), { username: 'proxy' });
  t.like(await whoAmI({ by: 'proxies', name: 'other', headers: dora }), { username: 'system:anonymous' });
});

test("a proxy's certificate makes nobody a user: without a name it leaves the request to its token", async (t) => {
  const { whoAmI } = await start(t);
  t.like(await whoAmI({ by: 'proxies' }), { username: 'system:anonymous' });
  t.like(await whoAmI({ by: 'proxies', headers: { authorization: 'Bearer t' } }), { username: 'by-token' });
});
