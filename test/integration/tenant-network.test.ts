import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { eventually } from './cluster.ts';
import { type Finding, promised, statesOf } from './hardening-table.ts';
import { type Machine, Machines, machinesProblem } from './machines.ts';

/**
 * What a tenant's pod and a node that lies can do to the machines of a cluster: one has the member and a node, the
 * other a node.
 */
const image = 'troupe.local/hello:1';
const problem = machinesProblem();
let machines: Machines;
let first: Machine;
let second: Machine;

test.before(async (t) => {
  if (problem !== undefined) {
    t.log(`skipped: ${problem}`);
    return;
  }
  ensureBusyboxImage(image);
  machines = await Machines.start(2, { subnet: 5 });
  [first, second] = [machines.at(1), machines.at(2)];
  for (const machine of machines.all) machine.load(image);
  first.configure([
    'network:',
    '  podCidr: 10.242.0.0/16',
    '  serviceCidr: 10.92.0.0/16',
    '  dnsAddress: 10.92.0.10',
    'node:',
    `  dockerSocket: ${first.socket}`,
  ]);
  must(first.troupe('init', '--address', first.address, '--cluster', 'tenants'));
  const words = must(first.troupe('token', 'create')).trim().split(' ');
  const joining = [...words.slice(words.indexOf('join')), '--name', 'n2', '--docker-socket', second.socket];
  must(second.troupe(...joining));
});
test.after.always(async () => {
  await machines?.stop();
});

function must({ status, stdout, stderr }: ReturnType<Machine['run']>): string {
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
  return stdout;
}

const needsMachines = problem === undefined ? test.serial : test.serial.skip;
if (problem !== undefined)
  test('machines are needed', (t) => {
    t.log(`skipped: ${problem}`);
    t.pass();
  });

/** Between machines each control is as docs/hardening.md says of one machine. */
function checkHardening(t: ExecutionContext, profile: 'default' | 'hardened', passes: number): void {
  const findings = JSON.parse(first.troupe('hardening', 'check', '--json').stdout) as readonly Finding[];
  for (const { id, state, detail } of findings)
    if (state === 'fail' || id.startsWith('2.')) t.log(`${profile}, ${id} ${state}: ${detail}`);
  t.deepEqual(statesOf(findings), promised(profile));
  const passed = findings.filter(({ id, state }) => state === 'pass' && !id.startsWith('5.'));
  t.is(passed.length, passes);
}

needsMachines('between machines the CIS controls are as on one', (t) => {
  checkHardening(t, 'default', 59);
});

interface Doors {
  readonly ports: Readonly<Record<string, readonly number[]>>;
  readonly route: string;
  readonly link: string;
  readonly natsWithoutToken: string;
  readonly natsAsMember: string;
  readonly natsAsPod: string;
}

const user = 'system:serviceaccount:evil:pawn';

/** What opens to a program in the network of a pod on the second machine. */
function doorsOf(pod: string, hosts: readonly string[]): Doors {
  const ids = must(
    second.run('docker', ['-H', `unix://${second.socket}`, 'ps', '-q', '--filter', `name=-${pod}-evil-`]),
  );
  const id = ids.trim().split('\n')[0] ?? '';
  const pid = must(
    second.run('docker', ['-H', `unix://${second.socket}`, 'inspect', '-f', '{{.State.Pid}}', id]),
  ).trim();
  const token = first.must('create', 'token', 'pawn', '-n', 'evil').trim();
  const asked = { hosts, member: first.address, ca: join(second.home, 'pki', 'ca.crt'), token, user };
  const script = resolve(import.meta.dirname, 'tenant-doors.ts');
  return JSON.parse(
    must(second.run('nsenter', ['-t', pid, '-n', process.execPath, script, JSON.stringify(asked)])),
  ) as Doors;
}

needsMachines(
  'of the machines a pod reaches the API, NATS with its token, cluster DNS, and nothing else',
  async (t) => {
    t.timeout(480_000);
    first.must('create', 'namespace', 'evil');
    first.must('create', 'serviceaccount', 'pawn', '-n', 'evil');
    const pod = (name: string, hostNetwork: boolean): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: evil }
spec:
  nodeName: n2
  hostNetwork: ${hostNetwork}
  serviceAccountName: pawn
  containers: [{ name: a, image: "${image}", imagePullPolicy: Never, command: [sleep, "3600"] }]
---`;
    first.apply(`${pod('inside', false)}${pod('outside', true)}`);
    first.must('wait', '-n', 'evil', '--for=condition=Ready', 'pod/inside', 'pod/outside', '--timeout=120s');
    const gateway = '10.242.0.1';
    for (const [name, hosts] of [
      ['inside', [first.address, second.address, gateway]],
      ['outside', [first.address, second.address, gateway, '127.0.0.1']],
    ] as const) {
      const { ports, ...doors } = doorsOf(name, hosts);
      t.log(name, JSON.stringify({ ports, ...doors }));
      t.deepEqual(ports[first.address], [4222, 6222, 6223, 6443, 10_256], 'what docs/clusters.md names');
      t.deepEqual(ports[second.address], [10_256], 'the health of the service proxy');
      t.is(ports[gateway]?.filter((port) => port !== 10_256).length, 1, 'cluster DNS');
      t.deepEqual(ports['127.0.0.1'] ?? [], name === 'inside' ? [] : [10_249, 10_256]);
      t.deepEqual(doors, {
        route: '',
        link: '',
        natsWithoutToken: 'permission',
        natsAsMember: 'permission',
        natsAsPod: 'let in',
      });
    }
    await Promise.resolve();
  },
);

/** Writes what a machine's routes lead to: an administrator's hand stands for an API that believed the node. */
function writeNode(name: string, address: string, podCIDR: string): void {
  first.apply(`apiVersion: v1\nkind: Node\nmetadata: { name: ${name} }\nspec: { podCIDR: ${podCIDR} }\n`);
  const status = JSON.stringify({ status: { addresses: [{ type: 'InternalIP', address }] } });
  first.must('patch', 'node', name, '--subresource=status', '--type=merge', '-p', status);
}

needsMachines('no machine believes a node that wants its traffic, or writes commands as its address', async (t) => {
  const owned = join(machines.folder, 'owned');
  const routes = (): string => first.run('ip', ['route']).stdout;
  await eventually('the route to the other node', () => routes().includes(`via ${second.address}`));
  const before = routes();
  writeNode('commands', `${second.address}\nnetns add owned\nnetns exec owned touch ${owned}`, '10.242.201.0/24');
  writeNode('everything', '10.77.5.99', '0.0.0.0/0');
  writeNode('outside', '10.77.5.99', '203.0.113.5/32');
  const own = must(second.run('sh', ['-c', 'ip -4 -o route show proto 177'])).trim();
  t.not(own, '');
  const range = first.must('get', 'node', 'n2', '-o', 'jsonpath={.spec.podCIDR}').trim();
  writeNode('half', '10.77.5.99', range.replace(/\.0\/24$/, '.128/25'));
  // A node that is believed shows that the machine has looked.
  writeNode('honest', second.address, '10.242.202.0/24');
  await eventually('the route of the honest node', () => routes().includes('10.242.202.0/24'));
  t.is(
    routes()
      .split('\n')
      .filter((line) => !line.startsWith('10.242.202.0/24'))
      .join('\n'),
    before,
  );
  t.false(existsSync(owned));
  rmSync(owned, { force: true });
});

needsMachines('with the hardened profile the CIS controls are so between machines, too', (t) => {
  must(first.troupe('down', '--keep-containers'));
  must(first.troupe('up', '--hardened'));
  checkHardening(t, 'hardened', 63);
});
