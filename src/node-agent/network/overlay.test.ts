import { execFileSync, spawnSync } from 'node:child_process';
import test from 'ava';
import { SimulatedTime } from '../../platform/index.ts';
import { silentLogger } from '../../base/index.ts';
import { keepNodeRoutes } from './node-routes.ts';
import { endHardwareAddress, overlayDevice, overlayDeviceChanges, overlayPeerChanges } from './overlay.ts';

const own = { address: '192.0.2.11', podCidrs: ['10.244.1.0/24'] };

test("a machine's end is made once, made again for another address, and leaves room for the outer head", (t) => {
  const device = overlayDevice('c');
  t.true(device.length <= 15);
  const commands = (shown: string): readonly string[] => overlayDeviceChanges('c', own, { shown, mtu: 1500 });
  const [add = '', set = '', address = ''] = commands('');
  t.regex(add, new RegExp(`^link add ${device} type vxlan id \\d+ dstport 8472 local 192\\.0\\.2\\.11 nolearning$`));
  t.is(set, `link set ${device} address ${endHardwareAddress(own.address)} mtu 1450 up`);
  t.is(address, `address replace 10.244.1.0/32 dev ${device}`);
  const id = /id (\d+)/.exec(add)?.[1] ?? '';
  t.deepEqual(commands(`7: ${device}: vxlan id ${id} local 192.0.2.11 dstport 8472`), [set, address]);
  t.is(commands(`7: ${device}: vxlan id ${id} local 192.0.2.99 dstport 8472`)[0], `link del ${device}`);
});

test('the kernel is told where another end is, and asks nobody', (t) => {
  const hardware = endHardwareAddress('198.51.100.7');
  t.is(hardware, '02:74:c6:33:64:07');
  t.deepEqual(overlayPeerChanges('c', [{ address: '198.51.100.7', podCidrs: ['10.244.2.0/24'] }]), {
    ip: [`neighbour replace 10.244.2.0 lladdr ${hardware} dev ${overlayDevice('c')} nud permanent`],
    bridge: [`fdb replace ${hardware} dev ${overlayDevice('c')} dst 198.51.100.7 self permanent`],
  });
});

test('packets of both families travel between the ends, whose own addresses no pod has', (t) => {
  const six = { address: 'fd00:77::11', podCidrs: ['fd00:244:0:1::/64', '10.244.1.0/24'] };
  const lines = overlayDeviceChanges('c', six, { shown: '', mtu: 1500 });
  t.true(lines[0]?.includes(' local fd00:77::11 '));
  t.true(lines[1]?.endsWith(' mtu 1430 up'));
  const device = overlayDevice('c');
  const end = 'fd00:244:0:1:ffff:ffff:ffff:ffff';
  t.deepEqual(lines.slice(2), [
    `address replace ${end}/128 dev ${device} nodad`,
    `address replace 10.244.1.0/32 dev ${device}`,
  ]);
  const hardware = endHardwareAddress('fd00:77::11');
  t.deepEqual(overlayPeerChanges('c', [six]).ip, [
    `route replace ${end}/128 dev ${device}`,
    `neighbour replace ${end} lladdr ${hardware} dev ${device} nud permanent`,
    `neighbour replace 10.244.1.0 lladdr ${hardware} dev ${device} nud permanent`,
  ]);
});

/** Runs in a network namespace. */
const inside = (space: string, command: string, ...args: readonly string[]): string =>
  insideWith(space, [command, ...args]);
const insideWith = (space: string, command: readonly string[], input?: string): string =>
  execFileSync('nsenter', [`--net=/run/netns/${space}`, ...command], {
    encoding: 'utf8',
    stdio: 'pipe',
    input,
    timeout: 20_000,
  });

/** Why machines behind a router cannot be played here. */
function problem(): string | undefined {
  if (process.getuid?.() !== 0) return 'root rights are missing';
  const name = `trpo-probe-${process.pid}`;
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return 'network namespaces cannot be made';
  const { status } = spawnSync('ip', ['-n', name, 'link', 'add', 'x', 'type', 'vxlan', 'id', '1', 'dstport', '8472']);
  spawnSync('ip', ['netns', 'del', name]);
  return status === 0 ? undefined : 'the kernel has no VXLAN';
}

const missing = problem();
const routed = missing === undefined ? test : test.skip;
if (missing !== undefined) console.log(`a test of the overlay is skipped: ${missing}`);

routed('a pod reaches a pod of a machine behind a router, in packets as large as its own network takes', async (t) => {
  const name = (part: string): string => `trpo${part}${process.pid}`;
  const [router, ...machines] = [name('r'), name('a'), name('b')];
  t.teardown(() => {
    for (const space of [router ?? '', ...machines]) spawnSync('ip', ['netns', 'del', space]);
  });
  const time = new SimulatedTime();
  execFileSync('ip', ['netns', 'add', router ?? '']);
  inside(router ?? '', 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  const ends = machines.map((_space, i) => ({
    address: `192.0.${i + 2}.11`,
    addresses: [`192.0.${i + 2}.11`],
    podCidrs: [`10.244.${i + 1}.0/24`, `fd00:244:0:${i + 1}::/64`],
  }));
  for (const [i, space] of machines.entries()) {
    execFileSync('ip', ['netns', 'add', space]);
    const port = `port${i}`;
    inside(router ?? '', 'ip', 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space);
    inside(router ?? '', 'ip', 'address', 'add', `192.0.${i + 2}.1/24`, 'dev', port);
    inside(router ?? '', 'ip', 'link', 'set', port, 'up');
    for (const args of [
      ['address', 'add', `192.0.${i + 2}.11/24`, 'dev', 'eth0'],
      ['link', 'set', 'eth0', 'up'],
      ['link', 'set', 'lo', 'up'],
      ['route', 'add', 'default', 'via', `192.0.${i + 2}.1`],
      // The pod: an address of the bridge's network on the machine itself.
      ['link', 'add', 'trp-c', 'type', 'bridge'],
      ['link', 'set', 'trp-c', 'up'],
      ['address', 'add', `10.244.${i + 1}.5/16`, 'dev', 'trp-c'],
      ['address', 'add', `fd00:244:0:${i + 1}::5/48`, 'dev', 'trp-c', 'nodad'],
    ])
      inside(space, 'ip', ...args);
  }
  const failures: string[] = [];
  const programs: string[] = [];
  for (const [i, space] of machines.entries()) {
    const routes = keepNodeRoutes({
      run: (command, args, stdin) => {
        programs.push(command);
        return Promise.resolve().then(() => insideWith(space, [command, ...args], stdin));
      },
      timers: time,
      log: { ...silentLogger, warn: (text, fields) => failures.push(`${text} ${JSON.stringify(fields)}`) },
      settings: {
        cluster: 'c',
        bridge: 'trp-c',
        clusterCidrs: ['10.244.0.0/16', 'fd00:244::/48'],
        forwardChain: undefined,
        mode: 'auto',
        own: ends[i] ?? own,
      },
      // One more that does not answer: peers cost no program each.
      remote: () => [
        ...ends.filter((_end, other) => other !== i),
        { address: '192.0.9.9', addresses: ['192.0.9.9'], podCidrs: ['10.244.9.0/24'] },
      ],
      local: () => [],
      services: () => undefined,
      active: () => true,
    });
    await time.run(100);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    routes.close();
  }
  t.deepEqual(failures, []);
  t.is(programs.filter((program) => program === 'bridge').length, machines.length);
  const [first = ''] = machines;
  t.regex(
    inside(first, 'ip', 'route', 'show', 'proto', '177'),
    /10\.244\.2\.0\/24 via 10\.244\.2\.0 dev trpx-\w+ onlink/,
  );
  const ping = ['ping', '-c', '1', '-W', '2', '-I', '10.244.1.5', '-s', '1422', '10.244.2.5'];
  t.regex(inside(first, 'busybox', ...ping), /1 packets received|1 received/);
  // The machines have no address of IPv6: its packets travel in those of IPv4.
  const ping6 = ['ping', '-c', '1', '-W', '2', '-I', 'fd00:244:0:1::5', '-s', '1402', 'fd00:244:0:2::5'];
  t.regex(inside(first, 'busybox', ...ping6), /1 packets received|1 received/);
});
