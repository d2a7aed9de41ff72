import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import test from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { Cluster, eventually, run, signalProcess } from './cluster.ts';

/** kill -9 of every process of a cluster. The nodes run in processes of their own, so that each can die alone. */
const image = 'troupe.local/hello:1';
let cluster: Cluster;
let agent: Agent;

test.before('a cluster with two separate node processes and three running pods', async () => {
  ensureBusyboxImage(image);
  cluster = await Cluster.create('faults', ['--nodes', '2']);
  agent = new Agent({ keepAlive: true, maxSockets: 200, ca: cluster.ca });
  await eventually('both nodes to be ready', () => cluster.status().nodes.filter((node) => node.ready).length === 2);
  cluster.must('create', 'deployment', 'steady', `--image=${image}`, '--replicas=3', '--', 'sleep', '100000');
  cluster.must('rollout', 'status', 'deployment/steady', '--timeout=120s');
});
test.after.always('removed with everything that it made', () => {
  agent?.destroy();
  if (cluster !== undefined) cluster.destroy();
});

/** The ids of the cluster's containers, with their start times: any restart changes them. */
function containers(): string {
  const ids = run('docker', ['ps', '-q', '--no-trunc', '--filter', `label=troupe.cluster=${cluster.name}`])
    .stdout.trim()
    .split('\n')
    .sort();
  return run('docker', ['inspect', '--format', '{{.Id}} {{.State.StartedAt}} {{.RestartCount}}', ...ids]).stdout;
}

const restarts = (): string =>
  cluster.must(
    'get',
    'pods',
    '-l',
    'app=steady',
    '-o',
    'jsonpath={.items[*].status.containerStatuses[0].restartCount}',
  );

/** POSTs a ConfigMap; true when the API acknowledged it. */
function create(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { name } });
    const call = request(
      `${cluster.url}/api/v1/namespaces/default/configmaps`,
      {
        method: 'POST',
        agent,
        timeout: 10_000,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          authorization: `Bearer ${cluster.token}`,
        },
      },
      (response) => {
        response.resume();
        response.once('end', () => {
          resolve(response.statusCode === 201);
        });
        response.once('error', () => {
          resolve(false);
        });
      },
    );
    call.once('error', () => {
      resolve(false);
    });
    call.once('timeout', () => {
      call.destroy();
      resolve(false);
    });
    call.end(body);
  });
}

/** 200 clients that create without pause until told to stop; the names that were acknowledged. */
async function storm(prefix: string, meanwhile: () => void | Promise<void>): Promise<string[]> {
  const acknowledged: string[] = [];
  let stop = false;
  const client = async (id: number): Promise<void> => {
    for (let i = 0; !stop && i < 2_000; i++) {
      const name = `${prefix}-${id}-${i}`;
      if (await create(name)) acknowledged.push(name);
      else
        await new Promise((resolve) => {
          setTimeout(resolve, 50);
        });
    }
  };
  const clients = Array.from({ length: 200 }, (_, id) => client(id));
  await eventually('the first 500 creates', () => acknowledged.length >= 500);
  await meanwhile();
  stop = true;
  await Promise.all(clients);
  return acknowledged;
}

function missing(names: readonly string[]): string[] {
  const present = new Set(cluster.must('get', 'configmaps', '-o', 'jsonpath={.items[*].metadata.name}').split(' '));
  return names.filter((name) => !present.has(name));
}

const serving = (): boolean => cluster.status().members.some((member) => member.leader);

test.serial(
  'kill -9 of the member under 200 concurrent creates loses nothing acknowledged and restarts no container',
  async (t) => {
    const before = containers();
    const acknowledged = await storm('member', async () => {
      const pid = cluster.status().members[0]?.pid;
      signalProcess(pid);
      await eventually('the keeper to bring it back', serving);
    });
    t.log(`${acknowledged.length} creates were acknowledged`);
    t.deepEqual(missing(acknowledged), []);
    await eventually('the nodes to be ready', () => cluster.status().nodes.filter((node) => node.ready).length === 2);
    t.is(containers(), before);
    t.is(restarts(), '0 0 0');
  },
);

test.serial('kill -9 of the agent alone restarts no container and flips no readiness', async (t) => {
  const before = containers();
  const watch = cluster.background(
    'get',
    'pods',
    '-l',
    'app=steady',
    '-w',
    '-o',
    'jsonpath={.status.conditions[?(@.type=="Ready")].status}{"\\n"}',
  );
  let seen = '';
  watch.stdout?.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
  });
  const first = cluster.status().nodes[0]?.pid;
  const acknowledged = await storm('agent', async () => {
    signalProcess(first);
    await eventually('a new agent', () => {
      const { pid, ready } = cluster.status().nodes[0] ?? {};
      return ready === true && pid !== null && pid !== first;
    });
  });
  t.deepEqual(missing(acknowledged), []);
  t.is(containers(), before);
  t.is(restarts(), '0 0 0');
  watch.kill();
  t.false(seen.includes('False'), seen);
  cluster.must('scale', 'deployment/steady', '--replicas=4');
  cluster.must('rollout', 'status', 'deployment/steady', '--timeout=120s');
});

test.serial('kill -9 of an agent while it starts pods leaves none without its network', async (t) => {
  const pods = Array.from({ length: 6 }, (_, i) => `halfway-${i}`);
  const agent = cluster.status().nodes[0];
  cluster.apply(
    pods
      .map(
        (name) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: halfway } }
spec:
  nodeName: ${agent?.name}
  terminationGracePeriodSeconds: 0
  containers: [{ name: c, image: "${image}", command: [sleep, "1000"] }]
`,
      )
      .join('---\n'),
  );
  signalProcess(agent?.pid);
  await eventually(
    'all to run',
    () =>
      cluster.must('get', 'pods', '-l', 'app=halfway', '-o', 'jsonpath={.items[*].status.phase}') ===
      pods.map(() => 'Running').join(' '),
  );
  const engineIds = (name: string): string[] =>
    run('docker', [
      'ps',
      '-aq',
      '--filter',
      `label=troupe.pod.name=${name}`,
      '--filter',
      `label=troupe.cluster=${cluster.name}`,
    ])
      .stdout.split('\n')
      .filter((id) => id !== '');
  for (const name of pods) {
    const address = cluster.must('get', 'pod', name, '-o', 'jsonpath={.status.podIP}');
    t.true(
      cluster
        .must('exec', name, '--', 'sh', '-c', 'ip -4 addr show eth0; ping -c 1 -W 10 10.245.0.1')
        .includes(` ${address}/16 `),
    );
    t.is(engineIds(name).length, 2);
  }
  cluster.must('delete', 'pods', '-l', 'app=halfway');
  await eventually('nothing of them to be left', () => pods.every((name) => engineIds(name).length === 0));
});

test.serial('kill -9 of nats-server alone is mended by its supervisor', async (t) => {
  const before = containers();
  const serverPid = (): number => Number(readFileSync(`${cluster.home}/run/nats-server.pid`, 'utf8'));
  const pid = serverPid();
  const acknowledged = await storm('nats', async () => {
    signalProcess(pid);
    await eventually('another nats-server', () => serverPid() > 0 && serverPid() !== pid);
  });
  t.deepEqual(missing(acknowledged), []);
  t.is(containers(), before);
  cluster.must('scale', 'deployment/steady', '--replicas=5');
  cluster.must('rollout', 'status', 'deployment/steady', '--timeout=120s');
  await eventually('the tree to show it', () => /nats-server.*1 restarts/.test(cluster.troupe('tree').stdout));
});

test.serial('the operator gets one clear line for what cannot work', async (t) => {
  cluster.up();
  const again = cluster.up();
  t.not(
    again.status,
    0,
    'the first one after a crash reports the recovered cluster, the second one meets a running one',
  );
  t.regex(again.stderr, /is already running from/);
  const other = run(process.execPath, [
    'dist/troupe.js',
    'up',
    '--home',
    `${cluster.home}-other`,
    '--cluster',
    'other',
    '--api-port',
    String(cluster.port),
  ]);
  t.not(other.status, 0);
  t.regex(other.stderr, new RegExp(`port ${cluster.port} is in use`));
  t.is(other.stderr.trim().split('\n').length, 1, other.stderr);
  const foreground = run(process.execPath, [
    'dist/troupe.js',
    'up',
    '--foreground',
    '--home',
    `${cluster.home}-other`,
    '--cluster',
    'other',
    '--api-port',
    String(cluster.port),
  ]);
  t.is(foreground.status, 1);
  t.regex(foreground.stderr, new RegExp(`port ${cluster.port} is in use`));
  const even = run(process.execPath, ['dist/troupe.js', 'up', '--members', '2', '--home', `${cluster.home}-other`]);
  t.is(even.status, 1);
  t.regex(even.stderr, /1, 3 or 5/);
  t.is(run(process.execPath, ['dist/troupe.js', 'fly']).status, 2);
});

test.serial('kill -9 of everything, then troupe up: it is all there', async (t) => {
  const before = containers();
  const acknowledged = await storm('whole', () => {
    run('pkill', ['-KILL', '-f', cluster.home]);
  });
  const started = cluster.up(['--nodes', '2']);
  t.is(started.status, 0, started.stderr);
  t.deepEqual(missing(acknowledged), []);
  await eventually('the nodes to be ready', () => cluster.status().nodes.filter((node) => node.ready).length === 2);
  t.is(containers(), before);
  t.is(
    restarts()
      .split(' ')
      .every((count) => count === '0'),
    true,
  );
});

test.serial('another home of the same cluster name gets no pods here, and its purge leaves ours alone', async (t) => {
  const before = containers();
  const bridge = (): string =>
    run('docker', ['network', 'inspect', '--format', '{{.ID}}', `troupe-${cluster.name}`]).stdout;
  const ours = bridge();
  t.not(ours, '');
  const other = await Cluster.create(cluster.name);
  try {
    await eventually('the other node to be refused', () =>
      readFileSync(join(other.home, 'logs', 'member-1.log'), 'utf8').includes(
        `belongs to another cluster named ${cluster.name}`,
      ),
    );
    t.is(other.troupe('down', '--purge').status, 0);
  } finally {
    other.destroy();
  }
  t.is(containers(), before);
  t.is(bridge(), ours);
  t.regex(run('/usr/sbin/nft', ['list', 'tables']).stdout, /troupe_faults/);
});

test.serial('down --purge leaves nothing of the cluster and nothing else is touched', (t) => {
  run('docker', ['network', 'create', 'bystander']);
  run('docker', ['create', '--name', 'bystander', image, 'true']);
  const down = cluster.troupe('down', '--purge');
  t.is(down.status, 0, down.stderr);
  t.is(run('docker', ['ps', '-aq', '--filter', `label=troupe.cluster=${cluster.name}`]).stdout, '');
  t.is(run('docker', ['network', 'ls', '-q', '--filter', `label=troupe.cluster=${cluster.name}`]).stdout, '');
  t.notRegex(run('/usr/sbin/nft', ['list', 'tables']).stdout, /troupe_faults/);
  t.is(run('docker', ['inspect', '--format', 'here', 'bystander']).stdout.trim().split('\n')[0], 'here');
  run('docker', ['rm', 'bystander']);
  t.is(run('docker', ['network', 'rm', 'bystander']).status, 0);
});
