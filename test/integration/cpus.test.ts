import { cpus } from 'node:os';
import test from 'ava';
import { ensureBusyboxImage } from '../../scripts/example-image.ts';
import { Cluster, eventually, signalProcess } from './cluster.ts';

/** Processors of a real machine: who has one to himself, and who keeps away from it, as the kernel says. */
const image = 'troupe.local/hello:1';
let cluster: Cluster;
const count = cpus().length;

test.before('a node whose first processor stays with the system', async () => {
  ensureBusyboxImage(image);
  const settings = ['node:', '  cpuManagerPolicy: static', '  reservedSystemCPUs: "0"'];
  cluster = await Cluster.create('cpus', [], settings);
});
test.after.always('removed with everything that it made', () => {
  if (cluster !== undefined) cluster.destroy();
});

const field = (pod: string, path: string): string =>
  cluster.must('get', 'pod', pod, '-o', `jsonpath={.status.${path}}`);
const start = (name: string, cpu?: string): void => {
  const resources = cpu === undefined ? {} : { limits: { cpu, memory: '64Mi' } };
  const container = { name: 'main', image, command: ['sleep', '1000'], resources };
  const spec = { terminationGracePeriodSeconds: 0, containers: [container] };
  cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }));
};
const running = (name: string): Promise<unknown> =>
  eventually(`${name} to run`, () => field(name, 'phase') === 'Running');
/** The processors that its first process may run on. */
const processors = (pod: string): string =>
  cluster.must('exec', pod, '--', 'grep', 'Cpus_allowed_list', '/proc/1/status').split(/\s+/)[1] ?? '';

const all = count === 1 ? '0' : `0-${count - 1}`;
/** All but this one, in a machine's usual numbering. */
const allBut = (one: number): string => {
  const left = Array.from({ length: count }, (_, id) => id).filter((id) => id !== one);
  const [first, last] = [left.filter((id) => id < one), left.filter((id) => id > one)].map((part) =>
    part.length > 1 ? `${part[0]}-${part.at(-1)}` : part.join(','),
  );
  return [first, last].filter((part) => part !== '').join(',');
};

test('a pod has a processor to itself, also over restarts, and gives it back', async (t) => {
  if (count < 2) {
    t.log('skipped: with a single processor nobody can have one to himself');
    t.pass();
    return;
  }
  start('shares');
  await running('shares');
  t.is(processors('shares'), all);
  start('own', '1');
  await running('own');
  const own = processors('own');
  t.regex(own, /^[1-9]\d*$/, 'one, and not the reserved one');
  t.is(processors('shares'), allBut(Number(own)));

  const id = field('own', 'containerStatuses[0].containerID');
  signalProcess(cluster.status().nodes[0]?.pid);
  await eventually('the node to be back', () => cluster.status().nodes[0]?.ready === true);
  start('later');
  await running('later');
  t.is(processors('later'), allBut(Number(own)));
  t.is(processors('own'), own);
  t.is(field('own', 'containerStatuses[0].containerID'), id);

  const half = { limits: { cpu: '500m' }, requests: { cpu: '500m' } };
  const resize = { spec: { containers: [{ name: 'main', resources: half }] } };
  cluster.must('patch', 'pod', 'own', '--subresource', 'resize', '-p', JSON.stringify(resize));
  await eventually('the resize to be refused', () => field('own', 'conditions[*].reason').includes('Infeasible'));

  cluster.must('delete', 'pod', 'own', '--wait');
  await eventually('the others to spread', () => processors('shares') === all && processors('later') === all);
  start('next', '1');
  await running('next');
  t.is(processors('next'), own);
  t.is(processors('shares'), allBut(Number(own)));
});
