import { join, resolve } from 'node:path';
import test from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { eventually } from './cluster.ts';
import { type Machine, Machines, machinesProblem } from './machines.ts';

/** A cluster over two machines (network namespaces, a Docker engine each): one starts it, the other joins. */
const image = 'troupe.local/hello:1';
const problem = machinesProblem();
let machines: Machines;
let first: Machine;
let second: Machine;
let joining: { readonly address: string; readonly token: string; readonly caHash: string };

test.before(async (t) => {
  if (problem !== undefined) {
    t.log(`skipped: ${problem}`);
    return;
  }
  ensureBusyboxImage(image);
  machines = await Machines.start(2);
  [first, second] = [machines.at(1), machines.at(2)];
  for (const machine of machines.all) machine.load(image);
  first.configure([
    'network:',
    '  podCidr: 10.246.0.0/16',
    '  serviceCidr: 10.98.0.0/16',
    '  dnsAddress: 10.98.0.10',
    'node:',
    `  dockerSocket: ${first.socket}`,
  ]);
  const started = first.troupe('init', '--address', first.address, '--cluster', 'machines');
  if (started.status !== 0) throw new Error(started.stderr);
  joining = createToken();
});
test.after.always(async () => {
  await machines?.stop();
});

function createToken(...args: string[]): typeof joining {
  const [, , address = '', , token = '', , caHash = ''] = first
    .troupe('token', 'create', ...args)
    .stdout.trim()
    .split(' ');
  return { address, token, caHash };
}

function joinAs(name: string, more: Partial<typeof joining> = {}): { readonly status: number; readonly said: string } {
  const { address, token, caHash } = { ...joining, ...more };
  const { status, stdout, stderr } = second.troupe(
    'join',
    address,
    '--token',
    token,
    '--ca-hash',
    caHash,
    '--name',
    name,
    '--docker-socket',
    second.socket,
  );
  return { status, said: `${stdout}${stderr}`.trim() };
}

const needsMachines = problem === undefined ? test.serial : test.serial.skip;
if (problem !== undefined)
  test('machines are needed', (t) => {
    t.log(`skipped: ${problem}`);
    t.pass();
  });

needsMachines(
  "who brings a wrong token, another cluster's hash, a bad address or a taken name is told so, and nothing " +
    'is left behind',
  async (t) => {
    const taken = first.must('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}');
    const old = createToken('--ttl', '1s');
    const deleted = createToken();
    first.troupe('token', 'delete', deleted.token.slice(0, 6));
    const [id = ''] = joining.token.split('.');
    for (const [name, more, said] of [
      [
        'n2',
        { token: `${id}.0000000000000000` },
        /the token is unknown or was deleted, as expired ones are; create a new one with `troupe token create`/,
      ],
      ['n2', { token: deleted.token }, /the token is unknown or was deleted/],
      ['n2', { token: 'secret' }, /--token is not a token/],
      [
        'n2',
        { caHash: `sha256:${'0'.repeat(64)}` },
        new RegExp(
          'has the hash sha256:[0-9a-f]{64}, not sha256:0{64}: ' +
            'this is another cluster, or somebody intercepts the connection',
        ),
      ],
      ['n2', { address: '10.77.0.99:6443' }, /no member answers at 10\.77\.0\.99:6443 .*; check the address/],
      ['n2', { address: `${first.address}:4222` }, /no member answers at 10\.77\.0\.11:4222/],
      ['n2', { token: old.token }, /(the token has expired|was deleted, as expired ones are); create a new one/],
      [taken, {}, /a node named \S+ is already in the cluster; choose another name with --name/],
    ] as const) {
      if ('token' in more && more.token === old.token)
        await eventually('the token to expire', () => joinAs(name, more).said.includes('expired'));
      const answer = joinAs(name, more);
      t.regex(answer.said, said);
      t.is(answer.status, 1);
    }
    t.is(first.must('get', 'nodes', '-o', 'name').trim().split('\n').length, 1);
  },
);

needsMachines('a machine joins, and pods and services of both reach each other', async (t) => {
  const joined = joinAs('n2');
  t.is(joined.status, 0, joined.said);
  t.is(
    first.must('get', 'node', 'n2', '-o', 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}'),
    second.address,
  );
  const nodes = [
    first
      .must('get', 'nodes', '-o', 'name')
      .split('\n')
      .map((line) => line.replace('node/', ''))
      .find((name) => name !== '' && name !== 'n2') ?? '',
    'n2',
  ] as const;
  first.apply(
    nodes
      .map(
        (node, i) => `
apiVersion: v1
kind: Pod
metadata: { name: pod-${i + 1}, labels: { on: m${i + 1} } }
spec:
  nodeName: ${node}
  containers:
    - name: web
      image: "${image}"
      imagePullPolicy: Never
      command: [sh, -c, "mkdir -p /w; echo pod-${i + 1} > /w/name; httpd -f -v -p 8080 -h /w"]
      ports: [{ containerPort: 8080 }]
---
apiVersion: v1
kind: Service
metadata: { name: web-${i + 1} }
spec: { selector: { on: m${i + 1} }, ports: [{ port: 80, targetPort: 8080 }] }
---`,
      )
      .join(''),
  );
  first.must('wait', '--for=condition=Ready', 'pod/pod-1', 'pod/pod-2', '--timeout=120s');
  const address = (pod: string): string => first.must('get', 'pod', pod, '-o', 'jsonpath={.status.podIP}');
  const fetch = (pod: string, url: string): string =>
    first.kubectl('exec', pod, '--', 'wget', '-q', '-T', '2', '-O', '-', url).stdout.trim();
  await eventually('pod-1 to reach pod-2', () => fetch('pod-1', `http://${address('pod-2')}:8080/name`) === 'pod-2');
  await eventually('pod-2 to reach pod-1', () => fetch('pod-2', `http://${address('pod-1')}:8080/name`) === 'pod-1');
  await eventually(
    "pod-1 to reach the other machine's service by name",
    () => fetch('pod-1', 'http://web-2.default.svc.cluster.local/name') === 'pod-2',
  );
  await eventually(
    "pod-2 to reach the first machine's service by name",
    () => fetch('pod-2', 'http://web-1/name') === 'pod-1',
  );
  const served = new RegExp(`${address('pod-1').replaceAll('.', '\\.')}\\S*: `);
  await eventually("the log of pod-2 to show the other's own address", () => served.test(first.must('logs', 'pod-2')));
});

needsMachines("a node's credentials open its own subjects and no other's", (t) => {
  const script = resolve(import.meta.dirname, 'node-credentials.ts');
  const asked = second.run(process.execPath, [
    script,
    second.home,
    'n2',
    first.must('get', 'nodes', '-o', 'jsonpath={.items[?(@.metadata.name!="n2")].metadata.name}'),
  ]);
  t.is(asked.status, 0, asked.stderr);
  t.deepEqual(JSON.parse(asked.stdout), {
    ownNode: 200,
    secrets: 403,
    otherStream: 'no answer',
    heard: [],
    withoutToken: 'permission',
    withWrongToken: 'permission',
    withoutTls: 'closed',
  });
  t.is(
    second.run('stat', [
      '-c',
      '%a',
      join(second.home, 'pki', 'node.key'),
      join(second.home, 'nats.json'),
      join(first.home, 'run', 'nats-server.conf'),
    ]).stdout,
    '600\n600\n600\n',
  );
});

needsMachines('a node that was stopped, or whose machine restarted, is the same node after `troupe up`', async (t) => {
  const ready = (): string =>
    first.must('get', 'node', 'n2', '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}');
  t.is(second.troupe('down', '--keep-containers').status, 0);
  await eventually('the silence to be noticed', () => ready() === 'Unknown');
  t.regex(second.troupe('up', '--nodes', '2').stderr, /is node n2 of a cluster on other machines/);
  const up = second.troupe('up');
  t.is(up.status, 0, up.stderr);
  t.is(up.stdout.trim(), 'Node n2 is running.');
  await eventually('the node to be ready', () => ready() === 'True');
  t.is(first.must('get', 'pod', 'pod-2', '-o', 'jsonpath={.status.containerStatuses[0].restartCount}'), '0');
  t.regex(second.troupe('up').stderr, /the agent of node n2 is already running/);
});

needsMachines('a node that is removed is refused, and may join anew', async (t) => {
  const connection = (): string =>
    second.run('ss', ['-Htn', 'state', 'established', 'dport', '=', ':4222']).stdout.trim().split(/\s+/)[2] ?? '';
  const before = connection();
  t.not(before, '');
  t.is(first.troupe('node', 'remove', 'n2').status, 0);
  t.regex(first.troupe('node', 'remove', 'n2').stderr, /there is no node n2/);
  await eventually('its connection to NATS to end', () => connection() !== before);
  await eventually('its certificate to be refused', () =>
    second
      .run('curl', [
        '-sk',
        '--cert',
        join(second.home, 'pki', 'node.crt'),
        '--key',
        join(second.home, 'pki', 'node.key'),
        `https://${first.address}:6443/api/v1/nodes/n2`,
      ])
      .stdout.includes('Unauthorized'),
  );
  t.regex(first.kubectl('get', 'node', 'n2').stderr, /not found/);
  t.is(second.troupe('down', '--purge').status, 0);
  t.is(second.run('ip', ['route', 'show', 'proto', '177']).stdout, '');
  const again = joinAs('n2');
  t.is(again.status, 0, again.said);
});
