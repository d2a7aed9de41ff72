import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import test from 'ava';
import { WebSocket, WebSocketServer } from 'ws';
import { Cluster, eventually } from './cluster.ts';
import { apply, kubectl, must, type OwnServer, ownServer } from './own-servers.ts';

let cluster: Cluster;
test.before(async (t) => {
  t.timeout(240_000);
  cluster = await Cluster.create('machinery', ['--nodes', '0']);
});
test.after.always(() => {
  cluster.destroy();
});

type Json = Readonly<Record<string, unknown>>;
interface Pipe extends Json {
  readonly apiVersion: string;
  readonly spec: { readonly ends?: string; readonly from?: string; readonly to?: string };
}

/** v1 has `ends: a-b`, v2 `from: a, to: b`. */
function turned(pipe: Pipe, desired: string): Pipe {
  const { ends = '', from = '', to = '' } = pipe.spec;
  const [first = '', second = ''] = ends.split('-');
  if (pipe.apiVersion === desired) return pipe;
  return {
    ...pipe,
    apiVersion: desired,
    spec: desired.endsWith('v2') ? { from: first, to: second } : { ends: `${from}-${to}` },
  };
}

const definitionOf = (webhook: OwnServer, storage: string): object => {
  const schema = (fields: readonly string[]): object => ({
    openAPIV3Schema: {
      type: 'object',
      properties: {
        spec: { type: 'object', properties: Object.fromEntries(fields.map((name) => [name, { type: 'string' }])) },
      },
    },
  });
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'pipes.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'pipes', singular: 'pipe', kind: 'Pipe', listKind: 'PipeList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: storage === 'v1',
          schema: schema(['ends']),
          additionalPrinterColumns: [{ name: 'Ends', type: 'string', jsonPath: '.spec.ends' }],
        },
        { name: 'v2', served: true, storage: storage === 'v2', schema: schema(['from', 'to']) },
      ],
      conversion: {
        strategy: 'Webhook',
        webhook: {
          conversionReviewVersions: ['v1'],
          clientConfig: { url: `https://127.0.0.1:${webhook.port}/convert`, caBundle: webhook.caBundle },
        },
      },
    },
  };
};

const pipe = (version: string, name: string, spec: object): object => ({
  apiVersion: `example.com/${version}`,
  kind: 'Pipe',
  metadata: { name, namespace: 'default' },
  spec,
});
const spec = (name: string, version: string): Promise<string> =>
  must(cluster, ['get', `pipes.${version}.example.com`, name, '-o', 'jsonpath={.spec}']);

test.serial(
  'a webhook converts objects on read, list, watch and apply, and the storage version moves without a loss',
  async (t) => {
    t.timeout(240_000);
    let calls = 0;
    const webhook = await ownServer(['127.0.0.1'], (_request, body) => {
      calls += 1;
      const { request } = JSON.parse(body) as {
        readonly request: {
          readonly uid: string;
          readonly desiredAPIVersion: string;
          readonly objects: readonly Pipe[];
        };
      };
      return {
        body: {
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'ConversionReview',
          response: {
            uid: request.uid,
            result: { status: 'Success' },
            convertedObjects: request.objects.map((object) => turned(object, request.desiredAPIVersion)),
          },
        },
      };
    });
    t.teardown(() => webhook.close());
    await apply(cluster, definitionOf(webhook, 'v1'));
    await must(cluster, ['wait', '--for=condition=Established', 'crd/pipes.example.com', '--timeout=60s']);
    await eventually(
      'the kind is served',
      async () => (await kubectl(cluster, ['get', 'pipes.v2.example.com'])).status === 0,
    );

    const watch = cluster.background(
      'get',
      'pipes.v1.example.com',
      '--watch',
      '-o',
      'jsonpath={.metadata.name} {.apiVersion} {.spec.ends}{"\\n"}',
    );
    t.teardown(() => {
      watch.kill();
    });
    let seen = '';
    watch.stdout?.on('data', (text: Buffer) => {
      seen += String(text);
    });
    await apply(cluster, pipe('v2', 'p', { from: 'a', to: 'b' }));
    t.is(await spec('p', 'v1'), '{"ends":"a-b"}');
    t.is(await spec('p', 'v2'), '{"from":"a","to":"b"}');
    await apply(
      cluster,
      pipe('v2', 'p', { from: 'a', to: 'c' }),
      '--server-side',
      '--force-conflicts',
      '--field-manager=own',
    );
    await apply(cluster, pipe('v1', 'q', { ends: 'x-y' }));
    t.regex(await must(cluster, ['get', 'pipes.v1.example.com']), /NAME\s+ENDS\np\s+a-c\nq\s+x-y\n/);
    t.is(await must(cluster, ['get', 'pipes.v2.example.com', '-o', 'jsonpath={.items[*].spec.to}']), 'c y');
    await eventually('the watch of v1 sees what was written in v2', () =>
      ['p example.com/v1 a-b', 'p example.com/v1 a-c', 'q example.com/v1 x-y'].every((line) => seen.includes(line)),
    );

    await apply(cluster, definitionOf(webhook, 'v2'));
    const storedVersions = (): Promise<string> =>
      must(cluster, ['get', 'crd', 'pipes.example.com', '-o', 'jsonpath={.status.storedVersions}']);
    await eventually('both versions are stored', async () => (await storedVersions()) === '["v1","v2"]');
    const early = await kubectl(cluster, [
      'patch',
      'crd',
      'pipes.example.com',
      '--type=json',
      '-p',
      '[{"op":"remove","path":"/spec/versions/0"}]',
    ]);
    t.regex(
      early.stderr,
      /status\.storedVersions\[0\]: Invalid value: "v1": (must appear in spec\.versions|missing from spec\.versions)/,
    );
    t.is(await spec('p', 'v1'), '{"ends":"a-c"}');
    await must(cluster, ['replace', '-f', '-'], await must(cluster, ['get', 'pipes.v2.example.com', '-o', 'json']));
    await must(cluster, [
      'patch',
      'crd',
      'pipes.example.com',
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"storedVersions":["v2"]}}',
    ]);
    await must(cluster, [
      'patch',
      'crd',
      'pipes.example.com',
      '--type=json',
      '-p',
      '[{"op":"remove","path":"/spec/versions/0"}]',
    ]);
    const before = calls;
    await eventually(
      'v1 is gone',
      async () => (await kubectl(cluster, ['get', '--raw', '/apis/example.com/v1/pipes'])).status !== 0,
    );
    t.is(await must(cluster, ['get', 'pipes', '-o', 'jsonpath={.items[*].spec.from}']), 'a x');
    t.is(calls, before, 'nothing is left to convert');
  },
);

const clouds = [
  {
    metadata: {
      name: 'cirrus',
      namespace: 'default',
      uid: 'u-1',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    height: 9_000,
  },
];
const cloudPaths = '/apis/weather.example.com/v1/namespaces/{namespace}/clouds';
const cloudSchema = {
  type: 'object',
  description: 'A cloud and its height.',
  properties: { height: { type: 'integer', description: 'Metres above the sea.' } },
  'x-kubernetes-group-version-kind': [{ group: 'weather.example.com', version: 'v1', kind: 'Cloud' }],
};
const cloudGet = (schema: object): object => ({
  get: {
    operationId: 'listClouds',
    responses: { 200: { description: 'OK', ...schema } },
    'x-kubernetes-action': 'list',
    'x-kubernetes-group-version-kind': { group: 'weather.example.com', version: 'v1', kind: 'Cloud' },
  },
});

const documents: Readonly<Record<string, unknown>> = {
  '/apis/weather.example.com/v1': {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: 'weather.example.com/v1',
    resources: [
      {
        name: 'clouds',
        singularName: 'cloud',
        namespaced: true,
        kind: 'Cloud',
        verbs: ['get', 'list'],
        shortNames: ['cl'],
      },
    ],
  },
  '/apis/weather.example.com/v1/namespaces/default/clouds': {
    kind: 'CloudList',
    apiVersion: 'weather.example.com/v1',
    metadata: { resourceVersion: '1' },
    items: clouds.map((cloud) => ({ apiVersion: 'weather.example.com/v1', kind: 'Cloud', ...cloud })),
  },
  '/openapi/v3': {
    paths: { 'apis/weather.example.com/v1': { serverRelativeURL: '/openapi/v3/apis/weather.example.com/v1?hash=1' } },
  },
  '/openapi/v3/apis/weather.example.com/v1': {
    openapi: '3.0.0',
    info: { title: 'weather', version: '1' },
    paths: { [cloudPaths]: cloudGet({}) },
    components: { schemas: { 'com.example.weather.v1.Cloud': cloudSchema } },
  },
  '/openapi/v2': {
    swagger: '2.0',
    info: { title: 'weather', version: '1' },
    paths: { [cloudPaths]: cloudGet({ schema: { $ref: '#/definitions/com.example.weather.v1.Cloud' } }) },
    definitions: { 'com.example.weather.v1.Cloud': cloudSchema },
  },
};

interface Seen {
  readonly path: string;
  readonly user: unknown;
  readonly group: unknown;
  readonly proxy: string | undefined;
  readonly authorization: unknown;
}

function seenIn(request: IncomingMessage): Seen {
  const socket = request.socket as TLSSocket;
  const { CN } = socket.authorized ? socket.getPeerCertificate().subject : { CN: undefined };
  const { 'x-remote-user': user, 'x-remote-group': group, authorization } = request.headers;
  return { path: request.url ?? '', user, group, authorization, proxy: Array.isArray(CN) ? CN[0] : CN };
}

test.serial(
  'an aggregated API is served by its own server, with who asks in headers, while it can be had',
  async (t) => {
    t.timeout(240_000);
    const proxies = await must(cluster, [
      'get',
      'configmap',
      'extension-apiserver-authentication',
      '-n',
      'kube-system',
      '-o',
      'jsonpath={.data.requestheader-client-ca-file}',
    ]);
    const seen: Seen[] = [];
    const weather = await ownServer(
      ['weather.default.svc'],
      (request) => {
        seen.push(seenIn(request));
        const body = documents[(request.url ?? '').split('?')[0] ?? ''];
        return body === undefined
          ? { status: 404, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 } }
          : { body };
      },
      proxies,
    );
    t.teardown(() => weather.close());
    const sockets = new WebSocketServer({
      server: weather.server,
      handleProtocols: (protocols) => [...protocols][0] ?? false,
    });
    sockets.on('connection', (connection, request) => {
      connection.on('message', (data: Buffer) => {
        connection.send(`${String(request.headers['x-remote-user'])}: ${String(data)}`);
      });
    });

    await apply(cluster, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'weather', namespace: 'default' },
      spec: { ports: [{ port: 443, targetPort: weather.port }] },
    });
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'weather-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'weather' } },
      addressType: 'IPv4',
      ports: [{ name: '', port: weather.port, protocol: 'TCP' }],
      endpoints: [{ addresses: [weather.host], conditions: { ready: true } }],
    };
    await apply(cluster, slice);
    await apply(cluster, {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1.weather.example.com' },
      spec: {
        group: 'weather.example.com',
        version: 'v1',
        groupPriorityMinimum: 1000,
        versionPriority: 15,
        caBundle: weather.caBundle,
        service: { name: 'weather', namespace: 'default', port: 443 },
      },
    });
    await must(cluster, ['wait', '--for=condition=Available', 'apiservice/v1.weather.example.com', '--timeout=60s']);

    t.regex(await must(cluster, ['get', 'clouds']), /cirrus/);
    t.like(
      seen.find(({ path }) => path.includes('/clouds')),
      {
        user: 'kubernetes-admin',
        group: 'system:masters, system:authenticated',
        proxy: 'front-proxy-client',
        authorization: undefined,
      },
    );
    t.regex(
      await must(cluster, ['api-resources', '--api-group=weather.example.com']),
      /clouds\s+cl\s+weather\.example\.com\/v1\s+true\s+Cloud/,
    );
    t.regex(await must(cluster, ['explain', 'cloud.height']), /Metres above the sea/);
    t.regex(
      await must(cluster, ['explain', 'cloud', '--output=plaintext-openapiv2']),
      /height\s+<integer>\s+Metres above the sea/,
    );
    const two = JSON.parse(await must(cluster, ['get', '--raw', '/openapi/v2'])) as {
      readonly paths: object;
      readonly definitions: object;
    };
    t.true(cloudPaths in two.paths && '/api/v1/pods' in two.paths && 'com.example.weather.v1.Cloud' in two.definitions);

    const socket = new WebSocket(
      `${cluster.url.replace('https', 'wss')}/apis/weather.example.com/v1/namespaces/default/clouds/cirrus/rain`,
      ['v5.channel.k8s.io'],
      { ca: cluster.ca, headers: { authorization: `Bearer ${cluster.token}` } },
    );
    const answer = new Promise<string>((resolve, reject) => {
      socket
        .once('message', (data: Buffer) => {
          resolve(String(data));
        })
        .once('error', reject);
    });
    socket.once('open', () => {
      socket.send('drop');
    });
    t.regex(await answer, /^[^:]+: drop$/);
    t.is(socket.protocol, 'v5.channel.k8s.io');
    socket.close();

    await must(cluster, ['delete', 'endpointslice', 'weather-1']);
    await must(cluster, [
      'wait',
      '--for=condition=Available=False',
      'apiservice/v1.weather.example.com',
      '--timeout=60s',
    ]);
    t.regex(
      (await kubectl(cluster, ['get', '--raw', '/apis/weather.example.com/v1/namespaces/default/clouds'])).stderr,
      /service unavailable|unable to handle the request/,
    );
    t.regex(
      await must(cluster, [
        'get',
        'apiservice',
        'v1.weather.example.com',
        '-o',
        'jsonpath={.status.conditions[0].reason}',
      ]),
      /^(MissingEndpoints|EndpointsNotFound)$/,
    );
    t.regex(await must(cluster, ['get', 'namespaces']), /default/, 'the rest is served all the same');
    await apply(cluster, slice);
    await must(cluster, ['wait', '--for=condition=Available', 'apiservice/v1.weather.example.com', '--timeout=60s']);
    t.regex(await must(cluster, ['get', 'clouds']), /cirrus/);
  },
);

test.serial("the key of service accounts' tokens changes while everything runs", async (t) => {
  t.timeout(240_000);
  const keyIds = async (): Promise<readonly string[]> =>
    (
      JSON.parse(await must(cluster, ['get', '--raw', '/openid/v1/jwks'])) as {
        readonly keys: readonly { readonly kid: string }[];
      }
    ).keys.map(({ kid }) => kid);
  const token = (): Promise<string> => must(cluster, ['create', 'token', 'default']).then((text) => text.trim());
  const signer = (text: string): unknown =>
    (JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString()) as Json)['kid'];
  const asks = (text: string): Promise<string> =>
    must(cluster, [
      '--kubeconfig',
      '/dev/null',
      '--server',
      cluster.url,
      '--certificate-authority',
      join(cluster.home, 'pki', 'ca.crt'),
      '--token',
      text,
      'auth',
      'whoami',
      '-o',
      'jsonpath={.status.userInfo.username}',
    ]).catch((error: unknown) => String(error));
  const [old, another] = await Promise.all([token(), token()]);
  const [before] = await keyIds();
  t.is(signer(old), before);
  const rotated = cluster.troupe('key', 'rotate');
  t.is(rotated.status, 0, rotated.stderr);
  const fresh = await eventually('a new key signs', async () => {
    const text = await token();
    return signer(text) === before ? undefined : text;
  });
  t.deepEqual([...(await keyIds())].sort(), [before, signer(fresh)].sort());
  t.is(await asks(old), 'system:serviceaccount:default:default');
  t.is(await asks(fresh), 'system:serviceaccount:default:default');
  t.is(cluster.troupe('key', 'drop', before ?? '').status, 0);
  await eventually('tokens of the dropped key are refused', async () =>
    /Unauthorized|provide credentials|logged in/.test(await asks(another)),
  );
});
