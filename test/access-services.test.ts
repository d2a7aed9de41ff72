import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { exportJWK, SignJWT } from 'jose';
import { createAccess } from '../src/api-server/access.ts';
import { bodyJson, type DoorHarness, FakeView, startDoor } from '../src/api-server/testing/index.ts';
import { silentLogger } from '../src/base/index.ts';
import { accessPlugIns } from '../src/main/access/plug-ins.ts';
import { makeAuthority, makeLeaf } from '../src/main/keys/certificate-authority.ts';
import { defaultsFile } from '../src/main/process/installation.ts';
import { loadSettings } from '../src/main/process/settings.ts';
import { StartProblem } from '../src/main/process/start-problem.ts';

const now = Date.now();
const me = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

interface Service {
  readonly url: string;
  readonly folder: string;
  /** Paths and bodies that were asked. */
  readonly asked: { readonly path: string; readonly body: Record<string, unknown> }[];
}

/** A service over TLS that answers JSON; a number is a status without one. */
async function serve(
  t: ExecutionContext,
  answer: (path: string, body: Record<string, unknown>, url: string) => object | number,
): Promise<Service> {
  const authority = await makeAuthority('services', { now, days: 1 });
  const leaf = await makeLeaf(authority, {
    subject: 'CN=service',
    usage: 'server',
    hosts: ['127.0.0.1'],
    now,
    days: 1,
  });
  const asked: Service['asked'] = [];
  const server = createServer({ cert: leaf.certificate, key: leaf.key }, (incoming, outgoing) => {
    let text = '';
    incoming
      .setEncoding('utf8')
      .on('data', (part: string) => {
        text += part;
      })
      .on('end', () => {
        const call = {
          path: incoming.url ?? '',
          body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
        };
        asked.push(call);
        const said = answer(call.path, call.body, url);
        outgoing
          .writeHead(typeof said === 'number' ? said : 200, { 'content-type': 'application/json' })
          .end(typeof said === 'number' ? '' : JSON.stringify(said));
      });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const folder = mkdtempSync(join(tmpdir(), 'troupe-services-'));
  writeFileSync(join(folder, 'ca.crt'), authority.certificate);
  writeFileSync(
    join(folder, 'service.yaml'),
    `clusters: [{name: s, cluster: {server: "${url}/review", certificate-authority: ca.crt}}]\n`,
  );
  return { url, folder, asked };
}

/** The API with what the settings add. */
async function door(settings: object, folder: string, ahead = { ms: 0 }): Promise<DoorHarness> {
  const clock = { now: () => Date.now(), monotonic: () => performance.now() + ahead.ms };
  const { authentication, order } = await accessPlugIns(
    loadSettings(defaultsFile(), '/nowhere/config.yaml', settings as never),
    { log: silentLogger, clock, folder },
  );
  const view = new FakeView();
  const all = { name: 'all', authorize: () => ({ allowed: true, reason: '' }) };
  return startDoor({
    authentication,
    access: createAccess(view, order.some((step) => typeof step !== 'string') ? order : [all]),
  });
}

async function whoAmI({ ask }: DoorHarness, user: string): Promise<unknown> {
  const answer = bodyJson(await ask('POST', me, { user, body: {} }));
  return (answer['status'] as { readonly userInfo?: unknown } | undefined)?.userInfo ?? answer['message'];
}

interface Provider extends Service {
  /** The provider signs with this one from now on. */
  newKey(): Promise<void>;
  token(claims?: Readonly<Record<string, unknown>>, seconds?: number): Promise<string>;
}

async function provide(t: ExecutionContext): Promise<Provider> {
  let id = 0;
  let pair: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  let keys: object = {};
  const newKey = async (): Promise<void> => {
    id += 1;
    pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    keys = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: `k${String(id)}`, alg: 'RS256' }] };
  };
  await newKey();
  const service = await serve(t, (path, _body, url) =>
    path === '/keys'
      ? keys
      : path === '/.well-known/openid-configuration'
        ? { issuer: url, jwks_uri: `${url}/keys` }
        : 404,
  );
  return {
    ...service,
    newKey,
    token: (claims = {}, seconds = 60) =>
      new SignJWT({
        iss: service.url,
        aud: 'kubectl',
        sub: 'u-1',
        email: 'ann@example.com',
        roles: ['dev', 'ops'],
        hd: 'example.com',
        exp: Math.floor(Date.now() / 1000) + seconds,
        ...claims,
      })
        .setProtectedHeader({ alg: 'RS256', kid: `k${String(id)}` })
        .sign(pair.privateKey),
  };
}

const oidc = (provider: Service, more: object = {}): object => ({
  authentication: {
    oidc: {
      issuerUrl: provider.url,
      audiences: ['kubectl'],
      caFile: 'ca.crt',
      groupsClaim: 'roles',
      groupsPrefix: 'oidc:',
      requiredClaims: ['hd=example.com'],
      ...more,
    },
  },
});

test('a token of the OpenID provider is a user with groups, by the claims and prefixes of the settings', async (t) => {
  const provider = await provide(t);
  const api = await door(oidc(provider), provider.folder);
  t.like(await whoAmI(api, await provider.token()), {
    username: `${provider.url}#u-1`,
    groups: ['oidc:dev', 'oidc:ops', 'system:authenticated'],
  });
  await whoAmI(api, await provider.token({ n: 2 }));
  t.is(provider.asked.length, 2, 'the keys are fetched once');
  const byMail = await door(oidc(provider, { usernameClaim: 'email' }), provider.folder);
  t.like(await whoAmI(byMail, await provider.token()), { username: 'ann@example.com' });
});

test('a new key of the provider is looked up when a token by it comes, but not at each that is unknown', async (t) => {
  const provider = await provide(t);
  const ahead = { ms: 0 };
  const api = await door(oidc(provider, { usernamePrefix: '-' }), provider.folder, ahead);
  t.like(await whoAmI(api, await provider.token()), { username: 'u-1' });
  await provider.newKey();
  t.is(await whoAmI(api, await provider.token()), 'Unauthorized');
  ahead.ms = 11_000;
  t.like(await whoAmI(api, await provider.token({ sub: 'u-2' })), { username: 'u-2' });
  t.is(provider.asked.length, 4);
});

test('a token of the provider that is foreign, past, meant for others or lacks a claim is a 401', async (t) => {
  const provider = await provide(t);
  const api = await door(oidc(provider, { usernameClaim: 'email' }), provider.folder);
  const other = await provide(t);
  for (const token of [
    await provider.token({ aud: 'others' }),
    await provider.token({}, -60),
    await provider.token({ hd: 'example.org' }),
    await provider.token({ email_verified: false }),
    await provider.token({ email: undefined }),
    await provider.token({ roles: [1] }),
    await other.token(),
    await other.token({ iss: provider.url }),
  ])
    t.is(await whoAmI(api, token), 'Unauthorized');
});

test('the token webhook is asked by TokenReview, its answer is remembered, its trouble is not', async (t) => {
  let broken = false;
  const service = await serve(t, (_path, body) => {
    const { token } = body['spec'] as { readonly token: string };
    return broken
      ? 500
      : {
          ...body,
          status:
            token === 'a.b'
              ? { authenticated: true, user: { username: 'eve', uid: '7', groups: ['g'], extra: { k: ['v'] } } }
              : { authenticated: false },
        };
  });
  const api = await door({ authentication: { webhook: { file: 'service.yaml' } } }, service.folder);
  t.like(await whoAmI(api, 'a.b'), {
    username: 'eve',
    uid: '7',
    groups: ['g', 'system:authenticated'],
    extra: { k: ['v'] },
  });
  t.like(service.asked[0], {
    path: '/review',
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: 'a.b', audiences: ['https://kubernetes.default.svc.cluster.local'] },
    },
  });
  broken = true;
  t.is(await whoAmI(api, 'c.d'), 'Unauthorized');
  broken = false;
  api.time.pass(11_000);
  await whoAmI(api, 'a.b');
  t.is(await whoAmI(api, 'c.d'), 'Unauthorized');
  t.is(service.asked.length, 3, 'one question a token, and one more after the trouble');
});

test('the access webhook allows, denies or leaves it to the next; its answers are remembered', async (t) => {
  const service = await serve(t, (_path, body) => {
    const { resourceAttributes: { resource } = {} } = body['spec'] as {
      readonly resourceAttributes?: { readonly resource?: string };
    };
    return {
      ...body,
      status:
        resource === 'configmaps'
          ? { allowed: true }
          : { allowed: false, denied: resource === 'secrets', reason: resource === 'secrets' ? 'never' : '' },
    };
  });
  const { ask } = await door({ authorization: { webhook: { file: 'service.yaml' } } }, service.folder);
  const get = async (resource: string): Promise<unknown> => {
    const answer = await ask('GET', `/api/v1/namespaces/n/${resource}`, { user: 'alice' });
    return answer.status === 403 ? bodyJson(answer)['message'] : answer.status;
  };
  t.is(await get('configmaps'), 200);
  t.is(await get('configmaps'), 200);
  t.is(service.asked.length, 1);
  t.like(service.asked[0]?.body, {
    kind: 'SubjectAccessReview',
    spec: {
      user: 'alice',
      groups: ['dev-team', 'system:authenticated'],
      resourceAttributes: { namespace: 'n', verb: 'list', version: 'v1', resource: 'configmaps' },
    },
  });
  t.is(
    await get('secrets'),
    'secrets is forbidden: User "alice" cannot list resource "secrets" in API group "" in the namespace "n": never',
  );
  t.is(
    await get('pods'),
    'pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "n"',
  );
});

test('an access webhook that fails means what the settings say, and is asked again', async (t) => {
  const service = await serve(t, () => 503);
  writeFileSync(
    join(service.folder, 'yes.mjs'),
    'export default () => ({ name: "yes", authorize: () => ({ allowed: true, reason: "" }) });',
  );
  const statuses = async (failurePolicy: string): Promise<readonly number[]> => {
    const { ask } = await door(
      {
        authorization: {
          order: ['Webhook', 'Modules'],
          modules: ['yes.mjs'],
          webhook: { file: 'service.yaml', failurePolicy },
        },
      },
      service.folder,
    );
    const get = async (): Promise<number> => (await ask('GET', '/api/v1/nodes', { user: 'alice' })).status;
    return [await get(), await get()];
  };
  t.deepEqual(await statuses('NoOpinion'), [200, 200]);
  t.deepEqual(await statuses('Deny'), [403, 403]);
  t.is(service.asked.length, 4);
});

for (const [what, settings, message] of [
  [
    'an issuer without TLS',
    { authentication: { oidc: { issuerUrl: 'http://x', audiences: ['a'] } } },
    /^authentication\.oidc\.issuerUrl: "http:\/\/x" is not a URL that begins with https/,
  ],
  [
    'no audience',
    { authentication: { oidc: { issuerUrl: 'https://x' } } },
    /^authentication\.oidc\.audiences: expected the client id/,
  ],
  [
    'a required claim without a value',
    { authentication: { oidc: { issuerUrl: 'https://x', audiences: ['a'], requiredClaims: ['hd'] } } },
    /"hd" is not claim=value/,
  ],
  [
    'an algorithm by a shared secret',
    { authentication: { oidc: { issuerUrl: 'https://x', audiences: ['a'], signingAlgorithms: ['HS256'] } } },
    /signingAlgorithms: expected some of .*, not "HS256"/,
  ],
  [
    'an authority that is missing',
    { authentication: { oidc: { issuerUrl: 'https://x', audiences: ['a'], caFile: 'gone' } } },
    /^authentication\.oidc\.caFile: cannot read a PEM certificate from .*gone/,
  ],
  [
    'a webhook file that is missing',
    { authentication: { webhook: { file: 'gone' } } },
    /^authentication\.webhook\.file: .*ENOENT/,
  ],
  [
    'a failure policy that is none',
    { authorization: { webhook: { file: 'gone', failurePolicy: 'Ignore' } } },
    /failurePolicy: expected NoOpinion or Deny, not "Ignore"/,
  ],
] as const) {
  test(`${what} stops the start by the setting's name`, async (t) => {
    await t.throwsAsync(door(settings, tmpdir()), { instanceOf: StartProblem, message });
  });
}
