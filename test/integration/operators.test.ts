import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import test from 'ava';
import { decode, encode } from '../../src/bus/index.ts';
import { resourceAddress } from '../../src/actors/index.ts';
import { shardsCount } from '../../src/shards/index.ts';
import { metricTable, type TraceStep } from '../../src/base/index.ts';
import { Cluster, eventually } from './cluster.ts';

/** What operators ask of the actors of three members and a node: the way of one request, log levels, restarts. */
let cluster: Cluster;
let file: { readonly servers: string[]; readonly cluster: string; readonly token: string };

test.before(async () => {
  cluster = await Cluster.create('operators', ['--members', '3', '--nodes', '1', '--runtime', 'simulated']);
  file = JSON.parse(readFileSync(`${cluster.home}/nats.json`, 'utf8')) as typeof file;
  await eventually('the node to be ready', () =>
    cluster.kubectl('get', 'nodes', '--no-headers').stdout.includes(' Ready '),
  );
});
test.after.always(async () => {
  if (cluster !== undefined) cluster.destroy();
});

/** A connection for one call: programs that the tests run in between block this process for too long to keep one. */
async function withNats<T>(token: string, work: (nats: NatsConnection) => Promise<T>): Promise<T> {
  const user = token === file.token ? {} : { inboxPrefix: '_INBOX.system:serviceaccount:default:nobody' };
  const nats = await connect({ servers: file.servers, token, ...user });
  try {
    return await work(nats);
  } finally {
    await nats.close();
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

function call(
  path: string,
  options: {
    readonly method?: string;
    readonly body?: object;
    readonly token?: string;
    readonly headers?: Record<string, string>;
  } = {},
): Promise<Answer> {
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${options.token ?? cluster.token}`,
      'content-type': 'application/json',
      ...options.headers,
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    };
    const sent = request(
      new URL(path, cluster.url),
      { method: options.method ?? 'GET', ca: cluster.ca, agent: false, headers },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const deployment = (name: string, replicas = 1): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'image' }] } },
  },
});

/** The steps from the first to `last`, each the cause of the next; undefined while one of them is missing. */
function wayTo(last: TraceStep, bySpan: ReadonlyMap<string, TraceStep>): TraceStep[] | undefined {
  if (last.parentId === undefined) return [last];
  const cause = bySpan.get(last.parentId);
  const before = cause === undefined ? undefined : wayTo(cause, bySpan);
  return before === undefined ? undefined : [...before, last];
}

test.serial(
  'one request is followed through door, store, controllers, scheduler and agent, across the members',
  async (t) => {
    const made = await call('/apis/apps/v1/namespaces/default/deployments', {
      method: 'POST',
      body: deployment('followed'),
    });
    t.is(made.status, 201);
    const id = String(made.headers['audit-id']);
    cluster.must('wait', '--for=condition=Available', 'deployment/followed', '--timeout=60s');
    // A step is told once it has ended, which may be after what it caused.
    const { steps, way } = await eventually('the whole way to the agent', () => {
      const trace = JSON.parse(cluster.troupe('trace', id, '-o', 'json').stdout) as {
        readonly steps: readonly TraceStep[];
      };
      const agent = trace.steps.find(({ what, actor }) => actor?.startsWith('node-agent/') === true && what === 'pod');
      const back = trace.steps.some(
        ({ what, actor }) => actor === undefined && what.startsWith('PATCH /api/v1/namespaces/default/pods/'),
      );
      const found =
        back && agent !== undefined ? wayTo(agent, new Map(trace.steps.map((step) => [step.spanId, step]))) : undefined;
      return found !== undefined && { steps: trace.steps, way: found };
    });
    const path = way.map(({ actor, what }) =>
      (actor ?? what).replace(/\/\d+\//, '/N/').replace(/followed-[-a-z0-9]+/, 'followed'),
    );
    t.deepEqual(path.slice(0, 6), [
      'POST /apis/apps/v1/namespaces/default/deployments',
      'commit put /apps/deployments/default/followed',
      'deployment-controller/N/default/followed',
      'commit put /apps/replicasets/default/followed',
      'replicaset-controller/N/default/followed',
      'commit put /core/pods/default/followed',
    ]);
    t.true(path.includes('scheduler'), path.join(' > '));
    t.true(new Set(steps.map(({ process }) => process)).size >= 2, 'the node and at least one member');
    t.regex(cluster.troupe('trace', id).stdout, /replicaset-controller\/\d\/default\/followed-/);
    t.is(cluster.troupe('trace', 'f'.repeat(32)).status, 1);
  },
);

test.serial('a traceparent of the client is kept, at both doors, and log lines carry it', async (t) => {
  const traceparent = (id: string): string => `00-${id.repeat(32)}-00f067aa0ba902b7-01`;
  await call('/api/v1/namespaces/default/configmaps', {
    method: 'POST',
    headers: { traceparent: traceparent('a') },
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'by-http' } },
  });
  const sent = headers();
  sent.set('Authorization', `Bearer ${file.token}`);
  sent.set('traceparent', traceparent('b'));
  const answer = await withNats(file.token, (nats) =>
    nats.request(
      `troupe.${file.cluster}.api`,
      JSON.stringify({
        verb: 'create',
        version: 'v1',
        resource: 'configmaps',
        namespace: 'default',
        body: { metadata: { name: 'by-nats' } },
      }),
      { timeout: 30_000, headers: sent },
    ),
  );
  t.is(answer.headers?.get('traceparent'), traceparent('b'));
  for (const [id, name] of [
    ['a', 'by-http'],
    ['b', 'by-nats'],
  ] as const) {
    // A step is told once it has ended, which is after its answer.
    const { steps, door } = await eventually('the step of the door', () => {
      const trace = JSON.parse(cluster.troupe('trace', id.repeat(32), '-o', 'json').stdout) as {
        readonly steps: readonly TraceStep[];
      };
      const found = trace.steps.find(({ what }) => what.startsWith('POST'));
      return found !== undefined && { steps: trace.steps, door: found };
    });
    t.is(door.parentId, '00f067aa0ba902b7');
    t.true(steps.some(({ what }) => what === `commit put /core/configmaps/default/${name}`));
  }
});

test.serial('log levels change at run time, of all processes and of single actors', async (t) => {
  t.regex(cluster.troupe('log-level').stdout, /member-3[^\n]*all[^\n]*info/);
  t.is(cluster.troupe('log-level', '*/*/default/loud', 'debug').status, 0);
  const id = 'c'.repeat(32);
  await call('/apis/apps/v1/namespaces/default/deployments', {
    method: 'POST',
    headers: { traceparent: `00-${id}-00f067aa0ba902b7-01` },
    body: deployment('loud', 0),
  });
  const lines = await eventually('lines of the actor', () => {
    const found = cluster.troupe('logs', '--trace', id, '--actor', 'deployment-controller/**', '--raw').stdout.trim();
    return found !== '' && found.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  });
  t.true(lines.every(({ actor, traceId }) => String(actor).endsWith('/default/loud') && traceId === id));
  const levels = cluster.troupe('log-level', '*/*/default/loud', 'default').stdout;
  t.notRegex(levels, /loud/);
  t.regex(cluster.troupe('log-level', 'debug', '--process', 'member-2').stdout, /member-2[^\n]*all[^\n]*debug/);
  t.regex(cluster.troupe('log-level', 'info').stdout, /member-2[^\n]*all[^\n]*info/);
  t.is(cluster.troupe('log-level', 'noisy').status, 2);
  const audit = readdirSync(`${cluster.home}/logs`)
    .filter((name) => name.startsWith('audit'))
    .map((name) => readFileSync(`${cluster.home}/logs/${name}`, 'utf8'))
    .join('');
  t.true(
    audit.split('\n').filter((line) => line.includes('"/troupe/api/log-levels"') && line.includes('"verb":"post"'))
      .length >= 4,
  );
});

test.serial('actors are listed and restarted from the shell, and asked over NATS', async (t) => {
  const listed = JSON.parse(
    cluster.troupe('actor', 'list', 'deployment-controller/*/default/followed', '-o', 'json').stdout,
  ) as readonly { readonly process: string; readonly address: string }[];
  const [actor] = listed;
  t.truthy(actor);
  t.regex(cluster.troupe('actor', 'restart', String(actor?.address)).stdout, /^Restarted /);
  t.is(cluster.troupe('actor', 'restart', 'deployment-controller/0/default/nobody').status, 1);
  const several = cluster.troupe('actor', 'restart', 'scheduler');
  t.regex(several.stderr, /choose one with --process/);
  const address = resourceAddress('deployments.apps', { namespace: 'default', name: 'followed' }, shardsCount);
  const subject = `troupe.${file.cluster}.actor.${address
    .split('/')
    .map((part) => part.replaceAll('.', '%2e'))
    .join('.')}`;
  const answer = await withNats(file.token, (nats) =>
    nats.request(subject, encode({ type: 'describe' }), { timeout: 30_000 }),
  );
  t.like(decode(answer.data), { answer: { object: { kind: 'Deployment', metadata: { name: 'followed' } } } });
});

test.serial('who has no right to it changes no level, restarts nobody and sees no trace', async (t) => {
  cluster.must('create', 'serviceaccount', 'nobody');
  const token = cluster.must('create', 'token', 'nobody').trim();
  for (const [method, path] of [
    ['GET', 'log-levels'],
    ['POST', 'log-levels'],
    ['GET', 'actors'],
    ['POST', 'actors/restart'],
    ['GET', `traces/${'a'.repeat(32)}`],
  ] as const) {
    t.is(
      (await call(`/troupe/api/${path}`, { method, token, ...(method === 'POST' ? { body: { level: 'debug' } } : {}) }))
        .status,
      403,
      `${method} ${path}`,
    );
  }
  const refused = await withNats(token, (nats) =>
    nats.request(`troupe.${file.cluster}.actor.x.0.a.b`, encode({ type: 'describe' }), { timeout: 30_000 }),
  ).then(
    () => 'answered',
    (error: unknown) => String(error),
  );
  t.regex(refused, /permission/i);
});

/** A webhook that nobody answers: whoever writes what it judges fails by no fault of the object's. */
const unreachable = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: poison }
webhooks:
  - name: poison.example.org
    clientConfig: { url: https://127.0.0.1:9/ }
    rules: [{ apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [replicasets] }]
    objectSelector: { matchLabels: { app: poisoned } }
    sideEffects: None
    admissionReviewVersions: [v1]
    failurePolicy: Fail
    timeoutSeconds: 1`;

test.serial(
  'an object that crashes its actor each time says so, disturbs no other, and is well as soon as its cause is gone',
  async (t) => {
    cluster.apply(unreachable);
    const set = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'probe', labels: { app: 'poisoned' } },
      spec: {
        selector: { matchLabels: { app: 'poisoned' } },
        template: { metadata: { labels: { app: 'poisoned' } }, spec: { containers: [{ name: 'c', image: 'image' }] } },
      },
    };
    await eventually(
      'the webhook to be asked',
      async () =>
        (await call('/apis/apps/v1/namespaces/default/replicasets?dryRun=All', { method: 'POST', body: set }))
          .status === 500,
    );
    for (const name of ['poisoned', 'healthy'])
      await call('/apis/apps/v1/namespaces/default/deployments', { method: 'POST', body: deployment(name) });
    cluster.must('wait', '--for=condition=Available', 'deployment/healthy', '--timeout=60s');
    const ill = await eventually('the actor to have crashed several times', () => {
      const [actor] = JSON.parse(
        cluster.troupe('actor', 'list', 'deployment-controller/*/default/poisoned', '-o', 'json').stdout,
      ) as readonly {
        readonly address: string;
        readonly restarts?: number;
        readonly lastCrash?: { readonly error: string };
      }[];
      return (actor?.restarts ?? 0) >= 4 && actor;
    });
    t.regex(ill.lastCrash?.error ?? '', /failed calling webhook "poison.example.org"/);
    const events = await eventually('the Event', () => {
      const { items } = JSON.parse(
        cluster.must(
          'get',
          'events',
          '--field-selector',
          'involvedObject.name=poisoned,reason=ActorCrashed',
          '-o',
          'json',
        ),
      ) as { readonly items: readonly { readonly count: number; readonly message: string }[] };
      return (items[0]?.count ?? 0) >= 3 && items;
    });
    t.is(events.length, 1, 'equal Events are counted');
    const [well] = JSON.parse(
      cluster.troupe('actor', 'list', 'deployment-controller/*/default/healthy', '-o', 'json').stdout,
    ) as readonly { readonly restarts?: number }[];
    t.is(well?.restarts ?? 0, 0);
    cluster.must('delete', 'validatingwebhookconfiguration', 'poison');
    await eventually(
      'the webhook to be gone',
      async () =>
        (await call('/apis/apps/v1/namespaces/default/replicasets?dryRun=All', { method: 'POST', body: set }))
          .status === 201,
    );
    t.regex(cluster.troupe('actor', 'restart', ill.address).stdout, /^Restarted /);
    cluster.must('wait', '--for=condition=Available', 'deployment/poisoned', '--timeout=60s');
  },
);

/** What a member did at its start, by the names that tools look for. */
const startChecks: readonly string[] = [
  'poststarthook/start-apiserver-admission-initializer',
  'poststarthook/generic-apiserver-start-informers',
  'poststarthook/priority-and-fairness-config-consumer',
  'poststarthook/priority-and-fairness-filter',
  'poststarthook/storage-object-count-tracker-hook',
  'poststarthook/start-apiextensions-informers',
  'poststarthook/start-apiextensions-controllers',
  'poststarthook/crd-informer-synced',
  'poststarthook/start-system-namespaces-controller',
  'poststarthook/start-cluster-authentication-info-controller',
  'poststarthook/start-legacy-token-tracking-controller',
  'poststarthook/start-service-ip-repair-controllers',
  'poststarthook/rbac/bootstrap-roles',
  'poststarthook/scheduling/bootstrap-system-priority-classes',
  'poststarthook/priority-and-fairness-config-producer',
  'poststarthook/bootstrap-controller',
  'poststarthook/start-kubernetes-service-cidr-controller',
  'poststarthook/start-kube-aggregator-informers',
  'poststarthook/apiservice-status-local-available-controller',
  'poststarthook/apiservice-status-remote-available-controller',
  'poststarthook/apiservice-registration-controller',
  'poststarthook/apiservice-discovery-controller',
  'poststarthook/kube-apiserver-autoregistration',
  'autoregister-completion',
  'poststarthook/apiservice-openapi-controller',
  'poststarthook/apiservice-openapiv3-controller',
];

test.serial(
  'every member shows the metrics of the table, with their types and labels, and all its health checks',
  async (t) => {
    const known = new Map(metricTable.map((facts) => [facts.name, facts]));
    for (const { url } of cluster.status().members) {
      const text = (await call(new URL('/metrics', url).href)).body;
      const types = new Map(
        [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]),
      );
      for (const [name, type] of types) t.is(known.get(name)?.type, type as never, name);
      for (const name of [
        'process_resident_memory_bytes',
        'process_cpu_seconds_total',
        'troupe_store_leader',
        'troupe_actors',
        'troupe_disk_free_bytes',
        'troupe_event_loop_lag_seconds',
        'apiserver_request_total',
      ])
        t.true(types.has(name), `${name} of ${url}`);
      for (const [, series = '', labels = ''] of text.matchAll(/^([a-z_]+)\{([^}]*)\}/gm)) {
        const name = types.has(series) ? series : series.replace(/_(bucket|sum|count)$/, '');
        const shown = [...labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label).filter((label) => label !== 'le');
        t.deepEqual(shown.sort(), [...(known.get(name)?.labels ?? [])].sort(), series);
      }
      const health = (await call(new URL('/readyz?verbose&exclude=nats', url).href)).body;
      t.deepEqual(health.trim().split('\n'), [
        '[+]ping ok',
        '[+]etcd ok',
        '[+]disk ok',
        '[+]etcd-readiness ok',
        '[+]raft-leader ok',
        '[+]nats excluded: ok',
        '[+]informer-sync ok',
        '[+]shutdown ok',
        '[+]log ok',
        ...startChecks.map((name) => `[+]${name} ok`),
        'readyz check passed',
      ]);
      t.is((await call(new URL('/livez/etcd', url).href)).body, 'ok');
      t.is((await call(new URL('/livez/shutdown', url).href)).status, 404);
    }
  },
);
