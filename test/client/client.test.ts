import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { openNatsDoor, ReplyGuard } from '../../src/api-server/nats/index.ts';
import { changeEvent, configMap, type DoorHarness, startDoor } from '../../src/api-server/testing/index.ts';
import { notFound } from '../../src/api/index.ts';
import { silentLogger, silentMetrics } from '../../src/base/index.ts';
import { decode, encode, subjectsOf } from '../../src/bus/index.ts';
import { ApiError, type Client, kinds, openClient } from '../../src/client/index.ts';
import { clientKinds } from '../../scripts/client-kinds.ts';

/** The client against the real door, over the bus's twin. */
const subjects = subjectsOf('test');
const settled = async (): Promise<void> => {
  for (let i = 0; i < 10; i++)
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
};

function start(token = 'admin-token'): { readonly door: DoorHarness; readonly client: Client } {
  const door = startDoor();
  const { clock, timers } = door.time;
  const replies = new ReplyGuard({ clock, log: silentLogger, metrics: silentMetrics });
  openNatsDoor({
    handler: door.handler,
    bus: door.bus,
    subjects,
    timers,
    log: silentLogger,
    metrics: silentMetrics,
    replies,
  });
  return {
    door,
    client: openClient({
      bus: door.network.client('client'),
      timers: door.time.timers,
      clock: door.time.clock,
      cluster: 'test',
      token: () => token,
      deadlineMs: 5_000,
    }),
  };
}

test("objects are read and written by their kinds, and a refusal is an error with the API's reason", async (t) => {
  const { door, client } = start();
  const maps = client.of(kinds.configmaps, 'default');
  t.is((await maps.create({ metadata: { name: 'a', namespace: 'default' }, data: { k: 'v' } })).metadata.name, 'a');
  t.deepEqual(
    (await maps.list()).items.map(({ kind, metadata }) => [kind, metadata.name]),
    [['ConfigMap', 'a']],
  );
  await maps.apply({ metadata: { name: 'a', namespace: 'default' } }, { fieldManager: 'me', force: true });
  t.like(door.service.calls.at(-1), {
    verb: 'patch',
    details: { contentType: 'application/apply-patch+yaml', context: { fieldManager: 'me', force: true } },
  });
  await maps.delete('a', { propagationPolicy: 'Foreground' });
  t.like(door.service.calls.at(-1), { verb: 'delete', details: { options: { propagation: 'Foreground' } } });
  door.service.get = () => Promise.reject(notFound({ group: '', resource: 'configmaps' }, 'x'));
  t.like(await t.throwsAsync(maps.get('x'), { instanceOf: ApiError }), {
    status: 404,
    reason: 'NotFound',
    retryable: false,
  });
  t.is((await t.throwsAsync(start('wrong').client.of(kinds.pods).list(), { instanceOf: ApiError }))?.status, 401);
});

test('what is larger than a message goes and comes in pieces', async (t) => {
  const { client } = start();
  const text = 'x'.repeat(1_400_000);
  const made = await client.of(kinds.configmaps, 'default').create({ metadata: { name: 'large' }, data: { text } });
  t.is(made.data?.['text']?.length, text.length);
});

test('a request that no member hears for a second fails as retryable', async (t) => {
  const door = startDoor();
  const client = openClient({
    bus: door.network.client('client'),
    timers: door.time.timers,
    clock: door.time.clock,
    cluster: 'test',
    token: () => '',
    deadlineMs: 5_000,
  });
  const failed = t.throwsAsync(client.of(kinds.pods).list(), { instanceOf: ApiError });
  for (let i = 0; i < 11; i++) {
    await settled();
    door.time.pass(100);
  }
  t.like(await failed, { status: 503, retryable: true });
});

test('an informer lists, follows, goes on after an end, and tells what differs after a gap', async (t) => {
  const { door, client } = start();
  door.service.put(configMap('a'));
  const told: string[] = [];
  const informer = client.informer(kinds.configmaps, {
    added: ({ metadata }) => {
      told.push(`+${metadata.name}`);
    },
    changed: ({ metadata }) => {
      told.push(`~${metadata.name}`);
    },
    deleted: ({ metadata }) => {
      told.push(`-${metadata.name}`);
    },
  });
  await settled();
  await informer.synced;
  const lists = (): number => door.service.calls.filter(({ verb }) => verb === 'list').length;
  door.service.sink?.([
    changeEvent('ADDED', door.service.put(configMap('b'))),
    changeEvent('MODIFIED', door.service.put(configMap('a'))),
  ]);
  await settled();
  t.deepEqual(told, ['+a', '+b', '~a']);
  door.time.pass(2 * 3600 * 1000);
  await settled();
  door.time.pass(1_000);
  await settled();
  const resumed = door.service.calls.filter(({ verb }) => verb === 'watch').at(-1);
  t.like(resumed, { details: { resourceVersion: String(door.service.revision) } });
  t.is(lists(), 1, 'a watch that ended goes on without a list');
  door.service.records.clear();
  door.service.put(configMap('c'));
  door.service.sink?.([{ type: 'ERROR', status: { code: 410, message: 'too old' } }]);
  await settled();
  door.time.pass(1_000);
  await settled();
  t.is(lists(), 2);
  t.deepEqual(told.slice(3), ['+c', '-a', '-b']);
  t.deepEqual(
    informer.list().map(({ metadata }) => metadata.name),
    ['c'],
  );
  informer.close();
});

test('exec gives the input, and answers with output and exit code', async (t) => {
  const { door, client } = start();
  door.view.put('', 'nodes', { kind: 'Node', apiVersion: 'v1', metadata: { name: 'n1' } });
  door.view.put('', 'pods', {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name: 'p', namespace: 'default', uid: 'u' },
    spec: { nodeName: 'n1', containers: [{ name: 'c' }] },
  });
  const agent = door.network.client('agent');
  let toDoor = '';
  let input = '';
  let seq = 0;
  let heard = 0;
  const send = (frame: object): void => {
    agent.publish(toDoor, encode({ seq: ++seq, ...frame }));
  };
  agent.subscribe(subjects.nodeStream('n1'), ({ payload, reply = '' }) => {
    ({ toDoor } = decode(payload) as { toDoor: string });
    agent.publish(reply, encode({ type: 'opened', toAgent: 'to-agent' }));
  });
  agent.subscribe('to-agent', ({ payload }) => {
    const frame = decode(payload) as { type: string; channel?: number; data?: Uint8Array };
    if (frame.type !== 'acknowledged') agent.publish(toDoor, encode({ type: 'acknowledged', seq: ++heard }));
    if (frame.type === 'data') input += Buffer.from(frame.data ?? []).toString();
    if (frame.type !== 'end' || frame.channel !== 0) return;
    send({ type: 'data', channel: 1, data: new TextEncoder().encode(String(input.length)) });
    send({
      type: 'data',
      channel: 3,
      data: new TextEncoder().encode(
        JSON.stringify({
          status: 'Failure',
          reason: 'NonZeroExitCode',
          details: { causes: [{ reason: 'ExitCode', message: '3' }] },
        }),
      ),
    });
    send({ type: 'end' });
  });
  const length = 5_000_000;
  t.deepEqual(await client.exec({ namespace: 'default', pod: 'p', command: ['wc', '-c'], stdin: 'y'.repeat(length) }), {
    exitCode: 3,
    stdout: String(length),
    stderr: '',
  });
});

test('the types of the kinds are those of the schema tables', (t) => {
  for (const [name, text] of Object.entries(clientKinds()))
    t.is(readFileSync(join('src/client/kinds', name), 'utf8'), text, 'run node scripts/client-kinds.ts');
});
