import test from 'ava';
import { freshBuffer, gathered } from './http/gathering.ts';
import { bodyJson, bodyText, changeEvent, configMap, startDoor, streamOf } from './testing/index.ts';

test('an object is answered with the very bytes of its record', async (t) => {
  const { ask, service } = startDoor();
  const record = service.put(configMap('a'));
  const answer = await ask('GET', '/api/v1/namespaces/default/configmaps/a');
  t.is(answer.status, 200);
  t.is(answer.body, record.bytes);
  t.is(answer.headers['content-type'], 'application/json');
  t.regex(String(answer.headers['audit-id']), /^[0-9a-f-]{36}$/);
});

test('a list is joined from the bytes of its records, without kind and version in the items', async (t) => {
  const { ask, service } = startDoor();
  for (const name of ['a', 'b']) service.put(configMap(name));
  const list = bodyJson(await ask('GET', '/api/v1/namespaces/default/configmaps'));
  t.like(list, { kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '12' } });
  t.deepEqual(
    (list['items'] as object[]).map((item) => Object.keys(item)),
    [
      ['metadata', 'data'],
      ['metadata', 'data'],
    ],
  );
});

test("a long list is one document of the records' own bytes, and goes out in few turns", async (t) => {
  const { ask, service } = startDoor();
  for (let i = 0; i < 3000; i++) service.put({ ...configMap(`c${i}`), data: { text: 'x'.repeat(300) } });
  const answer = await ask('GET', '/api/v1/configmaps');
  const pieces = Array.isArray(answer.body) ? (answer.body as readonly Uint8Array[]) : [];
  const stored = new Set([...service.records.values()].map(({ bytes }) => bytes.buffer));
  t.is(pieces.filter((piece) => stored.has(piece.buffer)).length, 3000);
  t.true([...gathered(pieces, freshBuffer)].length < 20);
  t.is((bodyJson(answer)['items'] as object[]).length, 3000);
});

test('unknown paths, resources and methods are answered as Kubernetes does', async (t) => {
  const { ask } = startDoor();
  t.is(bodyText(await ask('GET', '/nothing')), '404 page not found\n');
  t.like(bodyJson(await ask('GET', '/apis/apps/v1/unicorns')), {
    code: 404,
    message: 'the server could not find the requested resource',
    details: {},
  });
  t.like(bodyJson(await ask('GET', '/api/v1/namespaces/default/nodes')), { code: 404 });
  t.like(bodyJson(await ask('POST', '/api/v1/namespaces/default', { body: {} })), {
    code: 405,
    reason: 'MethodNotAllowed',
  });
  t.like(bodyJson(await ask('POST', '/api/v1/configmaps', { body: {} })), { code: 405 });
  t.like(bodyJson(await ask('DELETE', '/api/v1/namespaces')), { code: 405 });
  for (const method of ['POST', 'PUT', 'DELETE'])
    t.like(bodyJson(await ask(method, '/api/v1/watch/namespaces/default/configmaps', { body: {} })), { code: 405 });
  t.like(bodyJson(await ask('DELETE', '/api/v1/watch/namespaces/default')), { code: 405 });
  for (const path of ['/api/v1/namespaces/default/pods/p/status/x', '/apis/apps/v1/namespaces/a/deployments/d/scale/x'])
    t.like(bodyJson(await ask('GET', path)), {
      code: 404,
      message: 'the server could not find the requested resource',
    });
});

test('an OpenAPI document of the index may be kept for good, and a hash that is out of date leads to it', async (t) => {
  const { ask } = startDoor();
  const { paths } = bodyJson(await ask('GET', '/openapi/v3')) as {
    paths: Record<string, { serverRelativeURL: string }>;
  };
  const url = paths['apis/apps/v1']?.serverRelativeURL ?? '';
  const hash = /hash=(.*)/.exec(url)?.[1] ?? '';
  const found = await ask('GET', url);
  t.like(found.headers, { 'cache-control': 'public, immutable', etag: `"${hash}"`, vary: 'Accept' });
  const year = new Date(String(found.headers['expires'])).getTime() - new Date(String(found.headers['date'])).getTime();
  t.is(year, 365 * 86_400_000);
  t.is((await ask('GET', url, { headers: { 'if-none-match': `"${hash}"` } })).status, 304);
  const stale = await ask('GET', '/openapi/v3/apis/apps/v1?hash=OLD');
  t.is(stale.status, 301);
  t.is(stale.headers['location'], url);
  t.is((await ask('GET', '/openapi/v3/apis/apps/v1')).headers['cache-control'], 'no-cache, private');
});

test('a watch writes one line an event and one write a batch, and ends after its time', async (t) => {
  const { ask, service, time } = startDoor();
  const answer = await ask(
    'GET',
    '/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=5&allowWatchBookmarks=true',
  );
  const sink = streamOf(answer);
  const record = service.put(configMap('a'));
  t.true(
    service.sink?.([changeEvent('ADDED', record), { type: 'BOOKMARK', revision: 12 as never, initialEventsEnd: true }]),
  );
  const events = sink.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; object: { metadata: object } });
  t.deepEqual(
    events.map((event) => event.type),
    ['ADDED', 'BOOKMARK'],
  );
  t.deepEqual(events[1]?.object, {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { resourceVersion: '12', creationTimestamp: null, annotations: { 'k8s.io/initial-events-end': 'true' } },
  });
  time.pass(5_000);
  t.true(sink.ended);
  t.true(service.watchClosed);
});

test('the old path of watches with a name watches that object alone', async (t) => {
  const { ask, service } = startDoor();
  const path = '/api/v1/watch/namespaces/default/configmaps/a';
  t.is((await ask('GET', path)).status, 200);
  t.like(service.calls.at(-1), { verb: 'watch', details: { fieldSelector: 'metadata.name=a' } });
  const both = 'metadata.name=a,metadata.namespace=default';
  t.is((await ask('GET', `${path}?fieldSelector=${encodeURIComponent(both)}`)).status, 200);
  t.like(service.calls.at(-1), { verb: 'watch', details: { fieldSelector: both } });
  for (const selector of ['metadata.name%3Db', 'metadata.namespace%3Ddefault'])
    t.like(bodyJson(await ask('GET', `${path}?fieldSelector=${selector}`)), {
      code: 400,
      message: "fieldSelector metadata.name doesn't match requested name",
    });
});

test('a watcher that does not keep up is ended', async (t) => {
  const { ask, service } = startDoor();
  const sink = streamOf(await ask('GET', '/api/v1/configmaps?watch=true'));
  sink.slow = true;
  t.false(service.sink?.([changeEvent('ADDED', service.put(configMap('a')))]));
  t.true(sink.ended);
});

test('a watch is closed when its reader goes away', async (t) => {
  const { ask, service } = startDoor();
  streamOf(await ask('GET', '/api/v1/configmaps?watch=true')).close();
  t.true(service.watchClosed);
});

test('events that come before the answer is begun are not lost', async (t) => {
  const { ask, service } = startDoor();
  const answer = await ask('GET', '/api/v1/configmaps?watch=true');
  service.sink?.([changeEvent('ADDED', service.put(configMap('a')))]);
  t.regex(streamOf(answer).text, /^\{"type":"ADDED"/);
});

test('options of writes are read, checked and passed on', async (t) => {
  const { ask, service } = startDoor();
  const answer = await ask('POST', '/api/v1/namespaces/default/configmaps?dryRun=All&fieldValidation=Strict', {
    body: configMap('a'),
    headers: { 'user-agent': 'kubectl/v1.33 (linux)' },
  });
  t.is(answer.status, 201);
  t.like(service.calls.at(-1)?.details, {
    context: { dryRun: true, fieldValidation: 'Strict', fieldManager: 'kubectl' },
  });
  t.like(bodyJson(await ask('POST', '/api/v1/namespaces/default/configmaps?dryRun=Some', { body: configMap('a') })), {
    code: 422,
    details: { kind: 'CreateOptions' },
  });
  t.like(
    bodyJson(
      await ask('PATCH', '/api/v1/namespaces/default/configmaps/a', {
        body: {},
        headers: { 'content-type': 'application/apply-patch+yaml' },
      }),
    ),
    { code: 422 },
  );
  t.like(bodyJson(await ask('PATCH', '/api/v1/namespaces/default/configmaps/a', { body: {} })), {
    code: 415,
    message: '415: Unsupported Media Type',
  });
});

test('deletion options come from the body or the query, and a deletion answers a Status', async (t) => {
  const { ask, service } = startDoor();
  service.put(configMap('a'));
  const path = '/api/v1/namespaces/default/configmaps/a';
  t.like(
    bodyJson(
      await ask('DELETE', path, {
        body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Foreground', preconditions: { uid: 'u' } },
      }),
    ),
    { status: 'Success', details: { name: 'a', kind: 'configmaps', uid: 'uid-a' } },
  );
  t.like(service.calls.at(-1)?.details, { options: { propagation: 'Foreground', uid: 'u' } });
  await ask('DELETE', `${path}?gracePeriodSeconds=0&orphanDependents=true`);
  t.like(service.calls.at(-1)?.details, { options: { gracePeriodSeconds: 0, propagation: 'Orphan' } });
  t.like(bodyJson(await ask('DELETE', path, { body: { propagationPolicy: 'Sideways' } })), { code: 422 });
  t.like(bodyJson(await ask('DELETE', path, { body: '{' })), { code: 400 });
  for (const body of [
    { gracePeriodSeconds: 'soon' },
    { orphanDependents: 'no' },
    { preconditions: [] },
    { dryRun: 'All' },
  ])
    t.like(bodyJson(await ask('DELETE', path, { body })), { code: 400 }, JSON.stringify(body));
  t.like(bodyJson(await ask('DELETE', path, { body: {}, headers: { 'content-type': 'text/plain' } })), { code: 415 });
  t.like(bodyJson(await ask('DELETE', path, { body: { kind: 'DeleteOptions', apiVersion: 'nothing/v9' } })), {
    status: 'Success',
  });
  t.like(bodyJson(await ask('DELETE', `${path}?gracePeriodSeconds=x`)), { code: 400 });
});

test('a ReplicationController that is gone is answered with a Status, a pod with itself', async (t) => {
  const { ask, service } = startDoor();
  for (const [plural, kind, answered] of [
    ['replicationcontrollers', 'ReplicationController', 'Status'],
    ['pods', 'Pod', 'Pod'],
  ]) {
    service.put({ ...configMap('a'), kind } as never);
    const path = `/api/v1/namespaces/default/${plural}/a`;
    t.is(bodyJson(await ask('DELETE', path, { body: { propagationPolicy: 'Background' } }))['kind'], answered);
  }
});

test('a body over the limit is refused with 413', async (t) => {
  const { handler } = startDoor();
  const answer = await handler({
    method: 'POST',
    path: '/api/v1/namespaces/default/configmaps',
    query: '',
    headers: { authorization: 'Bearer admin-token', 'content-type': 'application/json' },
    body: new Uint8Array(0),
    bodyTooLarge: true,
  });
  t.like(bodyJson(answer), { code: 413, message: 'Request entity too large: limit is 3145728' });
});

test('answers are written as the client accepts them', async (t) => {
  const { ask, service } = startDoor();
  service.put(configMap('a'));
  const path = '/api/v1/namespaces/default/configmaps/a';
  const as = async (accept: string): Promise<{ status: number; type: unknown; body: string }> => {
    const answer = await ask('GET', path, { headers: { accept } });
    return { status: answer.status, type: answer.headers['content-type'], body: bodyText(answer) };
  };
  t.like(await as('application/yaml'), { status: 200, type: 'application/yaml' });
  t.like(await as('application/vnd.kubernetes.protobuf'), { status: 200, type: 'application/vnd.kubernetes.protobuf' });
  t.like(await as('text/html;q=0.9, application/json;q=0.5'), { status: 200, type: 'application/json' });
  t.is((await as('text/html')).status, 406);
  t.is((await as('application/json;as=Table;v=v9;g=meta.k8s.io')).status, 406);
  t.like(JSON.parse((await as('application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io')).body), {
    kind: 'PartialObjectMetadata',
    metadata: { name: 'a' },
  });
  t.like(JSON.parse((await as('application/json;as=Table;v=v1;g=meta.k8s.io,application/json')).body), {
    kind: 'Table',
    rows: [{ object: { kind: 'PartialObjectMetadata' } }],
  });
});

test('a refusal is written as the client accepts it, and in JSON where it accepts nothing known', async (t) => {
  const { ask } = startDoor();
  const as = async (accept: string): Promise<{ status: number; type: unknown; body: string }> => {
    const answer = await ask('GET', '/api/v1/namespaces/default/configmaps?limit=x', { headers: { accept } });
    return { status: answer.status, type: answer.headers['content-type'], body: bodyText(answer) };
  };
  const yaml = await as('application/yaml');
  t.like(yaml, { status: 400, type: 'application/yaml' });
  t.regex(yaml.body, /^reason: BadRequest$/m);
  const protobuf = await as('application/vnd.kubernetes.protobuf');
  t.like(protobuf, { status: 400, type: 'application/vnd.kubernetes.protobuf' });
  t.is(protobuf.body.slice(0, 3), 'k8s');
  t.like(await as('application/json;as=Table;v=v1;g=meta.k8s.io,application/json'), {
    status: 400,
    type: 'application/json',
  });
  t.like(await as('text/html'), { status: 406, type: 'application/json' });
});

test('what no root of discovery can be is refused, each root in its own words', async (t) => {
  const { ask } = startDoor();
  const refused = async (path: string): Promise<unknown> =>
    (bodyJson(await ask('GET', path, { headers: { accept: 'text/plain' } })) as { message: string }).message;
  const known = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
  t.is(await refused('/api'), `406: Not Acceptable\n\nAvailable representations: ${known}`);
  t.is(await refused('/apis'), `only the following media types are accepted: ${known}`);
});

test('warnings become Warning headers, quoted', async (t) => {
  const { ask } = startDoor();
  const answer = await ask('GET', '/api/v1/namespaces/default/endpoints');
  t.deepEqual(answer.headers['warning'], [
    '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
  ]);
});

test('health tells each check and withholds reasons', async (t) => {
  const { ask } = startDoor();
  t.is(bodyText(await ask('GET', '/readyz', { user: 'anonymous' })), 'ok');
  t.is(bodyText(await ask('GET', '/livez?verbose')), '[+]ping ok\nlivez check passed\n');
  t.is(bodyText(await ask('GET', '/readyz/ping')), 'ok');
  t.is((await ask('GET', '/readyz/none')).status, 404);
});

test('a timeout that is no duration is refused, except of requests that last', async (t) => {
  const { ask } = startDoor();
  const prefix = 'invalid timeout specified in the request URL - time: ';
  for (const [timeout, message] of [
    ['x', 'invalid duration "x"'],
    ['5', 'missing unit in duration "5"'],
    ['1s5x', 'unknown unit "x" in duration "1s5x"'],
    ['-', 'invalid duration "-"'],
    ['1.s.', 'invalid duration "1.s."'],
  ] as const)
    for (const path of ['/api/v1/namespaces/default/pods', '/version'])
      t.like(bodyJson(await ask('GET', `${path}?timeout=${timeout}`)), { code: 400, message: `${prefix}${message}` });
  for (const timeout of ['', '0', '32s', '1h2m3.5s', '.5ms', '-1s'])
    t.is((await ask('GET', `/version?timeout=${timeout}`)).status, 200, timeout);
  t.is((await ask('GET', '/api/v1/namespaces/default/pods?watch=1&timeout=x')).status, 200);
});

test('the key set and the issuer can be discovered', async (t) => {
  const { ask } = startDoor();
  t.like(bodyJson(await ask('GET', '/.well-known/openid-configuration')), {
    jwks_uri: 'https://127.0.0.1:6443/openid/v1/jwks',
  });
  const { keys } = bodyJson(await ask('GET', '/openid/v1/jwks')) as { keys: { alg: string; kid: string }[] };
  t.is(keys[0]?.alg, 'ES256');
});

test('documents are not sent twice to a client that has them', async (t) => {
  const { ask } = startDoor();
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const first = await ask('GET', '/apis', { headers: { accept } });
  const again = await ask('GET', '/apis', { headers: { accept, 'if-none-match': String(first.headers['etag']) } });
  t.is(again.status, 304);
});

test('the supervision is fed as one tick a second, and the tree is given once on request', async (t) => {
  const { ask, time, system } = startDoor();
  system.spawn('worker', { initialState: () => 0, receive: () => 0 });
  const sink = streamOf(await ask('GET', '/troupe/api/feed'));
  t.regex(sink.text, /^id: \d+\nevent: tick\ndata: \{.*\}\n\n$/);
  time.pass(1_000);
  time.pass(1_000);
  t.regex(sink.text, /"put":\[\{"address":"worker"/);
  t.like(bodyJson(await ask('GET', '/troupe/api/tree?once=1')), { name: 'root' });
  for (const path of ['tree', 'feed', 'replay'])
    t.is((await ask('GET', `/troupe/api/${path}`, { user: 'anonymous' })).status, 403);
});

test('a viewer of the supervision who comes back gets what happened meanwhile, once', async (t) => {
  const { ask, view, time } = startDoor();
  const happen = (reason: string): void => {
    view.put('', 'events', {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: reason, namespace: 'default' },
      reason,
      message: 'told',
      involvedObject: { kind: 'Pod', name: 'p' },
    } as never);
    time.pass(1_000);
  };
  const first = streamOf(await ask('GET', '/troupe/api/feed'));
  happen('Seen');
  const id =
    first.text
      .split('\n')
      .findLast((line) => line.startsWith('id: '))
      ?.slice(4) ?? '';
  first.close();
  happen('Missed');
  const comeBack = async (lastId: string): Promise<string> =>
    streamOf(await ask('GET', '/troupe/api/feed', { headers: { 'last-event-id': lastId } })).text;
  t.deepEqual(
    ['Seen', 'Missed'].map((reason) => first.text.includes(reason)),
    [true, false],
  );
  const text = await comeBack(id);
  t.deepEqual(
    ['Seen', 'Missed'].map((reason) => text.includes(reason)),
    [false, true],
  );
  t.false((await comeBack('nonsense')).includes('Missed'));
});

test('an actor is restarted for who may, and for nobody else', async (t) => {
  const { ask, system } = startDoor();
  const body = { process: 'door', address: 'worker' };
  t.is((await ask('POST', '/troupe/api/actors/restart', { body, user: 'alice' })).status, 403);
  t.is((await ask('POST', '/troupe/api/actors/restart', { body })).status, 404);
  system.spawn('worker', { initialState: () => 0, receive: () => 0 });
  t.like(bodyJson(await ask('POST', '/troupe/api/actors/restart', { body })), {
    status: 'Success',
    message: 'worker was restarted',
  });
  t.is((await ask('POST', '/troupe/api/actors/restart', { body: 'x' })).status, 400);
  t.is((await ask('POST', '/troupe/api/actors/restart', { body: {} })).status, 400);
  t.is(
    (await ask('POST', '/troupe/api/actors/restart', { body, headers: { 'sec-fetch-site': 'cross-site' } })).status,
    403,
  );
  t.is((await ask('POST', '/troupe/api/actors/other', { body })).status, 404);
});

test('an actor is disturbed for a while for who may, and only in ways that there are', async (t) => {
  const { ask, system } = startDoor();
  const body = { process: 'door', address: 'worker', how: 'stall', forMs: '2000' };
  const disturb = async (more: object, user = 'admin'): Promise<number> =>
    (await ask('POST', '/troupe/api/actors/disturb', { body: { ...body, ...more }, user })).status;
  t.is(await disturb({}, 'alice'), 403);
  t.is(await disturb({}), 404);
  system.spawn('worker', { initialState: () => 0, receive: () => 0 });
  t.like(bodyJson(await ask('POST', '/troupe/api/actors/disturb', { body })), {
    message: 'worker: stall for 2000 ms, 0 messages waited',
  });
  t.is(await disturb({ forMs: '0' }), 200);
  t.is(await disturb({ how: 'crash' }), 400);
  t.is(await disturb({ forMs: '-1' }), 400);
  t.is(await disturb({ forMs: 'soon' }), 400);
});

test('the time line shows events of a namespace to those alone who may list them there', async (t) => {
  const { ask, view, time } = startDoor();
  const rules = [{ verbs: ['get'], nonResourceURLs: ['/troupe/api/*'] }];
  view.put('rbac.authorization.k8s.io', 'clusterroles', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'viewer' },
    rules,
  } as never);
  view.put('rbac.authorization.k8s.io', 'clusterrolebindings', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'viewer' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'viewer' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'alice' }],
  } as never);
  const sinks = await Promise.all(
    ['admin', 'alice'].map(async (user) => streamOf(await ask('GET', '/troupe/api/feed', { user }))),
  );
  view.put('', 'events', {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e', namespace: 'secret' },
    reason: 'Leak',
    message: 'told',
    involvedObject: { kind: 'Pod', name: 'p' },
  } as never);
  time.pass(1_000);
  t.deepEqual(
    sinks.map(({ text }) => text.includes('Leak')),
    [true, false],
  );
  t.true(bodyText(await ask('GET', '/troupe/api/replay')).includes('Leak'));
  t.false(bodyText(await ask('GET', '/troupe/api/replay', { user: 'alice' })).includes('Leak'));
});
