import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect, headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import test from 'ava';
import { resourceAddress } from '../../src/actors/index.ts';
import { connectNats, decode, encode, natsUsers, subjectsOf } from '../../src/bus/index.ts';
import { shardsCount } from '../../src/shards/index.ts';
import { Cluster, eventually } from './cluster.ts';
import { frameOf } from './fuzz/frames.ts';
import { configMap, core, learned, parsed, requestsOfBothDoors } from './nats-requests.ts';

/**
 * Bad input over real NATS, by whoever may publish: garbage on every subject, floods, clients that are slow, and
 * clients without rights. TROUPE_NATS_FRAMES and TROUPE_FUZZ_SEED choose more frames and others.
 */
const frames = Number(process.env['TROUPE_NATS_FRAMES'] ?? 4_000);
const firstSeed = Number(process.env['TROUPE_FUZZ_SEED'] ?? 1);
let cluster: Cluster;
let file: { readonly servers: string[]; readonly cluster: string; readonly token: string };
let urls: readonly string[];
const node = 'node-1';
const subjects = subjectsOf('natsfaults');

test.before(async () => {
  cluster = await Cluster.create('natsfaults', ['--members', '3', '--nodes', '1', '--runtime', 'simulated']);
  file = JSON.parse(readFileSync(`${cluster.home}/nats.json`, 'utf8')) as typeof file;
  urls = cluster.status().members.map(({ url }) => url);
  await eventually('the node to be ready', () =>
    cluster.kubectl('get', 'nodes', '--no-headers').stdout.includes(' Ready '),
  );
  cluster.must('create', 'namespace', 'fuzz');
  cluster.must('create', 'configmap', 'canary', '--from-literal=a=b');
  for (const name of ['nobody', 'viewer', 'fuzzer']) cluster.must('create', 'serviceaccount', name);
  cluster.must('create', 'role', 'maps', '--verb=get,list,watch', '--resource=configmaps');
  cluster.must('create', 'rolebinding', 'viewer', '--role=maps', '--serviceaccount=default:viewer');
  cluster.must(
    '-n',
    'fuzz',
    'create',
    'rolebinding',
    'fuzzer',
    '--clusterrole=edit',
    '--serviceaccount=default:fuzzer',
  );
});
test.after.always(() => {
  if (cluster !== undefined) cluster.destroy();
});

const tokenOf = (account: string): string => cluster.must('create', 'token', account).trim();
const natsOf = (token: string, account?: string): Promise<NatsConnection> =>
  connect({
    servers: file.servers,
    token,
    ...(account === undefined ? {} : { inboxPrefix: `_INBOX.system:serviceaccount:default:${account}` }),
  });

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** An empty token: no Authorization at all. */
function http(
  method: string,
  path: string,
  options: {
    readonly token: string;
    readonly body?: object | undefined;
    readonly url?: string;
    readonly more?: Readonly<Record<string, string>>;
  },
): Promise<Answer> {
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  return new Promise((resolve, reject) => {
    const sent = {
      ...(options.token === '' ? {} : { authorization: `Bearer ${options.token}` }),
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
      ...options.more,
    };
    const call = request(
      new URL(path, options.url ?? cluster.url),
      { method, ca: cluster.ca, agent: false, timeout: 30_000, headers: sent },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
        });
      },
    );
    call.on('timeout', () => {
      call.destroy(new Error('no answer in time'));
    });
    call.on('error', reject);
    call.end(body);
  });
}

function natsHeaders(token: string, more: Readonly<Record<string, string>> = {}): ReturnType<typeof headers> {
  const sent = headers();
  if (token !== '') sent.set('Authorization', `Bearer ${token}`);
  for (const [name, value] of Object.entries(more)) sent.set(name, value);
  return sent;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

const ask = async (
  nats: NatsConnection,
  asked: object,
  token: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Reply> =>
  (
    await nats.request(subjects.api, JSON.stringify(asked), { timeout: 30_000, headers: natsHeaders(token, more) })
  ).json();

test.serial('who has few rights, none, or a wrong token sees over NATS what it sees over HTTP, no more', async (t) => {
  const nats = await natsOf(file.token);
  for (const [who, token] of [
    ['nobody', tokenOf('nobody')],
    ['viewer', tokenOf('viewer')],
    ['wrong', 'wrong'],
    ['anonymous', ''],
  ] as const) {
    let refused = 0;
    for (const {
      http: [method, path],
      nats: asked,
      body,
      headers: more,
    } of requestsOfBothDoors) {
      const overHttp = await http(method, path, { token, body, ...(more === undefined ? {} : { more }) });
      const overNats = await ask(nats, { ...asked, ...(body === undefined ? {} : { body }) }, token, more);
      t.deepEqual(
        learned(overNats.status, overNats.body),
        learned(overHttp.status, parsed(overHttp.text)),
        `${who}: ${method} ${path}`,
      );
      if (overHttp.status >= 400) refused += 1;
    }
    t.true(refused >= requestsOfBothDoors.length - 4, `${who} was refused ${refused} times`);
  }
  t.is(cluster.must('get', 'configmap', 'canary', '-o', 'jsonpath={.data.a}'), 'b');
  await nats.close();
});

test.serial('who has no rights hears and reaches nothing on the subjects of others', async (t) => {
  const nats = await natsOf(tokenOf('viewer'), 'viewer');
  const heard: string[] = [];
  for (const subject of [
    '>',
    subjects.events(),
    subjects.trees,
    `${subjects.actors}`,
    subjects.alive,
    subjects.raft('*'),
    subjects.nodeAll('*'),
    subjects.api,
    subjects.participants,
    '_INBOX.>',
    '$SYS.>',
  ])
    nats.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) heard.push(message.subject);
      },
    });
  const closed: string[] = [];
  for (const subject of [
    subjects.tree('member-1'),
    subjects.treeControl('member-1'),
    subjects.raft('member-1'),
    subjects.alive,
    subjects.links,
    subjects.nodeStream(node),
    subjects.event('', 'configmaps', { namespace: 'default', name: 'canary' }),
    subjects.actor('configmaps/0/default/canary'),
  ]) {
    await nats.request(subject, new Uint8Array(0), { timeout: 30_000 }).then(
      () => closed.push(`${subject} answered`),
      (error: unknown) => {
        if (!/permission/i.test(String(error))) closed.push(`${subject} ${String(error)}`);
      },
    );
  }
  t.deepEqual(closed, []);
  cluster.must('label', 'configmap', 'canary', 'seen=no', '--overwrite');
  await new Promise((resolve) => {
    setTimeout(resolve, 1_200);
  });
  t.deepEqual(heard, []);
  t.is(
    (
      await ask(
        nats,
        { verb: 'get', ...core, resource: 'configmaps', namespace: 'default', name: 'canary' },
        tokenOf('viewer'),
      )
    ).status,
    200,
  );
  await nats.close();
});

/** The sum of a counter over the members. */
async function counted(name: string): Promise<number> {
  const texts = await Promise.all(
    urls.map(async (url) => (await http('GET', '/metrics', { token: file.token, url })).text),
  );
  return texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.startsWith(name))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

test.serial('a flood at one actor is shed and counted; its neighbour and the API answer meanwhile', async (t) => {
  const nats = await natsOf(file.token);
  const address = (name: string): string =>
    subjects.actor(resourceAddress('configmaps', { namespace: 'default', name }, shardsCount));
  const before = await counted('troupe_mailbox_rejected_total');
  const question = encode({ type: 'describe' });
  let slowest = 0;
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < 5_000; i++) nats.publish(address('canary'), question);
    await nats.flush();
    const from = performance.now();
    t.like(decode((await nats.request(address('kube-root-ca.crt'), question, { timeout: 30_000 })).data), {
      answer: { object: { metadata: { name: 'kube-root-ca.crt' } } },
    });
    t.is((await http('GET', '/api/v1/namespaces/default', { token: file.token })).status, 200);
    slowest = Math.max(slowest, performance.now() - from);
  }
  const shed = (await counted('troupe_mailbox_rejected_total')) - before;
  t.log(`${shed} of 50,000 were shed; a neighbour and the API answered within ${slowest.toFixed(0)} ms`);
  t.true(shed > 0);
  t.true(slowest < 3_000);
  await nats.close();
});

interface Told {
  readonly seq?: number;
  readonly status?: number;
  readonly event?: {
    readonly type: string;
    readonly object: { readonly metadata: { readonly name: string; readonly resourceVersion: string } };
  };
  readonly end?: boolean;
  readonly error?: { readonly code: number };
  readonly resourceVersion?: string;
}

/** A watch whose messages are joined from their pieces; acknowledges them when told to. */
function watch(
  nats: NatsConnection,
  resourceVersion: string,
  options: { readonly window: number; readonly acknowledges: boolean },
): { readonly told: Told[]; close(): void } {
  const told: Told[] = [];
  let pieces: Uint8Array[] = [];
  let due = 0;
  const inbox = `_INBOX.slow.${Math.random()}`;
  const subscription = nats.subscribe(inbox, {
    callback: (_error, message: Msg) => {
      if (message.headers?.has('Troupe-Chunks') === true) due = Number(message.headers.get('Troupe-Chunks'));
      pieces.push(message.data);
      if (pieces.length < due) return;
      const one = JSON.parse(Buffer.concat(pieces).toString()) as Told;
      [pieces, due] = [[], 0];
      told.push(one);
      if (options.acknowledges && message.reply !== undefined)
        nats.publish(message.reply, JSON.stringify({ acknowledged: one.seq }));
    },
  });
  const asked = {
    verb: 'watch',
    ...core,
    resource: 'configmaps',
    namespace: 'fuzz',
    query: { resourceVersion, labelSelector: 'big=yes' },
  };
  nats.publish(subjects.api, JSON.stringify(asked), {
    reply: inbox,
    headers: natsHeaders(file.token, { 'Troupe-Window': String(options.window) }),
  });
  return {
    told,
    close: () => {
      subscription.unsubscribe();
    },
  };
}

test.serial(
  'a watcher that takes nothing is cut off with an error, and goes on without a gap from where it was told to',
  async (t) => {
    const nats = await natsOf(file.token);
    const { resourceVersion } = (
      JSON.parse(cluster.must('get', '--raw', '/api/v1/namespaces/fuzz/configmaps')) as {
        metadata: { resourceVersion: string };
      }
    ).metadata;
    const slow = watch(nats, resourceVersion, { window: 3, acknowledges: false });
    await eventually('the watch to stand', () => slow.told[0]?.status === 200);
    const names = Array.from({ length: 36 }, (_, i) => `big-${String(i).padStart(2, '0')}`);
    for (const name of names)
      t.is(
        (
          await http('POST', '/api/v1/namespaces/fuzz/configmaps', {
            token: file.token,
            body: { metadata: { name, labels: { big: 'yes' } }, data: { text: 'x'.repeat(1_000_000) } },
          })
        ).status,
        201,
      );
    const last = await eventually('the end', () => slow.told.find(({ end }) => end === true));
    t.is(last.error?.code, 429);
    const seen = slow.told.flatMap(({ event }) => (event === undefined ? [] : [event.object.metadata]));
    t.deepEqual(
      seen.map(({ name }) => name),
      names.slice(0, 2),
    );
    t.is(last.resourceVersion, seen.at(-1)?.resourceVersion);
    const again = watch(nats, String(last.resourceVersion), { window: 3, acknowledges: true });
    await eventually(
      'the rest',
      () => again.told.filter(({ event }) => event !== undefined).length === names.length - 2,
    );
    t.deepEqual(
      again.told.flatMap(({ event }) => (event === undefined ? [] : [event.object.metadata.name])),
      names.slice(2),
    );
    for (const one of [slow, again]) one.close();
    cluster.must('-n', 'fuzz', 'delete', 'configmaps', '-l', 'big=yes');
    await nats.close();
  },
);

test.serial('a request that comes twice takes effect once', async (t) => {
  const nats = await natsOf(file.token);
  const inbox = '_INBOX.twice';
  const statuses: number[] = [];
  nats.subscribe(inbox, {
    callback: (_error, message) => {
      statuses.push(message.json<Reply>().status);
    },
  });
  for (let i = 0; i < 2; i++)
    nats.publish(
      subjects.api,
      JSON.stringify({
        verb: 'create',
        ...core,
        resource: 'configmaps',
        namespace: 'fuzz',
        body: { ...configMap, metadata: { name: 'twice' } },
      }),
      { reply: inbox, headers: natsHeaders(file.token) },
    );
  await eventually('both answers', () => statuses.length === 2);
  t.deepEqual(statuses.sort(), [201, 409]);
  await nats.close();
});

const pids = (): readonly (number | null)[] =>
  [...cluster.status().members, ...cluster.status().nodes].map(({ pid }) => pid);
const residentMiB = (): number =>
  Math.max(
    ...pids().map(
      (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid ?? 0}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    ),
  );

test.serial('garbage on every subject: nothing crashes, hangs, leaks or changes', async (t) => {
  t.timeout(3_600_000);
  const { memberPassword } = JSON.parse(readFileSync(`${cluster.home}/pki/nats.json`, 'utf8')) as {
    memberPassword: string;
  };
  const client = await connectNats({ servers: file.servers, name: 'fuzz-client', token: file.token });
  const member = await connectNats({
    servers: file.servers,
    name: 'fuzz-member',
    user: { name: natsUsers.member, password: () => memberPassword },
    inboxPrefix: '_INBOX.fuzz',
  });
  const canary = (): string => cluster.must('get', 'configmap', 'canary', '-o', 'jsonpath={.metadata.resourceVersion}');
  const [before, processes, crashes, answeredBefore, malformed] = [
    canary(),
    pids(),
    await counted('troupe_actor_crashes_total'),
    await counted('apiserver_request_total'),
    await counted('troupe_supervision_malformed_frames_total'),
  ];
  const world = { subjects, token: tokenOf('fuzzer'), members: ['member-1', 'member-2', 'member-3'], node };
  const inboxes = '_INBOX.system:serviceaccount:default:fuzzer';
  const answered = new Set<string>();
  let asked = 0;
  const answers = client.subscribe(`${inboxes}.*`, ({ subject, payload, reply }) => {
    answered.add(subject);
    if (reply !== undefined && payload.byteLength > 0) client.publish(reply, encode({ close: true }));
  });
  let slowest = 0;
  for (let seed = firstSeed; seed < firstSeed + frames; seed++) {
    const { from, subject, payload, headers: sent, awaited } = frameOf(seed, world);
    const bus = from === 'client' ? client : member;
    bus.publish(subject, payload, { headers: sent, ...(awaited ? { reply: `${inboxes}.${seed}` } : {}) });
    if (awaited && subject === subjects.api) asked += 1;
    if (seed % 250 !== 0) continue;
    await Promise.all([client.flush(), member.flush()]);
    const begun = performance.now();
    t.is(
      (
        await http('GET', '/api/v1/namespaces/default', {
          token: file.token,
          url: urls[(seed / 250) % urls.length] ?? '',
        })
      ).status,
      200,
      `after the frame of seed ${seed}`,
    );
    slowest = Math.max(slowest, performance.now() - begun);
  }
  await Promise.all([client.flush(), member.flush()]);
  t.is(canary(), before);
  t.deepEqual(pids(), processes, 'no process was started anew');
  t.is(await counted('troupe_actor_crashes_total'), crashes);
  await eventually('an answer to every request', () => answered.size >= asked);
  answers.close();
  const handled = (await counted('apiserver_request_total')) - answeredBefore;
  await eventually(
    'malformed frames to be counted',
    async () => (await counted('troupe_supervision_malformed_frames_total')) - malformed > frames * 0.01,
  );
  t.log(
    `${frames} frames from seed ${firstSeed}: ${answered.size} answers to ${asked} requests, ${handled} of ` +
      `which were whole; in between the API answered within ${slowest.toFixed(0)} ms; at most ` +
      `${residentMiB().toFixed(0)} MiB resident`,
  );
  t.true(slowest < 10_000);
  t.true(residentMiB() < 900, `${residentMiB()} MiB`);
  await Promise.all([client.close(), member.close()]);
});
