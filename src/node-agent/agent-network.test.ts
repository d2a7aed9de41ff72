import test from 'ava';
import { resources } from '../api/index.ts';
import { pass, world } from './agent.fixture.ts';
import { purgeEverything } from './purge.ts';
import { sandboxReference } from './runtime/index.ts';

test('a sandbox that was left without its link gets it when the agent starts again', async (t) => {
  const w = await world(t);
  await w.pod('web');
  t.is(w.links.whole.size, 1);
  await w.agent.stop();
  w.links.cut();
  const before = (await w.runtime.list({})).map(({ id }) => id);
  await w.restart();
  t.is(w.links.whole.size, 1);
  t.deepEqual(
    (await w.runtime.list({})).map(({ id }) => id),
    before,
  );
});

test('a pod network that was removed is made again, and running pods are connected to it', async (t) => {
  const w = await world(t);
  await w.pod('web');
  await w.pod('host', { hostNetwork: true });
  w.api.put(resources.nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-2' },
    spec: { podCIDR: '10.244.4.0/24' },
    status: { addresses: [{ type: 'InternalIP', address: '192.0.2.2' }] },
  });
  await pass(w.time, 100);
  const answering = (): number =>
    w.commands.filter((command) => command.some((part) => part.endsWith('.proxy_arp=1'))).length;
  const answered = answering();
  w.links.cut();
  const routes = (): number => w.commands.filter(([command, what]) => command === 'ip' && what === 'route').length;
  const before = routes();
  await pass(w.time, 2100);
  t.is(w.links.whole.size, 1);
  t.is(routes(), before + 1);
  t.is(answering(), answered + 1, 'pods of other machines are answered for on the new bridge, too');
  await pass(w.time, 10_000);
  t.is(routes(), before + 1);
});

test('pods are connected again to a bridge that another agent of the machine made again', async (t) => {
  const w = await world(t);
  await w.pod('web');
  w.links.replace();
  await pass(w.time, 2100);
  t.is(w.links.whole.size, 1);
});

test('heartbeats of other nodes run no commands; a node that moves does', async (t) => {
  const w = await world(t);
  const node = (address: string, heartbeat: string): object => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-2' },
    spec: { podCIDR: '10.244.4.0/24' },
    status: {
      addresses: [{ type: 'InternalIP', address }],
      conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: heartbeat }],
    },
  });
  w.api.put(resources.nodes, node('192.0.2.2', '2026-01-01T00:00:00Z'));
  await pass(w.time, 200);
  const before = w.commands.length;
  w.api.put(resources.nodes, node('192.0.2.2', '2026-01-01T00:00:10Z'));
  await pass(w.time, 200);
  t.is(w.commands.length, before);
  w.api.put(resources.nodes, node('192.0.2.3', '2026-01-01T00:00:20Z'));
  await pass(w.time, 200);
  t.true(w.commands.length > before);
});

test('what a node says of itself runs no command here, and draws nothing that is for others', async (t) => {
  const w = await world(t);
  const put = (name: string, address: string, podCIDR: string): void => {
    const metadata = { name, creationTimestamp: '2026-01-01T00:00:00Z' };
    const status = { addresses: [{ type: 'InternalIP', address }] };
    w.api.put(resources.nodes, { apiVersion: 'v1', kind: 'Node', metadata, spec: { podCIDR }, status });
  };
  put('good', '192.0.2.2', '10.244.4.0/24');
  put('writes', '192.0.2.3\nnetns exec a touch /tmp/owned', '10.244.5.0/24');
  put('wants-all', '192.0.2.4', '0.0.0.0/0');
  put('wants-ours', '192.0.2.5', '10.244.3.128/25');
  await pass(w.time, 200);
  const text = w.commands.flat().join('\n');
  t.true(text.includes('route replace 10.244.4.0/24 via 192.0.2.2'));
  for (const part of ['owned', '0.0.0.0/0 via', '10.244.3.128', '192.0.2.3', '192.0.2.4', '192.0.2.5'])
    t.false(text.includes(part), part);
});

test('a pod starts although its sandbox image was removed from the engine', async (t) => {
  const w = await world(t);
  await w.runtime.sandboxImage();
  await w.runtime.removeImage(sandboxReference);
  await w.pod('late');
  await pass(w.time, 3000);
  t.is(w.status('late')?.phase, 'Running');
});

test('service rules follow services and endpoints', async (t) => {
  const w = await world(t);
  w.api.put(resources.services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { clusterIP: '10.96.0.5', ports: [{ port: 80, protocol: 'TCP' }] },
  });
  await pass(w.time, 100);
  const last = (): string =>
    w.commands
      .filter(([command]) => command === 'nft')
      .at(-1)
      ?.at(-1) ?? '';
  t.true(last().includes('10.96.0.5 . tcp . 80'));
  const changes = (): number => w.commands.filter(([command, what]) => command === 'nft' && what !== 'list').length;
  const writes = changes();
  await pass(w.time, 10_000);
  t.is(changes(), writes);
});

test('a range of Services that is added while the agent runs is in its rules, and one that goes is not', async (t) => {
  const w = await world(t);
  const last = (): string =>
    w.commands
      .filter(([command]) => command === 'nft')
      .at(-1)
      ?.join('\n') ?? '';
  const range = { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: 'more' } };
  w.api.put(resources.serviceCIDRs, { ...range, spec: { cidrs: ['10.200.0.0/24'] } });
  await pass(w.time, 100);
  t.true(last().includes('ip daddr { 10.96.0.0/16, 10.200.0.0/24 } reject'), last());
  w.api.remove(resources.serviceCIDRs, undefined, 'more');
  await pass(w.time, 100);
  t.true(last().includes('ip daddr 10.96.0.0/16 reject'), last());
});

test('a range of Services that is added is led to the bridge, and one that holds a node is not', async (t) => {
  const w = await world(t);
  const add = (name: string, ...cidrs: readonly string[]): void => {
    w.api.put(resources.serviceCIDRs, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { name },
      spec: { cidrs },
    });
  };
  const made = (): readonly string[] => [
    ...new Set(
      w.commands
        .flatMap((command) => command.join(' ').split('\n'))
        .flatMap((line) => /route append (\S+) dev trp-test src 10\.244\.0\.1 /.exec(line)?.[1] ?? []),
    ),
  ];
  w.api.put(resources.nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-2' },
    spec: {},
    status: { addresses: [{ type: 'InternalIP', address: '192.0.2.2' }] },
  });
  add('kubernetes', '10.96.0.0/16');
  await pass(w.time, 200);
  t.deepEqual(made(), [], "the bridge's setup leads to the own range");
  add('holds-a-node', '192.0.2.0/24');
  add('more', '10.200.0.0/24', 'fd00:99::/112');
  await pass(w.time, 200);
  t.deepEqual(made(), ['10.200.0.0/24']);
});

test('a purge leaves nothing of the cluster on the engine', async (t) => {
  const w = await world(t);
  await w.pod('web');
  await w.agent.stop({ purge: true });
  await pass(w.time, 100);
  t.deepEqual(await w.runtime.list({}), []);
  t.true(w.commands.at(-1)?.at(-1)?.includes('delete table ip troupe_test'));
});

test('a purge leaves what another home made alone: of the same cluster, or of one of its name', async (t) => {
  const w = await world(t);
  await w.pod('web');
  await w.agent.stop();
  const purge = (clusterId: string, nodes: readonly string[]): Promise<void> =>
    purgeEverything({
      runtime: w.runtime,
      run: w.machine.run,
      files: w.machine.files,
      cluster: 'test',
      clusterId,
      nodes,
      clusterCidrs: ['10.244.0.0/16'],
      stateFolders: [],
    });
  const all = (await w.runtime.list({})).length;
  const commands = w.commands.length;
  await purge('', ['node-2']);
  await purge('other', ['node-1']);
  t.is((await w.runtime.list({})).length, all);
  t.is(w.commands.length, commands);
  await purge('aaaa', ['node-1']);
  t.deepEqual(await w.runtime.list({}), []);
});
