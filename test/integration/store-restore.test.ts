import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CoreV1Api,
  type Informer,
  KubeConfig,
  makeInformer,
  type ObjectCache,
  type V1ConfigMap,
} from '@kubernetes/client-node';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import test, { type ExecutionContext } from 'ava';
import { Cluster, eventually, type Result } from './cluster.ts';

/**
 * Clients that have seen a future that a restore or a recovery took away: they are told so on both doors, and list
 * again.
 */
let cluster: Cluster;
let folder: string;
let nats: NatsConnection | undefined;
let informer: (Informer<V1ConfigMap> & ObjectCache<V1ConfigMap>) | undefined;
/** What the informer told. */
const told: string[] = [];

const path = '/api/v1/namespaces/default/configmaps';
const maps = { group: '', version: 'v1', resource: 'configmaps', namespace: 'default' };
/** Revisions jump by more than can have been written since the backup. */
const jumpMin = 2 ** 30;

test.before('a control plane without nodes', async () => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-store-restore-'));
  cluster = await Cluster.create('store-restore', ['--nodes', '0']);
});
test.after.always('removed with everything that it made', async () => {
  await informer?.stop();
  await nats?.close();
  if (cluster !== undefined) cluster.destroy();
  rmSync(folder, { recursive: true, force: true });
});

function ok(t: ExecutionContext, { status, stdout, stderr }: Result): string {
  t.is(status, 0, stderr);
  return stdout;
}

/** The revision of the newest list. */
const newest = (): number =>
  Number(
    (JSON.parse(cluster.must('get', '--raw', path)) as { metadata: { resourceVersion: string } }).metadata
      .resourceVersion,
  );

const revisionOf = (name: string): number =>
  Number(cluster.must('get', 'configmap', name, '-o', 'jsonpath={.metadata.resourceVersion}'));

/** Lists, then watches; goes on from what it has seen last when its connection is lost, as clients do. */
async function follow(): Promise<NonNullable<typeof informer>> {
  const config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const made = makeInformer<V1ConfigMap>(
    config,
    path,
    () => core.listNamespacedConfigMap({ namespace: 'default', labelSelector: 'kept=yes' }),
    'kept=yes',
  );
  for (const verb of ['add', 'update', 'delete'] as const)
    made.on(verb, ({ metadata, data }) => {
      told.push(`${verb} ${metadata?.name} ${data?.['n']}`);
    });
  made.on('error', () => {
    setTimeout(() => {
      made.start().catch(() => undefined);
    }, 200).unref();
  });
  await made.start();
  return made;
}

/** Connects anew: the members and their NATS server are others after a start. */
async function door(): Promise<{ readonly subject: string; readonly token: string; readonly bus: NatsConnection }> {
  const file = JSON.parse(readFileSync(join(cluster.home, 'nats.json'), 'utf8')) as {
    readonly servers: string[];
    readonly cluster: string;
    readonly token: string;
  };
  await nats?.close();
  nats = await connect({ servers: file.servers, token: file.token });
  return { subject: `troupe.${file.cluster}.api`, token: file.token, bus: nats };
}

interface Told {
  readonly event?: { readonly type: string; readonly object: object };
}

/** A client that saw this revision is told on both doors, for lists and watches, that it is gone. */
async function gone(t: ExecutionContext, resourceVersion: string): Promise<void> {
  const query = { resourceVersion, resourceVersionMatch: 'Exact' };
  const status = { kind: 'Status', code: 410, reason: 'Expired' };
  const list = cluster.kubectl('get', '--raw', `${path}?${String(new URLSearchParams(query))}`);
  t.is(list.status, 1);
  t.regex(list.stderr, /Error from server \(Expired\): .*too old/);
  const events = cluster.must(
    'get',
    '--raw',
    `${path}?watch=true&timeoutSeconds=10&resourceVersion=${resourceVersion}`,
  );
  const [first, ...rest] = events.trim().split('\n');
  t.like(JSON.parse(first ?? ''), { type: 'ERROR', object: status });
  t.deepEqual(rest, []);
  const { subject, token, bus } = await door();
  const sent = headers();
  sent.set('Authorization', `Bearer ${token}`);
  const answer = await bus.request(subject, JSON.stringify({ verb: 'list', ...maps, query }), {
    timeout: 30_000,
    headers: sent,
  });
  t.like(answer.json<object>(), { status: 410, body: status });
  const inbox = `_INBOX.${cluster.name}.watch-${resourceVersion}`;
  const heard: Told[] = [];
  bus.subscribe(inbox, {
    callback: (_error, message) => {
      heard.push(message.json<Told>());
    },
  });
  bus.publish(subject, JSON.stringify({ verb: 'watch', ...maps, query: { resourceVersion } }), {
    reply: inbox,
    headers: sent,
  });
  const event = await eventually('the watch to end', () => heard.find((each) => each.event !== undefined)?.event);
  t.like(event, { type: 'ERROR', object: status });
}

test.serial('after a restore, clients of the lost future get 410 on both doors and list again', async (t) => {
  cluster.must('create', 'configmap', 'kept', '--from-literal=n=1');
  cluster.must('label', 'configmap', 'kept', 'kept=yes');
  const backup = join(folder, 'backup');
  ok(t, cluster.troupe('store', 'backup', backup));
  informer = await follow();
  cluster.must('create', 'configmap', 'lost', '--from-literal=n=1');
  cluster.must('label', 'configmap', 'lost', 'kept=yes');
  cluster.must('patch', 'configmap', 'kept', '-p', '{"data":{"n":"2"}}');
  const lost = revisionOf('kept');
  await eventually('the informer to see both', () => told.includes('add lost 1') && told.includes('update kept 2'));
  ok(t, cluster.troupe('down'));
  renameSync(join(cluster.home, 'data', 'store'), join(folder, 'old-store'));
  ok(t, cluster.troupe('store', 'restore', backup));
  ok(t, cluster.up(['--nodes', '0']));
  t.true(newest() >= lost + jumpMin, 'revisions jump');
  await gone(t, String(lost));
  const stale = cluster.kubectl('patch', 'configmap', 'kept', '-p', `{"metadata":{"resourceVersion":"${lost}"}}`);
  t.regex(stale.stderr, /\(Conflict\)|has been modified/, 'no comparison with a lost revision holds');
  const cache = informer;
  await eventually('the informer to have the restored state', () => cache.get('kept', 'default')?.data?.['n'] === '1');
  t.is(cache.get('lost', 'default'), undefined);
  t.true(told.includes('delete lost 1'), told.join('; '));
  cluster.must('patch', 'configmap', 'kept', '-p', '{"data":{"n":"3"}}');
  await eventually('the informer to follow again', () => told.at(-1) === 'update kept 3');
  t.true(revisionOf('kept') >= lost + jumpMin);
});

test.serial('after a recovery, too; kubectl get --watch shows the state of now and goes on from there', async (t) => {
  const before = newest();
  ok(t, cluster.troupe('down'));
  ok(t, cluster.troupe('store', 'recover', '--yes-i-accept-loss'));
  ok(t, cluster.up(['--nodes', '0']));
  t.true(newest() >= before + jumpMin, 'revisions jump');
  await gone(t, String(before));
  const watch = cluster.background('get', 'configmaps', 'kept', '--watch', '-o', 'jsonpath={.data.n}{"\\n"}');
  let shown = '';
  watch.stdout?.on('data', (text: Buffer) => {
    shown += text.toString();
  });
  try {
    await eventually('kubectl to list', () => shown === '3\n');
    cluster.must('patch', 'configmap', 'kept', '-p', '{"data":{"n":"4"}}');
    await eventually('kubectl to be told', () => shown === '3\n4\n');
  } finally {
    watch.kill();
  }
  await eventually('the informer to follow again', () => told.at(-1) === 'update kept 4');
});
