import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { eventually, type Result, signalProcess } from './cluster.ts';
import { type Machine, Machines, machinesProblem } from './machines.ts';

/**
 * Members on machines of their own (network namespaces): one starts the cluster, two join it, and a node joins on the
 * third. No containers run.
 */
const problem = machinesProblem();
let machines: Machines;
let one: Machine;
let two: Machine;
let three: Machine;
/** A node's own home on the third machine. */
let nodeHome: string;

interface Joining {
  readonly address: string;
  readonly token: string;
  readonly caHash: string;
}
interface MemberRow {
  readonly name: string;
  readonly role: string;
  readonly leader: boolean;
  readonly alive: boolean;
  readonly shards: readonly object[];
}

test.before(async (t) => {
  if (problem !== undefined) {
    t.log(`skipped: ${problem}`);
    return;
  }
  machines = await Machines.start(3, { engines: false, subnet: 1 });
  [one, two, three] = [machines.at(1), machines.at(2), machines.at(3)];
  nodeHome = join(machines.folder, 'node');
  mkdirSync(nodeHome);
  for (const machine of machines.all) machine.configure(['node:', '  runtime: simulated']);
  const started = one.troupe('init', '--address', one.address, '--cluster', 'many', '--nodes', '0');
  if (started.status !== 0) throw new Error(started.stderr);
});
test.after.always(async () => {
  if (machines === undefined) return;
  three.troupeAt(nodeHome, 'down', '--purge');
  await machines.stop();
});

const needsMachines = problem === undefined ? test.serial : test.serial.skip;
if (problem !== undefined)
  test('machines are needed', (t) => {
    t.log(`skipped: ${problem}`);
    t.pass();
  });

function createToken(role: 'member' | 'node', ...args: string[]): Joining {
  const { stdout, stderr, status } = one.troupe('token', 'create', '--role', role, ...args);
  if (status !== 0) throw new Error(stderr);
  const words = stdout.trim().split(' ');
  const after = (flag: string): string => words[words.indexOf(flag) + 1] ?? '';
  return { address: words[2] ?? '', token: after('--token'), caHash: after('--ca-hash') };
}

const joinArguments = (name: string, { address, token, caHash }: Joining): readonly string[] => [
  'join',
  address,
  '--role',
  'member',
  '--token',
  token,
  '--ca-hash',
  caHash,
  '--name',
  name,
  '--nodes',
  '0',
];

function joinAsMember(machine: Machine, name: string, joining: Joining): Result & { readonly said: string } {
  const result = machine.troupe(...joinArguments(name, joining));
  return { ...result, said: `${result.stdout}${result.stderr}` };
}

function membersSeenBy(machine: Machine): readonly MemberRow[] {
  const { stdout, stderr, status } = machine.troupe('member', 'list', '-o', 'json');
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as MemberRow[];
}

const pidOf = (machine: Machine, name: string): number =>
  (JSON.parse(readFileSync(join(machine.home, 'run', `member-${name}.json`), 'utf8')) as { pid: number }).pid;
const keeperOf = (machine: Machine, name: string): number =>
  Number(readFileSync(join(machine.home, 'run', `keeper-${name}.pid`), 'utf8'));
const endpoints = (machine: Machine): string =>
  machine.kubectl('get', 'endpoints', 'kubernetes', '-o', 'jsonpath={.subsets[*].addresses[*].ip}').stdout;
const ready = (machine: Machine, node: string): boolean =>
  machine.kubectl('get', 'node', node, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}').stdout ===
  'True';

needsMachines(
  'a token for nodes makes no member, and a member whose name or address is taken is refused; nothing is left behind',
  (t) => {
    t.regex(
      joinAsMember(two, 'm2', createToken('node')).said,
      /the token is not for members; create one with `troupe token create --role member`/,
    );
    const token = createToken('member');
    t.regex(
      joinAsMember(two, 'member-1', token).said,
      /a member named member-1 is already in the cluster; choose another name with --name/,
    );
    t.regex(
      joinAsMember(two, 'm2', { ...token, caHash: `sha256:${'0'.repeat(64)}` }).said,
      /this is another cluster, or somebody intercepts the connection/,
    );
    t.regex(
      joinAsMember(two, 'm2', { ...token, token: `${token.token.slice(0, 7)}0000000000000000` }).said,
      /the token is unknown or was deleted/,
    );
    t.regex(joinAsMember(two, 'Mistake', token).said, /does not admit this machine as a member/);
    t.regex(
      two.troupe(...joinArguments('m2', token), '--address', '192.0.2.77').stderr,
      /192\.0\.2\.77 is not an address of this machine; choose one with --address/,
    );
    t.deepEqual(
      membersSeenBy(one).map(({ name }) => name),
      ['member-1'],
    );
  },
);

needsMachines('two machines join as members, one after an interruption, and all serve the API', async (t) => {
  const { address, token: nodeToken, caHash } = createToken('node');
  const joined = three.troupeAt(
    nodeHome,
    'join',
    address,
    '--token',
    nodeToken,
    '--ca-hash',
    caHash,
    '--name',
    'n1',
    '--runtime',
    'simulated',
  );
  t.is(joined.status, 0, `${joined.stdout}${joined.stderr}`);
  const token = createToken('member');
  const interrupted = two.begin(...joinArguments('m2', token));
  await eventually('the machine to be taken in', () => existsSync(join(two.home, 'run', 'settings.json')));
  interrupted.kill('SIGKILL');
  const second = joinAsMember(two, 'm2', token);
  t.is(second.status, 0, second.said);
  t.regex(joinAsMember(two, 'm2', token).said, /already belongs to a cluster/);
  t.regex(joinAsMember(three, 'm3', token).said, /was used by another machine/);
  const third = joinAsMember(three, 'm3', { ...createToken('member'), address: `${two.address}:6443` });
  t.is(third.status, 0, third.said);
  for (const machine of machines.all) {
    t.deepEqual(
      membersSeenBy(machine).map(({ name, role }) => `${name} ${role}`),
      ['m2 voter', 'm3 voter', 'member-1 voter'],
    );
    machine.must('create', 'configmap', `from-${machine.address.split('.').at(-1) ?? ''}`);
  }
  t.is(three.must('get', 'configmaps', '-o', 'name').match(/from-/g)?.length, 3);
  await eventually('all to have shards', () => membersSeenBy(one).every(({ shards }) => shards.length > 5));
  await eventually(
    'all to be behind the Service',
    () => endpoints(two) === machines.all.map(({ address }) => address).join(' '),
  );
});

needsMachines('a replica joins and answers, follows without a vote or shards, and can be removed', async (t) => {
  const home = join(machines.folder, 'replica');
  mkdirSync(home);
  writeFileSync(
    join(home, 'config.yaml'),
    'apiPort: 7443\nlinkPort: 7223\nnats:\n  port: 5222\n  routePort: 7222\nnode:\n  runtime: simulated\n',
  );
  const joining = joinArguments('r1', createToken('member')).map((word) => (word === 'member' ? 'replica' : word));
  const joined = three.troupeAt(home, ...joining);
  t.is(joined.status, 0, joined.stderr);
  t.regex(joined.stdout, /Replica r1 has joined the cluster/);
  const row = (): MemberRow | undefined => membersSeenBy(one).find(({ name }) => name === 'r1');
  t.like(row(), { role: 'replica', alive: true, shards: [] });
  const at = ['--kubeconfig', join(home, 'kubeconfig')];
  const written = three.run('kubectl', [...at, 'create', 'configmap', 'through-the-replica']);
  t.is(written.status, 0, written.stderr);
  one.must('get', 'configmap', 'through-the-replica');
  signalProcess((JSON.parse(readFileSync(join(home, 'run', 'member-r1.json'), 'utf8')) as { pid: number }).pid);
  one.must('create', 'configmap', 'while-the-replica-was-away');
  await eventually(
    'the replica to be back with what was written',
    () => three.run('kubectl', [...at, 'get', 'configmap', 'while-the-replica-was-away']).status === 0,
  );
  t.like(row(), { role: 'replica' });
  const removed = one.troupe('member', 'remove', 'r1');
  t.is(removed.status, 0, removed.stderr);
  t.is(row(), undefined);
  await eventually('its process to end', () => existsSync(join(home, 'run', 'removed')));
  t.is(three.troupeAt(home, 'down', '--purge').status, 0);
  await eventually(
    'the others alone behind the Service',
    () => endpoints(two) === machines.all.map(({ address }) => address).join(' '),
  );
});

needsMachines(
  'a node that joined first outlives the first member: writes go on at the second, and the node stays ready',
  async (t) => {
    const natsServer = Number(readFileSync(join(one.home, 'run', 'nats-server.pid'), 'utf8'));
    for (const pid of [keeperOf(one, 'member-1'), pidOf(one, 'member-1'), natsServer]) signalProcess(pid);
    const began = performance.now();
    await eventually(
      'a write at the second member',
      () => two.kubectl('create', 'configmap', 'after-death').status === 0,
    );
    const writes = performance.now() - began;
    await eventually(
      'the dead member to leave the Service',
      () => endpoints(two) === `${two.address} ${three.address}`,
    );
    t.log(`writes after ${Math.round(writes)} ms, left the Service after ${Math.round(performance.now() - began)} ms`);
    t.true(ready(two, 'n1'));
    t.is(
      membersSeenBy(one).find(({ name }) => name === 'member-1')?.alive,
      false,
      'commands of its machine ask the others',
    );
    two.apply(
      'apiVersion: v1\nkind: Pod\nmetadata: { name: late }\n' +
        'spec: { nodeName: n1, containers: [{ name: c, image: x }] }',
    );
    two.must('wait', '--for=condition=Ready', 'pod/late', '--timeout=60s');
    t.log(`a pod of the node was ready after ${Math.round(performance.now() - began)} ms`);
    t.true(ready(two, 'n1'));
    t.is(one.troupe('up', '--nodes', '0').status, 0);
    await eventually(
      'the first member to be back behind the Service',
      () => endpoints(three) === machines.all.map((machine) => machine.address).join(' '),
    );
  },
);

needsMachines(
  'the key of service accounts is rotated on all machines from any of them, and no token is refused meanwhile',
  async (t) => {
    const privateKey = (machine: Machine): string =>
      readFileSync(join(machine.home, 'pki', 'service-account.key'), 'utf8');
    const accepted = (machine: Machine, token: string): boolean =>
      machine.run('kubectl', [
        '--kubeconfig',
        '/dev/null',
        '--server',
        `https://${machine.address}:6443`,
        '--certificate-authority',
        join(machine.home, 'pki', 'ca.crt'),
        '--token',
        token,
        'auth',
        'whoami',
      ]).status === 0;
    const tokenOf = (machine: Machine): string => machine.must('create', 'token', 'default').trim();
    const old = tokenOf(one);
    const before = privateKey(one);
    const rotated = two.troupe('key', 'rotate');
    t.is(rotated.status, 0, rotated.stderr);
    t.not(privateKey(one), before);
    t.is(new Set(machines.all.map(privateKey)).size, 1);
    const fresh = tokenOf(three);
    for (const machine of machines.all) {
      t.true(accepted(machine, old), `${machine.address} accepts a token of the old key`);
      t.true(accepted(machine, fresh), `${machine.address} accepts a token of the new key`);
    }
    const id = /; (\S+) is accepted until/.exec(rotated.stdout)?.[1] ?? '';
    t.is(three.troupe('key', 'drop', id).status, 0);
    const other = tokenOf(two);
    for (const machine of machines.all) t.true(accepted(machine, other));
    await eventually('tokens of the dropped key to be refused everywhere', () =>
      machines.all.every((machine) => !accepted(machine, old)),
    );
  },
);

needsMachines('a member that is removed ends, and the machine may join again', async (t) => {
  const pid = pidOf(one, 'member-1');
  const natsServer = Number(readFileSync(join(one.home, 'run', 'nats-server.pid'), 'utf8'));
  const removed = one.troupe('member', 'remove', 'member-1');
  t.is(removed.status, 0, removed.stderr);
  t.deepEqual(
    membersSeenBy(two).map(({ name }) => name),
    ['m2', 'm3'],
  );
  const gone = (ended: number) => (): boolean => {
    try {
      process.kill(ended, 0);
      return false;
    } catch {
      return true;
    }
  };
  await eventually('its process to end', gone(pid));
  await eventually('its nats-server to end', gone(natsServer));
  t.regex(
    one.troupe('up').stderr,
    /member-1 was removed from the cluster; `troupe down --purge` removes what is left here/,
  );
  await eventually('it to leave the Service', () => endpoints(two) === `${two.address} ${three.address}`);

  // Its home does not know that it was removed: it is told, and has served nobody until then.
  rmSync(join(one.home, 'run', 'removed'));
  t.is(one.troupe('run-member', '--home', one.home, '--name', 'member-1', '--no-node').status, 78);
  t.true(
    readFileSync(join(one.home, 'logs', 'member-1.log'), 'utf8')
      .trim()
      .split('\n')
      .slice(-5)
      .some((line) => line.includes('this member was removed from the cluster')),
  );
  t.regex(one.troupe('up').stderr, /member-1 was removed from the cluster/);
  t.deepEqual(
    membersSeenBy(two).map(({ name }) => name),
    ['m2', 'm3'],
  );
  two.must('create', 'configmap', 'after-removal');
  t.is(one.troupe('down', '--purge').status, 0);
});
