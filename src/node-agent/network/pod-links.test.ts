import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { linkName, linkScript, machinePodLinks, scriptShell } from './index.ts';

const settings = {
  bridge: `trp-${process.pid}`,
  gateways: [{ family: 'IPv4' as const, address: '10.254.0.1', bits: 16 }],
};
const link = { name: linkName(`links-${process.pid}`), addresses: ['10.254.3.9'], containerId: 'box', processId: 7 };

test("a link has the pod's address inside, and is whole only with its last command outside", (t) => {
  const lines = linkScript({ ...link, name: 'vethp1' }, settings, 42)
    .trimEnd()
    .split('\n');
  t.deepEqual(lines.slice(0, 6), [
    "nsenter -t 7 -n ip -batch - <<'END'",
    'link add eth0 address 02:42:0a:fe:03:09 type veth peer name vethp1 netns 42',
    'address add 10.254.3.9/16 broadcast + dev eth0',
    'link set lo up',
    'link set eth0 up',
    'route add default via 10.254.0.1',
  ]);
  t.deepEqual(lines.slice(-2), ['link set dev vethp1 up', 'END']);
});

test('a link of two families has both addresses at once, and a way out in each', (t) => {
  const both = [...settings.gateways, { family: 'IPv6' as const, address: 'fd00:254::1', bits: 64 }];
  const lines = linkScript(
    { ...link, addresses: ['10.254.3.9', 'fd00:254:0:3::9'] },
    { ...settings, gateways: both },
    42,
  );
  t.true(
    lines.includes('address add 10.254.3.9/16 broadcast + dev eth0\naddress add fd00:254:0:3::9/64 dev eth0 nodad\n'),
  );
  t.true(lines.includes('route add default via 10.254.0.1\nroute add default via fd00:254::1 dev eth0 onlink\n'));
  const six = linkScript({ ...link, addresses: ['fd00:254:0:3::9'] }, { ...settings, gateways: both }, 42);
  t.regex(six, /link add eth0 address 02:42(:[0-9a-f]{2}){4} type veth/);
  t.false(six.includes('10.254'));
});

test('names of links fit into what the kernel allows, and another attempt has another one', (t) => {
  t.true(linkName('troupe-a-cluster-with-a-long-name-11112222-3333-4444-5555-666677778888-0').length <= 15);
  t.not(linkName('troupe-local-uid-0'), linkName('troupe-local-uid-1'));
});

const command = (program: string, ...args: string[]): string => {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
};

/** The bridge; or why there is none. */
function setUp(): string | undefined {
  if (process.getuid?.() !== 0) return 'root rights are missing';
  try {
    command('ip', 'link', 'add', settings.bridge, 'type', 'bridge');
    return undefined;
  } catch (error) {
    return String(error);
  }
}

const cgroupOf = (processId: number): string => readFileSync(`/proc/${processId}/cgroup`, 'utf8').trim();

/** A process in a network of its own. */
async function holder(t: ExecutionContext): Promise<number> {
  const child = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.teardown(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  return child.pid ?? 0;
}

const missing = setUp();
if (missing !== undefined) console.log(`links on this machine are not tried: ${missing}`);
test.after.always(() => {
  if (missing === undefined) command('ip', 'link', 'delete', settings.bridge);
});

(missing === undefined ? test.serial : test.serial.skip)(
  'a sandbox is linked once; a half-made link is recreated; the process of another sandbox is left alone',
  async (t) => {
    const processId = await holder(t);
    const inside = (...args: string[]): string => command('nsenter', '-t', String(processId), '-n', 'ip', ...args);
    const own = { ...link, containerId: cgroupOf(processId), processId };
    const links = machinePodLinks(scriptShell(), settings);
    const bridge = (): Promise<string | undefined> => links.bridge();
    const index0 = command('ip', '-o', 'link', 'show', settings.bridge).split(':')[0];
    t.is(await bridge(), index0);

    await Promise.all([links.connect(own), links.connect(own)]);
    t.regex(inside('address', 'show', 'eth0'), /inet 10\.254\.3\.9\/16 brd 10\.254\.255\.255/);
    t.regex(inside('route'), /default via 10\.254\.0\.1/);
    t.regex(command('ip', 'link', 'show', 'master', settings.bridge), new RegExp(own.name));
    const index = (): string => inside('-o', 'link', 'show', 'eth0').split(':')[0] ?? '';
    const first = index();
    await links.connect(own);
    t.is(index(), first);

    command('ip', 'link', 'set', own.name, 'nomaster');
    await links.connect(own);
    t.not(index(), first);
    t.regex(inside('address', 'show', 'eth0'), /inet 10\.254\.3\.9/);

    await t.throwsAsync(links.connect({ ...own, name: linkName('other'), containerId: '0123456789abcdef' }), {
      message: /is not to be found on this machine/,
    });
  },
);

(missing === undefined ? test.serial : test.serial.skip)(
  "a sandbox's link goes when the next one has its address, though a process is in the old network still",
  async (t) => {
    const links = machinePodLinks(scriptShell(), settings);
    const shown = (): string => command('ip', '-o', 'link', 'show', 'master', settings.bridge);
    const names = [linkName(`links-${process.pid}-0`), linkName(`links-${process.pid}-1`)] as const;
    for (const name of names) {
      const processId = await holder(t);
      await links.connect({ name, addresses: ['10.254.3.8'], containerId: cgroupOf(processId), processId });
    }
    t.false(shown().includes(names[0]));
    t.true(shown().includes(names[1]));
  },
);
