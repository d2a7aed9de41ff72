import test from 'ava';
import { createAccess } from '../access.ts';
import { bodyText, configMap, FakeView, HandTime, startDoor } from '../testing/index.ts';
import { dumpedLevels, dumpedQueues, dumpedRequests } from './dump.ts';
import { FairQueues } from './fair-queues.ts';
import { levelSpecs } from './levels.ts';
import { type LevelSpec, PriorityLevel, type WaitingRequest } from './priority-level.ts';
import { requestMatches, rulesOfUser } from './schema-matching.ts';
import { requestInfo } from '../request-info.ts';
import { dealtHand, flowHash } from './shuffle-shard.ts';
import { limits } from '../../base/index.ts';
import { MetricsRegistry } from '../../platform/index.ts';

const group = 'flowcontrol.apiserver.k8s.io';
const asking: WaitingRequest = {
  schema: 'service-accounts',
  distinguisher: 'dora',
  arrivedAt: Date.UTC(2026, 0, 1),
  user: { name: 'dora', groups: [] },
  info: requestInfo('GET', '/apis/apps/v1/namespaces/default/deployments/web/scale', { watch: false, fieldName: '' }),
};
const plainQuery = { watch: false, fieldName: '' };

test('a flow is always dealt the same hand of different queues, and two flows seldom share theirs', (t) => {
  const hands = Array.from({ length: 500 }, (_, i) => dealtHand(flowHash(`schema\nuser-${i}`), 64, 6));
  t.true(hands.every((hand) => new Set(hand).size === 6 && hand.every((card) => card >= 0 && card < 64)));
  t.deepEqual(dealtHand(flowHash('schema\nuser-7'), 64, 6), hands[7]);
  t.is(new Set(hands.map((hand) => hand.toSorted().join())).size, 500);
  t.deepEqual(dealtHand(flowHash('a'), 3, 8).toSorted(), [0, 1, 2]);
});

test('queues take turns by the time they were served: long requests get fewer turns', (t) => {
  const fair = new FairQueues<string>();
  const settings = { queues: 2, handSize: 1, queueLengthLimit: 100 };
  const flows = ['a', 'b', 'c', 'd'].map((name) => flowHash(name));
  const short = flows.find((hash) => dealtHand(hash, 2, 1)[0] === 0) ?? 0;
  const long = flows.find((hash) => dealtHand(hash, 2, 1)[0] === 1) ?? 1;
  const queueOf = new Map(
    ['short', 'long'].map((name) => [name, fair.join(name === 'short' ? short : long, name, settings)]),
  );
  for (let i = 0; i < 60; i++)
    for (const [name, hash] of [
      ['short', short],
      ['long', long],
    ] as const)
      fair.join(hash, name, settings);
  const turns = { short: 0, long: 0 };
  for (let i = 0; i < 44; i++) {
    const name = fair.next() === 'long' ? 'long' : 'short';
    turns[name] += 1;
    const queue = queueOf.get(name);
    if (queue !== undefined) fair.settle(queue, name === 'long' ? 30 : 3);
  }
  t.deepEqual(turns, { short: 40, long: 4 });
});

test('a flow whose queues are full is turned away while others still find a place', (t) => {
  const fair = new FairQueues<number>();
  const settings = { queues: 64, handSize: 4, queueLengthLimit: 5 };
  const joined = Array.from({ length: 30 }, (_, i) => fair.join(flowHash('greedy'), i, settings) !== undefined);
  t.is(joined.filter(Boolean).length, 20);
  t.not(fair.join(flowHash('modest'), 99, settings), undefined);
});

test('the seats are divided by shares; what a level may lend and borrow follows from its percentages', (t) => {
  const specs = new Map(
    levelSpecs(
      [
        { metadata: { name: 'exempt' }, spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0 } } },
        {
          metadata: { name: 'low' },
          spec: {
            type: 'Limited',
            limited: {
              nominalConcurrencyShares: 10,
              lendablePercent: 50,
              borrowingLimitPercent: 20,
              limitResponse: { type: 'Reject' },
            },
          },
        },
        { metadata: { name: 'high' }, spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue' } } } },
      ],
      80,
    ),
  );
  t.like(specs.get('exempt'), { type: 'Exempt', seats: 0 });
  t.like(specs.get('low'), { seats: 20, seatsMax: 24, lendable: 10, queuing: undefined });
  t.like(specs.get('high'), {
    seats: 60,
    seatsMax: 80,
    lendable: 0,
    queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 },
  });
});

test('a schema means a request by its subject and by resource, scope or path', (t) => {
  const rules = [
    {
      subjects: [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name: '*' } }],
      resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods', 'pods/status'], namespaces: ['a'] }],
    },
    {
      subjects: [{ kind: 'Group', group: { name: 'dev' } }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['/healthz', '/logs/*'] }],
    },
  ];
  const account = { name: 'system:serviceaccount:kube-system:x', groups: [] };
  t.deepEqual(rulesOfUser(rules, account), rules.slice(0, 1));
  t.deepEqual(rulesOfUser(rules, { name: 'eve', groups: ['dev'] }), rules.slice(1));
  t.deepEqual(rulesOfUser(rules, { name: 'eve', groups: [] }), []);
  const means = (method: string, path: string): boolean => requestMatches(rules, requestInfo(method, path, plainQuery));
  t.true(means('GET', '/api/v1/namespaces/a/pods/p'));
  t.true(means('GET', '/api/v1/namespaces/a/pods/p/status'));
  t.false(means('GET', '/api/v1/namespaces/b/pods/p'));
  t.false(means('DELETE', '/api/v1/namespaces/a/pods/p'));
  t.false(means('GET', '/api/v1/pods'));
  t.true(means('GET', '/healthz') && means('GET', '/logs/a'));
  t.false(means('GET', '/version'));
});

const spec: LevelSpec = {
  type: 'Limited',
  seats: 1,
  seatsMax: 1,
  lendable: 0,
  queuing: { queues: 1, handSize: 1, queueLengthLimit: 1 },
};
const levelOf = (time: HandTime): PriorityLevel =>
  new PriorityLevel('level', spec, {
    clock: time.clock,
    timers: time.timers,
    mayBorrow: () => false,
    freed: () => undefined,
  });

test('who waits longer than the limit is refused, and leaves its place in the queue', async (t) => {
  const time = new HandTime();
  const level = levelOf(time);
  const release = level.enter('a', () => asking);
  const waiting = level.enter('a', () => asking);
  t.is(
    level.enter('a', () => asking),
    'queue-full',
  );
  time.pass(limits.flowWaitMs);
  t.is(await waiting, 'time-out');
  t.is(level.queued, 0);
  t.is(typeof release, 'function');
});

test('who hangs up while waiting leaves the queue, and has no turn', async (t) => {
  const level = levelOf(new HandTime());
  const listeners = new Set<() => void>();
  const onGone = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const release = level.enter('a', () => asking);
  const waiting = level.enter('a', () => ({ ...asking, onGone }));
  for (const gone of listeners) gone();
  t.is(await waiting, 'cancelled');
  t.is(level.queued, 0);
  t.is(level.counts.cancelled, 1);
  const next = level.enter('a', () => ({ ...asking, onGone }));
  if (typeof release === 'function') release();
  t.is(typeof (await next), 'function');
  t.is(listeners.size, 0, 'who has a seat is listened to no longer');
  t.is(level.executing, 1);
});

test('a level with more seats than before seats those that wait', async (t) => {
  const level = levelOf(new HandTime());
  t.is(typeof level.enter('a', () => asking), 'function');
  const waiting = level.enter('a', () => asking);
  level.configure({ ...spec, seats: 2, seatsMax: 2 });
  t.is(typeof (await waiting), 'function');
  t.is(level.executing, 2);
});

/** A door with 4 seats, whose schemas send alice and bob to one level with 2 of them, where each has 2 queues. */
function crowdedDoor(more: Parameters<typeof startDoor>[0] = {}): ReturnType<typeof startDoor> {
  const door = startDoor({
    ...more,
    flowSeats: 4,
    access: { ...createAccess(new FakeView()), authorize: () => ({ allowed: true, reason: '' }) },
  });
  const put = (resource: string, name: string, spec: object): void => {
    door.view.put(group, resource, {
      apiVersion: `${group}/v1`,
      kind: resource,
      metadata: { name, uid: `${name}-uid` },
      spec,
    });
  };
  put('prioritylevelconfigurations', 'exempt', { type: 'Exempt' });
  put('prioritylevelconfigurations', 'people', {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: 1,
      limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 2, queueLengthLimit: 10 } },
    },
  });
  put('prioritylevelconfigurations', 'reserve', {
    type: 'Limited',
    limited: { nominalConcurrencyShares: 1, limitResponse: { type: 'Reject' } },
  });
  const everything = {
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
  };
  put('flowschemas', 'admins', {
    matchingPrecedence: 1,
    priorityLevelConfiguration: { name: 'exempt' },
    rules: [{ subjects: [{ kind: 'Group', group: { name: 'system:masters' } }], ...everything }],
  });
  put('flowschemas', 'dangling', {
    matchingPrecedence: 2,
    priorityLevelConfiguration: { name: 'missing' },
    rules: [{ subjects: [{ kind: 'Group', group: { name: '*' } }], ...everything }],
  });
  put('flowschemas', 'people', {
    matchingPrecedence: 3,
    distinguisherMethod: { type: 'ByUser' },
    priorityLevelConfiguration: { name: 'people' },
    rules: [{ subjects: [{ kind: 'Group', group: { name: 'system:authenticated' } }], ...everything }],
  });
  return door;
}

test('a flood of one user is shed with 429, another user gets fair turns, and admins never wait', async (t) => {
  const door = crowdedDoor();
  door.service.put(configMap('a'));
  const underWay: { readonly user: string; readonly finish: () => void }[] = [];
  const { get } = door.service;
  door.service.get = async (target, options) => {
    const held = Promise.withResolvers<undefined>();
    underWay.push({
      user: target.name === 'a' ? 'crowd' : 'other',
      finish: () => {
        held.resolve(undefined);
      },
    });
    await held.promise;
    return get({ ...target, name: 'a' }, options);
  };
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 50; i++) await Promise.resolve();
  };
  const url = '/api/v1/namespaces/default/configmaps';
  const crowd = Array.from({ length: 40 }, () => door.ask('GET', `${url}/a`, { user: 'alice' }));
  await settle();
  t.is(underWay.length, 2);
  const others = Array.from({ length: 5 }, () => door.ask('GET', `${url}/b`, { user: 'bob' }));
  await settle();
  // 2 at work, 2 queues of 10: the rest was refused at once.
  const early = await Promise.race([
    Promise.all(crowd.slice(22)),
    settle()
      .then(() => settle())
      .then(() => undefined),
  ]);
  t.is(early?.length, 18);
  for (const answer of early ?? []) {
    t.is(answer.status, 429);
    t.is(bodyText(answer), 'Too many requests, please try again later.\n');
    t.like(answer.headers, {
      'retry-after': '1',
      'x-kubernetes-pf-flowschema-uid': 'people-uid',
      'x-kubernetes-pf-prioritylevel-uid': 'people-uid',
    });
  }
  const admin = door.ask('GET', `${url}/a`);
  await settle();
  t.is(underWay.length, 3);
  for (let i = 0; i < underWay.length; i++) {
    underWay[i]?.finish();
    await settle();
  }
  const order = underWay.slice(3).map(({ user }) => user);
  t.true(order.lastIndexOf('other') < 16, order.join());
  t.true((await Promise.all([...crowd.slice(0, 22), ...others, admin])).every(({ status }) => status === 200));
  t.is((await admin).headers['x-kubernetes-pf-flowschema-uid'], 'admins-uid');
});

test('metrics tell of each schema at its level, under the names of kube-apiserver', async (t) => {
  const metrics = new MetricsRegistry();
  const door = crowdedDoor({ metrics });
  const held = Promise.withResolvers<undefined>();
  door.service.put(configMap('a'));
  const { get } = door.service;
  door.service.get = async (target, options) => {
    await held.promise;
    return get(target, options);
  };
  const asked = Array.from({ length: 30 }, () => {
    return door.ask('GET', '/api/v1/namespaces/default/configmaps/a', { user: 'alice' });
  });
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 50; i++) await Promise.resolve();
  };
  const shown = async (): Promise<string[]> => {
    await door.ask('GET', '/metrics');
    return metrics
      .render()
      .split('\n')
      .filter((line) => /^apiserver_flowcontrol_.*flow_schema="people"/.test(line) && !line.includes('_bucket'));
  };
  await settle();
  const labels = '{flow_schema="people",priority_level="people"}';
  t.deepEqual(await shown(), [
    `apiserver_flowcontrol_current_executing_requests${labels} 2`,
    `apiserver_flowcontrol_current_executing_seats${labels} 2`,
    `apiserver_flowcontrol_current_inqueue_requests${labels} 20`,
    `apiserver_flowcontrol_dispatched_requests_total${labels} 2`,
    'apiserver_flowcontrol_rejected_requests_total{flow_schema="people",priority_level="people",reason="queue-full"} 8',
  ]);
  door.time.pass(1_000);
  held.resolve(undefined);
  await Promise.all(asked);
  const waited = '{execute="true",flow_schema="people",priority_level="people"}';
  t.deepEqual(await shown(), [
    `apiserver_flowcontrol_current_executing_requests${labels} 0`,
    `apiserver_flowcontrol_current_executing_seats${labels} 0`,
    `apiserver_flowcontrol_current_inqueue_requests${labels} 0`,
    `apiserver_flowcontrol_dispatched_requests_total${labels} 22`,
    'apiserver_flowcontrol_rejected_requests_total{flow_schema="people",priority_level="people",reason="queue-full"} 8',
    `apiserver_flowcontrol_request_wait_duration_seconds_sum${waited} 20`,
    `apiserver_flowcontrol_request_wait_duration_seconds_count${waited} 20`,
  ]);
});

test('a watch gives its seat back once it has begun, and a failed request gives back its own', async (t) => {
  const door = crowdedDoor();
  for (let i = 0; i < 10; i++)
    t.is((await door.ask('GET', '/api/v1/configmaps?watch=true', { user: 'alice' })).status, 200);
  for (let i = 0; i < 10; i++) t.is((await door.ask('GET', '/api/v1/unicorns', { user: 'alice' })).status, 404);
  t.is((await door.ask('GET', '/api/v1/configmaps', { user: 'alice' })).status, 200);
});

test('dumps show levels, queues and waiting requests in columns', async (t) => {
  const time = new HandTime();
  const ports = { clock: time.clock, timers: time.timers, mayBorrow: () => false, freed: () => undefined };
  const queued: LevelSpec = {
    type: 'Limited',
    seats: 1,
    seatsMax: 1,
    lendable: 0,
    queuing: { queues: 2, handSize: 2, queueLengthLimit: 1 },
  };
  const level = new PriorityLevel('workload-low', queued, ports);
  const idle = new PriorityLevel('exempt', { ...queued, type: 'Exempt', queuing: undefined }, ports);
  const release = level.enter('a', () => asking);
  const second = level.enter('a', () => asking);
  void level.enter('a', () => asking);
  t.is(
    level.enter('a', () => asking),
    'queue-full',
  );
  t.is(
    dumpedLevels([idle, level]),
    [
      'PriorityLevelName, ActiveQueues, IsIdle, IsQuiescing, WaitingRequests, ExecutingRequests, ' +
        'DispatchedRequests, RejectedRequests, TimedoutRequests, CancelledRequests',
      'exempt,            0,            true,   false,       0,               0,                 ' +
        '0,                  0,                0,                0',
      'workload-low,      2,            false,  false,       2,               1,                 ' +
        '1,                  1,                0,                0',
      '',
    ].join('\n'),
  );
  t.is(
    dumpedRequests([idle, level], true),
    [
      'PriorityLevelName, FlowSchemaName,   QueueIndex, RequestIndexInQueue, FlowDistingsher, ' +
        'ArriveTime,               InitialSeats, FinalSeats, AdditionalLatency, StartTime,            ' +
        'UserName, Verb,   APIPath,                                                Namespace, Name,   ' +
        'APIVersion, Resource,    SubResource',
      ...[0, 1].map(
        (queue) =>
          `workload-low,      service-accounts, ${queue},          0,                   ` +
          'dora,            2026-01-01T00:00:00.000Z, 1,            0,          0s,                ' +
          '0001-01-01T00:00:00Z, dora,     get,    ' +
          '/apis/apps/v1/namespaces/default/deployments/web/scale, default,   web,    apps/v1,    ' +
          'deployments, scale',
      ),
      '',
    ].join('\n'),
  );
  if (typeof release === 'function') release();
  t.is(typeof (await second), 'function');
  t.is(
    dumpedQueues([level]).split('\n')[1],
    'workload-low,      0,      0,               1,                 1,          0.00300000ss,  ' +
      '0,               0,           0.00000000ss',
  );
});

test('the dumps are behind their paths', async (t) => {
  const { ask } = startDoor();
  for (const [path, first] of [
    ['dump_priority_levels', 'PriorityLevelName, ActiveQueues'],
    ['dump_queues', 'PriorityLevelName, Index'],
    ['dump_requests', 'PriorityLevelName, FlowSchemaName'],
    ['dump_requests?includeRequestDetails=1', 'PriorityLevelName, FlowSchemaName'],
  ] as const) {
    const answer = await ask('GET', `/debug/api_priority_and_fairness/${path}`);
    t.deepEqual(
      [answer.status, answer.headers['content-type'], bodyText(answer).startsWith(first)],
      [200, 'text/plain; charset=utf-8', true],
    );
  }
  t.is((await ask('GET', '/debug/api_priority_and_fairness/other')).status, 404);
});
