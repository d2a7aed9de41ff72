import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { connect } from 'node:tls';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { Cluster, eventually } from './cluster.ts';
import { type FuzzCase, fuzzCase } from './fuzz/cases.ts';
import { choiceOf } from './fuzz/choice.ts';

/**
 * Hostile requests against a real server: never an internal error, never a hang, never a changed object, no memory
 * without bound. TROUPE_FUZZ_CASES and TROUPE_FUZZ_SEED choose more cases and others; a failure names the seed of its
 * case.
 */
const cases = Number(process.env['TROUPE_FUZZ_CASES'] ?? 5_000);
const firstSeed = Number(process.env['TROUPE_FUZZ_SEED'] ?? 1);
const parallel = 16;
const answerMs = 10_000;
let cluster: Cluster;
let agent: Agent;

test.before('a cluster without nodes, and objects that nobody may change', async () => {
  cluster = await Cluster.create('fuzz', ['--nodes', '0']);
  agent = new Agent({ keepAlive: true, maxSockets: parallel, ca: cluster.ca });
  cluster.must('create', 'namespace', 'fuzz');
  cluster.must('-n', 'fuzz', 'create', 'configmap', 'canary', '--from-literal=a=b');
  cluster.must('-n', 'fuzz', 'create', 'secret', 'generic', 'canary', '--from-literal=a=b');
  cluster.must('-n', 'fuzz', 'create', 'service', 'clusterip', 'canary', '--tcp=80');
  cluster.must('-n', 'fuzz', 'create', 'deployment', 'canary', '--image=none', '--replicas=0');
  await eventually(
    'the Deployment to be settled',
    () =>
      cluster.must('-n', 'fuzz', 'get', 'deployment', 'canary', '-o', 'jsonpath={.status.observedGeneration}') !== '',
  );
});
test.after.always('removed with everything that it made', () => {
  agent?.destroy();
  if (cluster !== undefined) cluster.destroy();
});

function send({
  method,
  path,
  headers,
  body,
}: Omit<FuzzCase, 'kind'>): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: cluster.port,
        method,
        path,
        agent,
        timeout: answerMs,
        headers: {
          authorization: `Bearer ${cluster.token}`,
          ...(body === undefined ? {} : { 'content-length': body.length }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
        });
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8', 0, 500) });
        });
        response.once('error', reject);
      },
    );
    sent.once('upgrade', (_response, socket) => {
      socket.destroy();
      resolve({ status: 101, text: '' });
    });
    sent.once('timeout', () => {
      sent.destroy(new Error(`no answer within ${answerMs} ms`));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

const canaries = (): string =>
  cluster.must(
    '-n',
    'fuzz',
    'get',
    'configmap,secret,service,deployment',
    '--field-selector',
    'metadata.name=canary',
    '-o',
    'jsonpath={range .items[*]}{.kind} {.metadata.resourceVersion} {.metadata.uid}{"\\n"}{end}',
  );

function residentMiB(): number {
  const pid = cluster.status().members[0]?.pid ?? 0;
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

test.serial('hostile requests are refused with a reason, and leave everything as it was', async (t) => {
  t.timeout(3_600_000);
  const before = canaries();
  const pid = cluster.status().members[0]?.pid;
  const wrong: string[] = [];
  const counts = new Map<number, number>();
  let next = firstSeed;
  const worker = async (): Promise<void> => {
    while (next < firstSeed + cases) {
      const seed = next++;
      const hostile = fuzzCase(choiceOf(seed));
      try {
        const { status, text } = await send(hostile);
        counts.set(status, (counts.get(status) ?? 0) + 1);
        if (status >= 500 && status !== 504)
          wrong.push(
            `seed ${seed}, ${hostile.kind}: ${status} ${hostile.method} ${hostile.path.slice(0, 200)} ${text}`,
          );
      } catch (error) {
        wrong.push(
          `seed ${seed}, ${hostile.kind}: ${hostile.method} ${hostile.path.slice(0, 200)} ` +
            `${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  t.log(
    `${cases} cases from seed ${firstSeed}: ${[...counts]
      .sort()
      .map(([status, count]) => `${count} × ${status}`)
      .join(', ')}; ${residentMiB().toFixed(0)} MiB resident`,
  );
  t.deepEqual(wrong.slice(0, 10), []);
  t.is(canaries(), before);
  t.is(cluster.status().members[0]?.pid, pid, 'the member was never restarted');
  t.true(residentMiB() < 700, `${residentMiB()} MiB`);
});

test.serial('a body that unpacks without end is refused', async (t) => {
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x20));
  const { status } = await send({
    method: 'POST',
    path: '/api/v1/namespaces/fuzz/configmaps',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: bomb,
  });
  t.true([400, 413, 415].includes(status), String(status));
  t.true(residentMiB() < 700);
});

test.serial('a pattern that backtracks without end does not stop the server', async (t) => {
  const evil = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'evils.fuzz.example.org' },
    spec: {
      group: 'fuzz.example.org',
      scope: 'Namespaced',
      names: { plural: 'evils', singular: 'evil', kind: 'Evil' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { text: { type: 'string', pattern: '^(a+)+$' } } } },
        },
      ],
    },
  };
  const json = { 'content-type': 'application/json' };
  t.is(
    (
      await send({
        method: 'POST',
        path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
        headers: json,
        body: Buffer.from(JSON.stringify(evil)),
      })
    ).status,
    201,
  );
  cluster.must('wait', '--for=condition=Established', 'crd/evils.fuzz.example.org', '--timeout=60s');
  const started = performance.now();
  const { status } = await send({
    method: 'POST',
    path: '/apis/fuzz.example.org/v1/namespaces/fuzz/evils',
    headers: json,
    body: Buffer.from(
      JSON.stringify({
        apiVersion: 'fuzz.example.org/v1',
        kind: 'Evil',
        metadata: { name: 'e' },
        text: `${'a'.repeat(60)}!`,
      }),
    ),
  });
  t.is(status, 422);
  t.true(performance.now() - started < 3_000, `${performance.now() - started} ms`);
});

test.serial('connections that never finish their request are closed, and others are served meanwhile', async (t) => {
  const sockets = Array.from({ length: 100 }, () =>
    connect({ host: '127.0.0.1', port: cluster.port, rejectUnauthorized: false }),
  );
  for (const socket of sockets) {
    socket.on('error', () => undefined);
    socket.resume();
    socket.once('secureConnect', () => {
      socket.write('GET /api HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    });
  }
  const started = performance.now();
  t.is((await send({ method: 'GET', path: '/api', headers: {} })).status, 200);
  t.true(performance.now() - started < 5_000);
  const closed = await Promise.race([
    Promise.all(
      sockets.map(
        (socket) =>
          new Promise((resolve) => {
            socket.once('close', resolve);
          }),
      ),
    ).then(() => true),
    new Promise<boolean>((resolve) => {
      setTimeout(() => {
        resolve(false);
      }, 45_000);
    }),
  ]);
  for (const socket of sockets) socket.destroy();
  t.true(closed, 'all were closed within 45 s');
});
