import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { eventually, type Result } from './cluster.ts';
import { type Machine, Machines, machinesProblem } from './machines.ts';

/**
 * Three members on machines of their own and a node on the third. One member is removed and its keys are kept aside, as
 * by somebody who cannot be trusted. Its machine is set up anew and joins. Then all secrets of the cluster are rotated
 * while clients read and write at each of the three members.
 */
const problem = machinesProblem();
const configuration = ['node:', '  runtime: simulated'];
let machines: Machines;
let one: Machine;
let two: Machine;
let three: Machine;
/** A node's own home on the third machine. */
let nodeHome: string;
/** What the machine of the removed member had. */
let stolen: string;

test.before(async (t) => {
  if (problem !== undefined) {
    t.log(`skipped: ${problem}`);
    return;
  }
  machines = await Machines.start(3, { engines: false, subnet: 7 });
  [one, two, three] = [machines.at(1), machines.at(2), machines.at(3)];
  nodeHome = join(machines.folder, 'node');
  stolen = join(machines.folder, 'stolen');
  mkdirSync(nodeHome);
  for (const machine of machines.all) machine.configure(configuration);
  must(one.troupe('init', '--address', one.address, '--cluster', 'keys', '--nodes', '0'));
  must(two.troupe(...joining(one, 'member', '--name', 'm2', '--nodes', '0')));
  must(three.troupe(...joining(one, 'member', '--name', 'm3', '--nodes', '0')));
  must(three.troupeAt(nodeHome, ...joining(one, 'node', '--name', 'n1', '--runtime', 'simulated')));
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

function must(result: Result): string {
  if (result.status !== 0) throw new Error(`${result.stdout}${result.stderr}`);
  return result.stdout;
}

/** The arguments of a join with a fresh token of a member. */
function joining(member: Machine, role: 'member' | 'node', ...more: readonly string[]): readonly string[] {
  const words = must(member.troupe('token', 'create', '--role', role))
    .trim()
    .split(' ');
  return [...words.slice(words.indexOf('join')), ...more];
}

/** How many stores of other members a member is linked with. */
function linksOf(member: Machine): number {
  const ports = '( sport = :6223 or dport = :6223 )';
  return must(member.run('ss', ['-Htn', 'state', 'established', ports]))
    .split('\n')
    .filter((line) => line !== '').length;
}

interface Opened {
  readonly doors: readonly string[];
  readonly opened: readonly string[];
}

function openedBy(folder: string): Opened {
  const script = join(import.meta.dirname, 'stolen-keys.ts');
  const args = [script, folder, two.address, join(two.home, 'pki', 'ca.crt')];
  return JSON.parse(must(three.run(process.execPath, args))) as Opened;
}

interface Load {
  readonly acknowledged: readonly string[];
  readonly retried: Readonly<Record<string, number>>;
  readonly failed: readonly string[];
}

/** Starts the load from a machine; what is returned ends it. */
function startLoad(machine: Machine, urls: readonly string[]): () => Promise<Load> {
  const script = join(import.meta.dirname, 'rotation-load.ts');
  const args = [`--net=/run/netns/${machine.space}`, process.execPath, script, machine.home, ...urls];
  const child = spawn('nsenter', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const text: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (part: string) => text.push(part));
  return () =>
    new Promise((resolve) => {
      child.once('close', () => {
        resolve(JSON.parse(text.join('')) as Load);
      });
      child.stdin.end();
    });
}

needsMachines('a member that is away keeps the keys from being rotated, unless it is left out by name', async (t) => {
  must(one.troupe('down', '--keep-containers'));
  const shown = (): string => two.troupe('member', 'list', '-o', 'json').stdout;
  await eventually('the member to be missed', () => shown().includes('"alive":false'));
  const refused = two.troupe('key', 'rotate', '--admin-token');
  t.not(refused.status, 0);
  t.regex(refused.stderr, /member-1 cannot take part now; start what is down, or give --leave-out NAME/);
  must(two.troupe('member', 'remove', 'member-1'));
  cpSync(one.home, stolen, { recursive: true, filter: (file) => !file.endsWith('.sock') });
  const { opened, doors } = openedBy(stolen);
  t.deepEqual(opened, doors, 'all that it had still opens everything');
});

needsMachines(
  'all secrets are rotated under load on three members with no request lost; what the removed one had opens nothing',
  async (t) => {
    must(one.troupe('down', '--purge'));
    mkdirSync(one.home, { recursive: true });
    one.configure(configuration);
    must(one.troupe(...joining(two, 'member', '--name', 'm4', '--nodes', '0')));
    const node = (): string =>
      two.must('get', 'node', 'n1', '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}');
    await eventually('the node', () => node() === 'True');
    const authority = readFileSync(join(two.home, 'pki', 'ca.crt'), 'utf8');
    const members = [one, two, three];
    const urls = members.map(({ address }) => `https://${address}:6443`);
    // Each begins with the member of its own machine.
    const stops = members.map((machine, at) => startLoad(machine, [...urls.slice(at), ...urls.slice(0, at)]));
    const began = performance.now();
    const child = two.begin('key', 'rotate', '--authority');
    const code = await new Promise((resolve) => {
      child.once('exit', resolve);
    });
    const took = Math.round(performance.now() - began);
    const loads = await Promise.all(stops.map((stop) => stop()));
    t.is(code, 0);
    for (const { acknowledged, retried, failed } of loads) {
      t.log(`${took} ms; ${acknowledged.length} writes; tried again: ${JSON.stringify(retried)}`);
      t.deepEqual(failed, []);
      t.true(acknowledged.length > 50);
    }
    for (const file of [...members.map(({ home }) => join(home, 'pki')), join(nodeHome, 'pki')])
      t.false(readFileSync(join(file, 'ca.crt'), 'utf8').includes(authority.trim()), file);
    const { opened, doors } = openedBy(stolen);
    t.deepEqual(opened, []);
    t.true(doors.length > 10);
    for (const member of members) await eventually('the links to the other two members', () => linksOf(member) === 2);
    // Everybody else goes on.
    t.is(node(), 'True');
    two.apply(
      'apiVersion: v1\nkind: Pod\nmetadata: { name: after }\n' +
        'spec: { nodeName: n1, containers: [{ name: c, image: x }] }',
    );
    two.must('wait', '--for=condition=Ready', 'pod/after', '--timeout=60s');
    t.regex(must(three.troupe('key', 'status')), /is done/);
    const trusted = two.must('get', 'configmap', 'kube-root-ca.crt', '-o', 'jsonpath={.data.ca\\.crt}');
    t.is(trusted.trim(), readFileSync(join(two.home, 'pki', 'ca.crt'), 'utf8').trim());
  },
);
