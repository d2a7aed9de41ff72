/**
 * Processor time of a controller's write: the whole write path over a store in memory, in µs a write.
 *   node benchmarks/micro/in-process-writes.ts [--json FILE]
 */
import { startHarness } from '../../src/resources/testing/harness.ts';
import { localClient } from '../../src/resources/index.ts';
import { type Figure, quantile, report } from '../figures.ts';

/** Few in one store: that in memory looks through all of it. */
const writes = 200;
const rounds = 30;
const pods = { group: '', resource: 'pods', namespace: 'default' };
const configMaps = { group: '', resource: 'configmaps', namespace: 'default' };
const user = { name: 'system:serviceaccount:kube-system:replicaset-controller', groups: ['system:masters'] };

const container = (name: string): object => ({
  name,
  image: 'registry.invalid/app:1',
  ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
  env: Array.from({ length: 8 }, (_, i) => ({ name: `SETTING_${i}`, value: `value-${i}` })),
  resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '100m', memory: '64Mi' } },
  readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 5 },
});
const pod = (name: string): object => ({
  metadata: { name, labels: { app: 'bench', tier: 'backend', version: 'v1' }, annotations: { note: 'x'.repeat(100) } },
  spec: { containers: [container('main'), container('side')], nodeName: 'node-1', terminationGracePeriodSeconds: 30 },
});
const status = (i: number): object => ({
  status: {
    phase: 'Running',
    podIP: `10.0.0.${i % 250}`,
    conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
      type,
      status: i % 2 === 0 ? 'True' : 'False',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    })),
  },
});

type Client = ReturnType<typeof localClient>;
interface Case {
  readonly name: string;
  readonly write: (client: Client, i: number) => Promise<unknown>;
}

const cases: readonly Case[] = [
  { name: 'create a pod of 2.5 KB', write: (client, i) => client.create(pods, pod(`pod-${i}`)) },
  {
    name: 'patch the status of a pod',
    write: (client, i) =>
      client.patch({ ...pods, name: 'pod-0' }, { type: 'strategic', body: status(i) }, { subresource: 'status' }),
  },
  {
    name: 'create a ConfigMap of 4 KB',
    write: (client, i) =>
      client.create(configMaps, { metadata: { name: `map-${i}` }, data: { text: 'x'.repeat(4_000) } }),
  },
];

async function round(client: Client, { write }: Case, from: number): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < writes; i++) await write(client, from + i);
  const { user: userTime, system } = process.cpuUsage(before);
  return (userTime + system) / writes;
}

const samples = new Map<string, number[]>();
for (let i = 0; i < rounds; i++)
  for (const one of cases) {
    const h = await startHarness();
    const client = localClient(h.service, user);
    await client.create(pods, pod('pod-0'));
    samples.set(one.name, [...(samples.get(one.name) ?? []), await round(client, one, 1)]);
  }
const figures: Figure[] = [...samples].map(([name, values]) => ({ name, value: quantile(values, 0.5), unit: 'µs' }));
report('Processor time of a write in this process (median of rounds)', figures);
