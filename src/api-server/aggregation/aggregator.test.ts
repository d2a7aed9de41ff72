import test from 'ava';
import type { KubeObject } from '../../api/index.ts';
import { seededRandom, silentLogger, type TraceScope } from '../../base/index.ts';
import { createTraces, systemClock } from '../../platform/index.ts';
import type { Store, StoredRecord } from '../../state/index.ts';
import type { ApiHttpResponse } from '../request.ts';
import type { ProxyTarget } from '../streams/index.ts';
import { bodyJson, bodyText, type DoorHarness, FakeView, startDoor } from '../testing/index.ts';
import { type Aggregator, createAggregator } from './index.ts';

const clouds = '/apis/weather.example.com/v1/namespaces/default/clouds';
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'weather', namespace: 'default' },
  spec: { ports: [{ port: 443 }] },
};
const slice = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'weather-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'weather' } },
  endpoints: [
    { addresses: ['10.1.1.1'], conditions: { ready: false } },
    { addresses: ['10.1.1.2'], conditions: { ready: true } },
  ],
  ports: [{ port: 8443 }],
};
const api = (more: object = {}, available = 'True'): KubeObject & Parameters<Aggregator['probe']>[0] => ({
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: 'v1.weather.example.com', uid: 'u' },
  spec: {
    group: 'weather.example.com',
    version: 'v1',
    groupPriorityMinimum: 1000,
    versionPriority: 15,
    service: { name: 'weather', namespace: 'default', port: 443 },
    ...more,
  },
  status: { conditions: [{ type: 'Available', status: available }] },
});

/** The store has what `addressOf` reads: the Service and its slice. */
function storeOf(objects: readonly (readonly [key: string, object: object])[]): Store {
  const records = new Map(
    objects.map(([key, object]) => [key, { key, object: () => object } as unknown as StoredRecord]),
  );
  return {
    get: (key: string) => records.get(key),
    range: ({ prefix }: { prefix: string }) => ({
      records: [...records.values()].filter((record) => record.key.startsWith(prefix)),
    }),
  } as unknown as Store;
}

interface Weather {
  readonly door: DoorHarness;
  readonly view: FakeView;
  readonly sent: ProxyTarget[];
  answer: (target: ProxyTarget) => ApiHttpResponse;
  readonly probe: Aggregator['probe'];
}

const streamed = (status: number, text: string, headers: Record<string, string> = {}): ApiHttpResponse => ({
  status,
  headers,
  body: (sink) => {
    sink.write(new TextEncoder().encode(text));
    sink.end();
  },
});

function weather(
  kind: object = service,
  {
    traces,
    endpoints = slice.endpoints,
  }: { readonly traces?: TraceScope; readonly endpoints?: readonly object[] } = {},
): Weather {
  const sent: ProxyTarget[] = [];
  const view = new FakeView();
  const store = storeOf([
    ['/core/services/default/weather', kind],
    ['/discovery.k8s.io/endpointslices/default/weather-1', { ...slice, endpoints }],
  ]);
  const aggregator = createAggregator({
    view,
    store,
    frontProxy: { certificate: 'C', key: 'K' },
    exchange: (target) => {
      sent.push(target);
      return Promise.resolve(made.answer(target));
    },
    ...(traces === undefined ? {} : { traces }),
  });
  const door = startDoor({ aggregator, view, ...(traces === undefined ? {} : { traces }) });
  view.put('', 'services', kind as KubeObject);
  const made: Weather = { door, view, sent, answer: () => streamed(200, '{}'), probe: aggregator.probe };
  return made;
}

test('a request goes to a ready endpoint, with the user in headers and without their credentials', async (t) => {
  const { door, view, sent } = weather();
  view.put('apiregistration.k8s.io', 'apiservices', api({ caBundle: btoa('CA') }));
  const answer = await door.ask('GET', `${clouds}?limit=2`, {
    headers: { 'x-remote-user': 'mallory', 'x-remote-extra-scopes': 'all' },
  });
  t.is(answer.status, 200);
  const [target] = sent;
  t.like(target, {
    scheme: 'https',
    host: '10.1.1.2',
    port: 8443,
    path: `${clouds}?limit=2`,
    tls: { certificate: 'C', key: 'K', serverName: 'weather.default.svc', verify: true, ca: 'CA' },
  });
  t.deepEqual(
    [target?.headers['x-remote-user'], target?.headers['x-remote-group'], target?.headers['x-remote-extra-scopes']],
    ['admin', ['system:masters', 'system:authenticated'], undefined],
  );
});

test('an answer that stops in its middle is not waited for, unless it is a watch', async (t) => {
  const { door, view, sent } = weather();
  view.put('apiregistration.k8s.io', 'apiservices', api());
  for (const query of ['', '?watch=true']) await door.ask('GET', `${clouds}${query}`);
  t.deepEqual(
    sent.map(({ timeoutMs, idleMs }) => [timeoutMs, idleMs]),
    [
      [60_000, 60_000],
      [60_000, undefined],
    ],
  );
});

test('the other server is told which step of which trace asks it', async (t) => {
  const traces = createTraces({ process: 'p', clock: systemClock, random: seededRandom(1), log: silentLogger });
  const { door, view, sent } = weather(service, { traces });
  view.put('apiregistration.k8s.io', 'apiservices', api());
  const traceId = 'ab'.repeat(16);
  await door.ask('GET', clouds, { headers: { traceparent: `00-${traceId}-${'cd'.repeat(8)}-01` } });
  await door.ask('GET', clouds);
  const [passed, first] = traces.steps(traceId);
  t.is(sent[0]?.headers['traceparent'], `00-${traceId}-${passed?.spanId ?? ''}-01`);
  t.is(passed?.parentId, first?.spanId);
  t.is(sent[1]?.headers['traceparent'], undefined);
});

test('an API that is not available is 503, and asks nobody', async (t) => {
  const { door, view, sent } = weather();
  view.put('apiregistration.k8s.io', 'apiservices', api({}, 'False'));
  const answer = await door.ask('GET', clouds);
  t.deepEqual([answer.status, bodyText(answer), sent.length], [503, 'service unavailable\n', 0]);
});

test('a redirect is refused', async (t) => {
  const made = weather();
  made.view.put('apiregistration.k8s.io', 'apiservices', api());
  made.answer = () => streamed(302, '', { location: 'https://169.254.169.254/' });
  const answer = await made.door.ask('GET', clouds);
  t.deepEqual(
    [answer.status, bodyText(answer)],
    [502, 'the backend attempted to redirect this request, which is not permitted'],
  );
});

test('a request that comes back is not passed on for ever', async (t) => {
  const made = weather();
  made.view.put('apiregistration.k8s.io', 'apiservices', api());
  let asked = 0;
  let last: ApiHttpResponse | undefined;
  const ask = async (headers: Readonly<Record<string, string>>): Promise<ApiHttpResponse> => {
    asked += 1;
    last = await made.door.ask('GET', clouds, { headers });
    // The backend is this server itself.
    const target = made.sent.shift();
    return target === undefined ? last : ask({ 'troupe-passed-on': String(target.headers['troupe-passed-on']) });
  };
  made.answer = () => streamed(200, '');
  const answer = await ask({});
  t.is(asked, 5);
  t.deepEqual(
    [answer.status, bodyText(answer)],
    [508, 'the request came back: the APIService leads to the cluster that has it'],
  );
});

for (const address of ['127.0.0.1', '169.254.169.254', '::1'])
  test(`an API is not asked at ${address}, whatever its endpoints say`, async (t) => {
    const made = weather(service, { endpoints: [{ addresses: [address], conditions: { ready: true } }] });
    made.view.put('apiregistration.k8s.io', 'apiservices', api());
    t.is((await made.door.ask('GET', clouds)).status, 503);
    t.is(made.sent.length, 0);
    t.regex((await made.probe(api())) ?? '', /address not allowed/);
  });

test('a Service that is a name outside the cluster is never reached', async (t) => {
  const made = weather({ ...service, spec: { type: 'ExternalName', externalName: 'metadata.example' } });
  made.view.put('apiregistration.k8s.io', 'apiservices', api());
  t.is((await made.door.ask('GET', clouds)).status, 503);
  t.regex((await made.probe(api())) ?? '', /name outside the cluster/);
  t.is(made.sent.length, 0);
});

test('a group that is served here is not taken over', async (t) => {
  const { door, view, sent } = weather();
  view.put('apiregistration.k8s.io', 'apiservices', { ...api(), metadata: { name: 'v1.apps' } });
  await door.ask('GET', '/apis/apps/v1/namespaces/default/deployments');
  t.is(sent.length, 0);
});

test('discovery shows the groups of other servers, and their resources', async (t) => {
  const made = weather();
  made.view.put('apiregistration.k8s.io', 'apiservices', api());
  made.answer = () =>
    streamed(
      200,
      JSON.stringify({
        resources: [
          { name: 'clouds', singularName: 'cloud', namespaced: true, kind: 'Cloud', verbs: ['get'] },
          { name: 'clouds/status', namespaced: true, kind: 'Cloud', verbs: ['get'] },
        ],
      }),
    );
  const plain = bodyJson(await made.door.ask('GET', '/apis'))['groups'] as { name: string }[];
  t.deepEqual(plain.at(-1) as object, {
    name: 'weather.example.com',
    versions: [{ groupVersion: 'weather.example.com/v1', version: 'v1' }],
    preferredVersion: { groupVersion: 'weather.example.com/v1', version: 'v1' },
  });
  const aggregated = bodyJson(
    await made.door.ask('GET', '/apis', {
      headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' },
    }),
  )['items'] as { metadata: { name: string }; versions: object[] }[];
  t.deepEqual(aggregated.at(-1)?.versions, [
    {
      version: 'v1',
      freshness: 'Current',
      resources: [
        {
          resource: 'clouds',
          responseKind: { group: '', version: '', kind: 'Cloud' },
          scope: 'Namespaced',
          singularResource: 'cloud',
          verbs: ['get'],
          subresources: [
            { subresource: 'status', responseKind: { group: '', version: '', kind: 'Cloud' }, verbs: ['get'] },
          ],
        },
      ],
    },
  ]);
});

test('a probe says what is wrong in the words of Kubernetes', async (t) => {
  const made = weather();
  t.is(await made.probe(api()), undefined);
  const url = 'https://10.1.1.2:8443/apis/weather.example.com/v1';
  made.answer = () => streamed(403, 'no');
  t.is(await made.probe(api()), `failing or missing response from ${url}: bad status from ${url}: 403`);
  made.answer = () => {
    throw new Error('connect ECONNREFUSED');
  };
  t.is(await made.probe(api()), `failing or missing response from ${url}: connect ECONNREFUSED`);
});

test('the documents of OpenAPI are those of all servers', async (t) => {
  const made = weather();
  made.view.put('apiregistration.k8s.io', 'apiservices', api());
  const documents: Readonly<Record<string, object>> = {
    '/openapi/v3': {
      paths: {
        'apis/weather.example.com/v1': { serverRelativeURL: '/openapi/v3/apis/weather.example.com/v1?hash=ABC' },
        version: { serverRelativeURL: '/openapi/v3/version?hash=D' },
      },
    },
    '/openapi/v3/apis/weather.example.com/v1?hash=ABC': {
      openapi: '3.0.0',
      paths: { '/apis/weather.example.com/v1/clouds': {} },
    },
    '/openapi/v2': {
      swagger: '2.0',
      paths: { '/apis/weather.example.com/v1/clouds': { get: { schema: { $ref: '#/definitions/Cloud' } } } },
      definitions: { Cloud: { type: 'object' } },
    },
  };
  made.answer = ({ path }) => {
    const document = documents[path];
    return document === undefined ? streamed(404, '') : streamed(200, JSON.stringify(document));
  };
  const { paths } = bodyJson(await made.door.ask('GET', '/openapi/v3')) as {
    paths: Record<string, { serverRelativeURL: string }>;
  };
  t.deepEqual(paths['apis/weather.example.com/v1'], {
    serverRelativeURL: '/openapi/v3/apis/weather.example.com/v1?hash=ABC',
  });
  t.false(paths['version']?.serverRelativeURL.endsWith('hash=D'));
  t.true('apis/apps/v1' in paths);
  t.is((await made.door.ask('GET', '/openapi/v3/apis/weather.example.com/v1?hash=ABC')).status, 200);
  t.is(made.sent.at(-1)?.path, '/openapi/v3/apis/weather.example.com/v1?hash=ABC');
  t.is((await made.door.ask('GET', '/openapi/v3/apis/weather.example.com/v2')).status, 404);
  const two = bodyJson(await made.door.ask('GET', '/openapi/v2')) as {
    paths: object;
    definitions: Record<string, object>;
  };
  t.true('/apis/weather.example.com/v1/clouds' in two.paths && '/api/v1/pods' in two.paths);
  t.deepEqual(two.definitions['Cloud'], { type: 'object' });
  const asked = made.sent.length;
  await made.door.ask('GET', '/openapi/v2');
  t.is(made.sent.length, asked, 'documents are remembered');
});
