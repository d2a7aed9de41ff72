import { execFileSync, spawnSync } from 'node:child_process';
import test from 'ava';
import { silentLogger } from '../../base/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import { keepNodeRoutes } from './node-routes.ts';

const space = `trps${process.pid}`;

/** Runs in the machine of the test. */
const inside = (command: string, args: readonly string[], input?: string): string =>
  execFileSync('nsenter', [`--net=/run/netns/${space}`, command, ...args], {
    encoding: 'utf8',
    stdio: 'pipe',
    input,
    timeout: 20_000,
  });

const isPossible = process.getuid?.() === 0 && spawnSync('ip', ['netns', 'add', space]).status === 0;
if (!isPossible) console.log('a test of routes to Services is skipped: it needs root rights and network namespaces');
const kernel = isPossible ? test : test.skip;
test.after.always(() => {
  if (isPossible) spawnSync('ip', ['netns', 'del', space]);
});

kernel(
  'a machine without a default route has a way to ranges of Services that were added, and keeps its own',
  async (t) => {
    for (const line of [
      'link set lo up',
      'link add trp-c type bridge',
      'link set trp-c up',
      'address add 10.244.0.1/16 dev trp-c',
      'address add fd00:244::1/48 dev trp-c nodad',
      'link add lan type bridge',
      'link set lan up',
      'address add 192.0.2.11/24 dev lan',
    ])
      inside('ip', line.split(' '));
    const wayTo = (address: string): string => {
      try {
        return inside('ip', ['route', 'get', address]);
      } catch (error) {
        return String(error);
      }
    };
    const time = new SimulatedTime();
    const failures: string[] = [];
    let services: Readonly<Record<string, readonly string[]>> | undefined = {
      IPv4: ['10.200.0.0/24', '10.201.0.1/32', '192.0.2.0/24'],
      IPv6: ['fd00:99::/112'],
    };
    const routes = keepNodeRoutes({
      run: (command, args, stdin) => Promise.resolve().then(() => inside(command, args, stdin)),
      timers: time,
      log: { ...silentLogger, warn: (text, fields) => failures.push(`${text} ${JSON.stringify(fields)}`) },
      settings: {
        cluster: 'c',
        bridge: 'trp-c',
        clusterCidrs: ['10.244.0.0/16', 'fd00:244::/48'],
        forwardChain: undefined,
        mode: 'routes',
        own: { address: '192.0.2.11', podCidrs: ['10.244.0.0/24'] },
      },
      remote: () => [],
      local: () => [],
      services: (family) => services?.[family],
      active: () => true,
    });
    t.teardown(() => {
      routes.close();
    });
    const settle = async (): Promise<void> => {
      routes.wake();
      await time.run(100);
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    };
    t.regex(wayTo('10.200.0.7'), /unreachable/i);
    await settle();
    t.regex(wayTo('10.200.0.7'), /dev trp-c src 10\.244\.0\.1 /);
    t.regex(wayTo('10.201.0.1'), /dev trp-c src 10\.244\.0\.1 /);
    t.regex(wayTo('fd00:99::7'), /dev trp-c .*src fd00:244::1 /);
    t.regex(wayTo('192.0.2.50'), /dev lan /);
    // Nothing is known of the ranges when an agent starts again.
    services = undefined;
    await settle();
    t.regex(wayTo('10.200.0.7'), /dev trp-c /);
    services = { IPv4: ['10.201.0.1/32'], IPv6: [] };
    await settle();
    t.regex(wayTo('10.200.0.7'), /unreachable/i);
    t.regex(wayTo('fd00:99::7'), /unreachable/i);
    t.deepEqual(failures, []);
    const left = inside('ip', ['route', 'show', 'proto', '177']).trim();
    t.is(left, '10.201.0.1 dev trp-c scope link src 10.244.0.1 metric 30000', 'what is right is not added again');
    t.regex(wayTo('192.0.2.50'), /dev lan /);
  },
);
