import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { alreadyExists } from '../../api/index.ts';
import { type MetricLabels, silentLogger, silentMetrics } from '../../base/index.ts';
import { bind, configMap, HandTime, role, startDoor, streamOf } from '../testing/index.ts';
import { createAudit } from './audit.ts';
import { type AuditBackend, batched } from './batch.ts';
import { defaultAuditPolicy } from './default-policy.ts';
import type { AuditEvent } from './event.ts';
import { EventTexts } from './event-text.ts';
import { openAuditLog } from './log-backend.ts';
import { auditDecider, type AuditPolicy, parseAuditPolicy } from './policy.ts';
import { RefusalBudget } from './refusal-budget.ts';
import { openAuditWebhook } from './webhook-backend.ts';

class Kept implements AuditBackend {
  readonly events: AuditEvent[] = [];
  add(event: string): void {
    this.events.push(JSON.parse(event) as AuditEvent);
  }
  async close(): Promise<void> {
    await Promise.resolve();
  }
}

function audited(policy: AuditPolicy): { readonly kept: Kept; readonly door: ReturnType<typeof startDoor> } {
  const kept = new Kept();
  const time = new HandTime();
  return { kept, door: startDoor({ audit: createAudit({ policy, backends: [kept], clock: time.clock }) }) };
}

const everything: AuditPolicy = { rules: [{ level: 'RequestResponse' }] };
const ask = {
  user: { name: 'u', groups: ['g'] },
  verb: 'get',
  isResource: true,
  group: '',
  resource: 'pods',
  subresource: '',
  namespace: 'n',
  name: 'p',
  path: '/x',
};

const text = fc.string({ unit: 'grapheme' });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const some = fc.oneof(
  fc.record({ metadata: fc.record({ name: text }), list: fc.array(fc.oneof(text, fc.integer(), fc.constant(null))) }),
  text,
);

test('property: an event is written as JSON.stringify would write it', (t) => {
  const event = fc.record({
    kind: fc.constant('Event'),
    apiVersion: fc.constant('audit.k8s.io/v1'),
    level: fc.constantFrom('Metadata', 'RequestResponse'),
    auditID: text,
    stage: fc.constantFrom('ResponseComplete', 'Panic'),
    requestURI: text,
    verb: text,
    user: fc.oneof(fc.constant({}), fc.record({ username: text, groups: fc.array(text) })),
    impersonatedUser: maybe(fc.record({ username: text })),
    sourceIPs: maybe(fc.array(text)),
    userAgent: maybe(text),
    objectRef: maybe(
      fc.record({
        resource: text,
        namespace: maybe(text),
        name: maybe(text),
        apiGroup: maybe(text),
        apiVersion: text,
        subresource: maybe(text),
      }),
    ),
    responseStatus: maybe(fc.record({ metadata: fc.constant({}), message: text, code: fc.nat() })),
    requestObject: maybe(some),
    responseObject: maybe(some),
    requestReceivedTimestamp: fc.constant('2026-01-31T10:00:00.000000Z'),
    stageTimestamp: fc.constant('2026-01-31T10:00:00.001000Z'),
    annotations: maybe(fc.dictionary(text, text)),
  });
  fc.assert(
    fc.property(event, (made) => {
      t.is(new EventTexts().of(made as AuditEvent), JSON.stringify(made));
    }),
    { numRuns: 300 },
  );
});

test('the first rule that matches decides, and nothing matching means None', (t) => {
  const level = (rule: AuditPolicy['rules'][number], more: Partial<typeof ask> = {}): string =>
    auditDecider({ rules: [rule] })({ ...ask, ...more }, more.user ?? ask.user).level;
  t.is(level({ level: 'Metadata', users: ['other'] }), 'None');
  t.is(level({ level: 'Metadata', userGroups: ['g'], verbs: ['get'] }), 'Metadata');
  t.is(level({ level: 'Metadata', namespaces: [''] }), 'None');
  t.is(level({ level: 'Metadata', namespaces: [''] }, { namespace: '' }), 'Metadata');
  t.is(level({ level: 'Metadata', resources: [{ group: '', resources: ['pods'] }] }, { subresource: 'log' }), 'None');
  t.is(
    level({ level: 'Metadata', resources: [{ group: '', resources: ['pods/*'] }] }, { subresource: 'log' }),
    'Metadata',
  );
  t.is(
    level({ level: 'Metadata', resources: [{ group: '', resources: ['*/log'] }] }, { subresource: 'log' }),
    'Metadata',
  );
  t.is(level({ level: 'Metadata', resources: [{ group: '', resources: ['pods'], resourceNames: ['q'] }] }), 'None');
  t.is(level({ level: 'Metadata', resources: [{ group: 'apps' }] }), 'None');
  t.is(level({ level: 'Metadata', nonResourceURLs: ['/x*'] }), 'None');
  t.is(level({ level: 'Metadata', nonResourceURLs: ['/heal*'] }, { isResource: false, path: '/healthz' }), 'Metadata');
});

test('by default a write is recorded without its body, and of reads those of Secrets alone', async (t) => {
  const { kept, door } = audited(defaultAuditPolicy);
  await door.ask('POST', '/api/v1/namespaces/n/secrets', {
    body: {
      kind: 'Secret',
      apiVersion: 'v1',
      metadata: { name: 's', namespace: 'n' },
      stringData: { key: 'deep-secret' },
    },
    headers: { 'audit-id': 'mine' },
  });
  await door.ask('GET', '/api/v1/namespaces/n/configmaps/c');
  t.is(kept.events.length, 1);
  await door.ask('GET', '/api/v1/namespaces/n/secrets/s');
  t.like(kept.events[1], { level: 'Metadata', verb: 'get', objectRef: { resource: 'secrets', name: 's' } });
  t.is(kept.events.length, 2);
  t.like(kept.events[0], {
    level: 'Metadata',
    auditID: 'mine',
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/n/secrets',
    verb: 'create',
    user: { username: 'admin' },
    userAgent: 'test/1',
    objectRef: { resource: 'secrets', namespace: 'n', name: 's', apiVersion: 'v1' },
    responseStatus: { code: 201 },
    annotations: { 'authorization.k8s.io/decision': 'allow' },
  });
  t.false(JSON.stringify(kept.events).includes('deep-secret'));
});

test('a refusal and a failed login are recorded with why', async (t) => {
  const { kept, door } = audited(defaultAuditPolicy);
  await door.ask('DELETE', '/api/v1/namespaces/n/configmaps/c', { user: 'alice' });
  await door.ask('DELETE', '/api/v1/namespaces/n/configmaps/c', { user: 'nobody' });
  t.like(kept.events[0], {
    responseStatus: { code: 403, reason: 'Forbidden', status: 'Failure' },
    annotations: { 'authorization.k8s.io/decision': 'forbid' },
  });
  t.like(kept.events[1], {
    stage: 'ResponseStarted',
    user: {},
    responseStatus: { code: 401, message: 'Authentication failed, attempted: bearer' },
  });
});

test('a creation that is refused for what it asks names the object that it asked for', async (t) => {
  const { kept, door } = audited(defaultAuditPolicy);
  const body = configMap('c', 'n');
  door.service.create = () => Promise.reject(alreadyExists({ group: '', resource: 'configmaps' }, 'c'));
  await door.ask('POST', '/api/v1/namespaces/n/configmaps', { body });
  await door.ask('POST', '/api/v1/namespaces/n/configmaps', { body, user: 'alice' });
  t.deepEqual(
    kept.events.map(({ objectRef, responseStatus }) => [responseStatus?.['code'], objectRef?.name]),
    [
      [409, 'c'],
      [403, undefined],
    ],
  );
});

test('requests for deprecated kinds say so', async (t) => {
  const { kept, door } = audited(everything);
  await door.ask('GET', '/api/v1/namespaces/n/endpoints');
  await door.ask('GET', '/api/v1/namespaces/n/configmaps');
  t.deepEqual(
    kept.events
      .filter(({ stage }) => stage === 'ResponseComplete')
      .map(({ annotations }) => annotations?.['k8s.io/deprecated']),
    ['true', undefined],
  );
});

test('facts for one level are left out at a lower one', async (t) => {
  const time = new HandTime();
  const kept = new Kept();
  const policy: AuditPolicy = { rules: [{ level: 'Request', verbs: ['create'] }, { level: 'Metadata' }] };
  const audit = createAudit({ policy, backends: [kept], clock: time.clock });
  for (const verb of ['create', 'delete']) {
    const record = audit.begin({
      id: verb,
      request: { method: 'GET', path: '/', query: '', headers: {}, body: new Uint8Array() },
      info: { ...ask, verb, version: 'v1', rest: [], inNamespace: true, trailingSlash: false, wrongMethod: false },
      user: ask.user,
      receivedAt: 0,
    });
    record?.annotate('a', 'plain');
    record?.annotate('b', 'long', 'Request');
    record?.complete({ status: 200, headers: {}, body: new Uint8Array() });
  }
  await audit.close();
  t.deepEqual(
    kept.events.filter(({ stage }) => stage === 'ResponseComplete').map(({ annotations }) => annotations),
    [{ a: 'plain', b: 'long' }, { a: 'plain' }],
  );
});

test('long texts of a refused client take little of the log, and leave the beginning to see', async (t) => {
  const { kept, door } = audited(defaultAuditPolicy);
  const long = 'a'.repeat(900_000);
  const headers = { 'user-agent': `agent-${long}` };
  await door.ask('DELETE', `/api/v1/namespaces/n/configmaps/c-${long}`, { user: 'alice', headers });
  const [event = {}] = kept.events;
  t.true(JSON.stringify(event).length < 32 * 1024);
  t.like(event, { verb: 'delete', responseStatus: { code: 403, reason: 'Forbidden' } });
  t.regex(JSON.stringify(event), /"requestURI":"\/api\/v1\/namespaces\/n\/configmaps\/c-aaaa/);
  t.regex(JSON.stringify(event), /"userAgent":"agent-aaaa/);
});

test('bodies are kept where the policy wants them, without managed fields if it says so', async (t) => {
  const { kept, door } = audited({
    omitStages: ['RequestReceived'],
    omitManagedFields: true,
    rules: [{ level: 'Request', verbs: ['patch'] }, { level: 'RequestResponse' }],
  });
  const object = { ...configMap('c', 'n'), metadata: { name: 'c', namespace: 'n', managedFields: [{ manager: 'm' }] } };
  await door.ask('POST', '/api/v1/namespaces/n/configmaps', {
    body: object,
    headers: { 'impersonate-user': 'carol', 'impersonate-group': 'system:masters' },
  });
  t.like(kept.events[0], {
    user: { username: 'admin' },
    impersonatedUser: { username: 'carol' },
    requestObject: { data: { k: 'v' } },
    responseObject: { kind: 'ConfigMap' },
  });
  t.false(JSON.stringify(kept.events[0]).includes('managedFields'));
  await door.ask('PATCH', '/api/v1/namespaces/n/configmaps/c', {
    body: '{"data":{"a":"b"}}',
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  t.deepEqual(kept.events[1]?.requestObject, { data: { a: 'b' } });
  t.is(kept.events[1]?.responseObject, undefined);
});

test('a watch is recorded when it starts and when it ends', async (t) => {
  const { kept, door } = audited(everything);
  const sink = streamOf(await door.ask('GET', '/api/v1/namespaces/n/configmaps?watch=1'));
  t.deepEqual(
    kept.events.map(({ stage }) => stage),
    ['RequestReceived', 'ResponseStarted'],
  );
  sink.close();
  t.deepEqual(
    kept.events.map(({ stage }) => stage),
    ['RequestReceived', 'ResponseStarted', 'ResponseComplete'],
  );
});

test('a policy that makes no sense is refused with the field', (t) => {
  const parse = (policy: object) => (): unknown =>
    parseAuditPolicy({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', ...policy }, 'p.yaml');
  t.throws(parse({ rules: [] }), { message: /p\.yaml: rules must have/ });
  t.throws(parse({ rules: [{ level: 'All' }] }), { message: /rules\[0\]\.level "All" is not one of None, Metadata/ });
  t.throws(parse({ rules: [{ level: 'None', omitStages: ['Later'] }] }), { message: /omitStages "Later"/ });
  t.throws(parse({ rules: [{ level: 'None', nonResourceURLs: ['/a'], namespaces: ['n'] }] }), {
    message: /cannot apply to both/,
  });
  t.notThrows(parse({ rules: [{ level: 'None', nonResourceURLs: ['/a*'] }] }));
});

test('what a slow backend cannot take is dropped and counted, and never waited for', async (t) => {
  const time = new HandTime();
  const delivered: number[] = [];
  let lost = 0;
  const metrics = {
    ...silentMetrics,
    count: (name: string, _labels: unknown, by = 1): void => {
      if (name === 'apiserver_audit_error_total') lost += by;
    },
  };
  let release = (): void => undefined;
  const backend = batched({
    name: 'slow',
    deliver: (events) =>
      new Promise((resolve) => {
        delivered.push(events.length);
        release = resolve;
      }),
    timers: time.timers,
    log: silentLogger,
    metrics,
    batchEventsMax: 2,
    waitMs: 100,
    queueEventsMax: 3,
  });
  for (let i = 0; i < 8; i++) backend.add('{}');
  t.deepEqual(delivered, [2]);
  t.is(lost, 3);
  release();
  await Promise.resolve();
});

test('the log turns over by size and keeps so many old files', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-audit-'));
  const time = new HandTime();
  const file = join(folder, 'audit.log');
  for (let i = 0; i < 5; i++) {
    const log = openAuditLog({
      file,
      bytesMax: 60,
      backupsMax: 2,
      daysMax: 0,
      timers: time.timers,
      clock: time.clock,
      log: silentLogger,
      metrics: silentMetrics,
    });
    log.add(JSON.stringify({ auditID: `event-${String(i)}`, verb: 'create-something-long' }));
    await log.close();
    time.pass(1000);
  }
  t.is(readdirSync(folder).length, 3);
  t.is(readFileSync(file, 'utf8'), '{"auditID":"event-4","verb":"create-something-long"}\n');
});

test('the webhook gets batches as a list, and a failed one again', async (t) => {
  const time = new HandTime();
  const bodies: string[] = [];
  const answers = [500, 200];
  const webhook = openAuditWebhook({
    post: async (body) => {
      bodies.push(Buffer.from(body).toString());
      return Promise.resolve({ status: answers.shift() ?? 200, body: new Uint8Array() });
    },
    timers: { ...time.timers, after: (ms, call) => time.timers.after(Math.min(ms, 0), call) },
    log: silentLogger,
    metrics: silentMetrics,
  });
  webhook.add('{"auditID":"a"}');
  const closed = webhook.close();
  for (let i = 0; i < 20; i++) {
    await Promise.resolve();
    time.pass(1);
  }
  await closed;
  t.is(bodies.length, 2);
  t.deepEqual(JSON.parse(bodies[1] ?? ''), {
    kind: 'EventList',
    apiVersion: 'audit.k8s.io/v1',
    metadata: {},
    items: [{ auditID: 'a' }],
  });
});

test("a caller's refusals fill a part of the trail, and what is done leaves its line always", async (t) => {
  const kept = new Kept();
  const { clock, pass } = handTime();
  const counts: MetricLabels[] = [];
  const count = (name: string, labels: MetricLabels = {}): void => {
    if (name === 'troupe_audit_left_out_total') counts.push(labels);
  };
  const metrics = { ...silentMetrics, count };
  const door = startDoor({ audit: createAudit({ policy: everything, backends: [kept], clock, metrics }) });
  const path = '/api/v1/namespaces/default/configmaps';
  const lines = (user: string): AuditEvent[] =>
    kept.events.filter((event) => event.stage === 'ResponseComplete' && event.user.username === user);
  for (let i = 0; i < 1000; i += 1) await door.ask('DELETE', `${path}/x${i}`, { user: 'bob' });
  t.is(lines('bob').length, 200);
  t.deepEqual([counts.length, counts[0]], [800, { user: 'known' }]);
  await door.ask('DELETE', `${path}/a`, { user: 'alice' });
  t.is(lines('alice').length, 1);
  role(door.view, 'writers', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['create'] }]);
  bind(door.view, 'writers', { role: 'writers', subjects: [{ kind: 'User', name: 'bob' }] });
  t.is((await door.ask('POST', path, { user: 'bob', body: configMap('b') })).status, 201);
  t.is(lines('bob').length, 201);
  pass(1_000);
  await door.ask('DELETE', `${path}/x`, { user: 'bob' });
  t.like(lines('bob').at(-1), { annotations: { 'troupe.dev/refusals-left-out': '800' } });
});

test('many names of callers are forgotten, not kept', (t) => {
  const { clock } = handTime();
  const budget = new RefusalBudget(clock);
  for (let i = 0; i < 300; i += 1) budget.take('crowd');
  t.is(budget.take('crowd'), undefined);
  for (let i = 0; i < 1_999; i += 1) budget.take(`user ${i}`);
  t.is(budget.take('crowd'), undefined, 'who still asks is not forgotten');
  for (let i = 0; i < 2_000; i += 1) budget.take(`other ${i}`);
  t.is(budget.take('crowd'), 0);
});

function handTime(): { readonly clock: HandTime['clock']; readonly pass: (ms: number) => void } {
  const time = new HandTime();
  return {
    clock: time.clock,
    pass: (ms) => {
      time.pass(ms);
    },
  };
}
