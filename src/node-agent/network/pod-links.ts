/** Connects sandboxes to the bridge. */
import { addressText, familyOf, type IpFamily, parseAddress } from '../../api/index.ts';
import { readFile } from 'node:fs/promises';
import { fnv1a } from '../../base/index.ts';
import type { RunScript } from './script-shell.ts';

/** A pod's way onto the bridge: a pair of interfaces, `eth0` in the sandbox's network and `name` on the machine. */
interface PodLink {
  readonly name: string;
  /** One for each family. */
  readonly addresses: readonly string[];
  /** The sandbox that it belongs to, and its process. */
  readonly containerId: string;
  readonly processId: number;
}

export interface LinkSettings {
  readonly bridge: string;
  readonly gateways: readonly {
    readonly family: IpFamily;
    /** The bridge's own address. */
    readonly address: string;
    /** Length of the prefix whose addresses a pod finds on the bridge by itself. */
    readonly bits: number;
  }[];
}

/** The links of one machine. Adapters: the machine's own (ip, nsenter), simulated. */
export interface PodLinks {
  /** Resolves when the link carries packets. A complete one stays as it is, a half-made one is recreated. */
  connect(link: PodLink): Promise<void>;
  /**
   * Which bridge is there: its index, or '' where the kernel does not tell it. One that is made again has another.
   * Undefined: there is none with its addresses.
   */
  bridge(): Promise<string | undefined>;
}

/**
 * The name on the machine, of at most 15 bytes; another attempt has another one, since the old one may take a moment to
 * go.
 */
export const linkName = (sandbox: string): string => `vethp${fnv1a(sandbox).toString(16).padStart(8, '0')}`;

/** As with Docker, an address always has the same one, so that no neighbour table goes stale. */
export function hardwareAddress(address: string): string {
  const number = familyOf(address) === 'IPv4' ? Number(parseAddress(address)?.bits ?? 0n) : fnv1a(address);
  return ['02', '42', ...(number.toString(16).padStart(8, '0').match(/../g) ?? [])].join(':');
}

/**
 * The script that makes a link. The other end comes to the network of the process `machineProcess`; the last command
 * makes the link whole. A pod that calls itself through a service needs the hairpin. A port of a bridge needs no
 * address: one of IPv6 would come a second later, and programs that watch the machine's addresses (browsers) would
 * open their connections again. The pod's own are there at once: nobody else has them, so none waits for an objection.
 */
export function linkScript(
  { name, addresses, processId }: PodLink,
  { bridge, gateways }: LinkSettings,
  machineProcess: number,
): string {
  const own = gateways.flatMap(({ family, address: gateway, bits }) => {
    const address = addresses.find((each) => familyOf(each) === family);
    return address === undefined ? [] : [{ family, address, gateway, bits }];
  });
  const given = own.map(({ family, address, bits }) =>
    family === 'IPv4'
      ? `address add ${address}/${bits} broadcast + dev eth0`
      : `address add ${address}/${bits} dev eth0 nodad`,
  );
  const routes = own.map(({ family, gateway }) =>
    family === 'IPv4' ? `route add default via ${gateway}` : `route add default via ${gateway} dev eth0 onlink`,
  );
  return `nsenter -t ${processId} -n ip -batch - <<'END'
link add eth0 address ${hardwareAddress(addresses[0] ?? '')} type veth peer name ${name} netns ${machineProcess}
${given.join('\n')}
link set lo up
link set eth0 up
${routes.join('\n')}
END
ip -batch - <<'END'
link set dev ${name} addrgenmode none
link set dev ${name} master ${bridge}
link set dev ${name} type bridge_slave hairpin on
link set dev ${name} up
END
`;
}

/** The links of the machine that this process runs on. */
export function machinePodLinks(run: RunScript, settings: LinkSettings): PodLinks {
  const running = new Map<string, Promise<void>>();
  /** The link that had an address last. */
  const holders = new Map<string, string>();
  return {
    connect: (link) => {
      const shared = running.get(link.name) ?? connectAlone(link).finally(() => running.delete(link.name));
      running.set(link.name, shared);
      return shared;
    },
    bridge: async () =>
      (await isThere(settings.bridge)) && (await hasGateways(settings)) ? await indexOf(settings.bridge) : undefined,
  };

  /**
   * The link goes with the network of its sandbox, which stays as long as any process is in it: it would go on to
   * answer at the address that the next sandbox has.
   */
  async function connectAlone(link: PodLink): Promise<void> {
    const earlier = new Set(link.addresses.map((address) => holders.get(address) ?? link.name));
    earlier.delete(link.name);
    for (const address of link.addresses) holders.set(address, link.name);
    for (const name of earlier) if (await isThere(name)) await remove(run, name);
    await connect(run, settings, link);
  }
}

/** It may go by itself meanwhile. */
const remove = (run: RunScript, name: string): Promise<string> =>
  run(`ip link delete dev ${name} 2>/dev/null || ! ip link show dev ${name} >/dev/null 2>&1`);

/** An interface of the network that this process is in; /sys would show those of the process that mounted it. */
async function isThere(name: string): Promise<boolean> {
  return (await readFile('/proc/net/dev', 'utf8')).split('\n').some((line) => line.trimStart().startsWith(`${name}:`));
}

/** By the groups that each interface listens to (index, name, …): the one such table that needs no netlink. */
async function indexOf(name: string): Promise<string> {
  const lines = (await readFile('/proc/net/dev_mcast', 'utf8').catch(() => '')).split('\n');
  const [index = ''] = lines.map((line) => line.split(/\s+/)).find(([, device]) => device === name) ?? [];
  return index;
}

/** The engine takes an address of IPv6, of which it does not know, away from the bridge when it starts again. */
async function hasGateways({ bridge, gateways }: LinkSettings): Promise<boolean> {
  const six = gateways.filter(({ family }) => family === 'IPv6');
  if (six.length === 0) return true;
  const lines = (await readFile('/proc/net/if_inet6', 'utf8').catch(() => '')).split('\n');
  const there = new Set(
    lines
      .filter((line) => line.endsWith(` ${bridge}`))
      .map((line) => addressText({ family: 'IPv6', bits: BigInt(`0x${line.slice(0, 32)}`) })),
  );
  return six.every(({ address }) => there.has(address));
}

async function connect(run: RunScript, settings: LinkSettings, link: PodLink): Promise<void> {
  // Both were read from labels and become part of a script.
  if (!/^vethp[0-9a-f]{8}$/.test(link.name) || !link.addresses.every((text) => parseAddress(text) !== undefined))
    throw new Error(`${link.name} with ${link.addresses.join(' and ')} is no link of a pod`);
  if (await isThere(link.name)) {
    // It may go at any moment: with its bridge, or with the sandbox.
    const shown = await run(`ip -o link show dev ${link.name} 2>/dev/null || true`);
    if (isWhole(settings.bridge, shown)) return;
    await remove(run, link.name);
  }
  await assertOwnProcess(link);
  await run(linkScript(link, settings, process.pid));
}

/** `shown`: the interface's line, with its flags in angle brackets and its bridge as `master`. */
function isWhole(bridge: string, shown: string): boolean {
  return /<(?:\S*,)?UP[,>]/.test(shown) && shown.includes(` master ${bridge} `);
}

/** The number is the engine's: here it must mean the same process, and not one that has taken the number since. */
async function assertOwnProcess({ processId, containerId }: PodLink): Promise<void> {
  const groups = processId > 0 ? await readFile(`/proc/${processId}/cgroup`, 'utf8').catch(() => '') : '';
  if (!groups.includes(containerId))
    throw new Error(
      `process ${processId} of sandbox ${containerId.slice(0, 12)} is not to be found on this machine; ` +
        'the agent and the engine must share process numbers',
    );
}

/**
 * Links in memory. `cut` is what an operator does who removes the bridge: whoever looks misses it once, and makes it
 * again. `replace` is what another agent does, who was faster.
 */
export function simulatedPodLinks(): PodLinks & {
  cut(): void;
  replace(): void;
  readonly whole: ReadonlySet<string>;
} {
  const whole = new Set<string>();
  let missing = false;
  let index = 1;
  const replace = (): void => {
    index += 1;
    whole.clear();
  };
  return {
    whole,
    connect: ({ name }) => {
      whole.add(name);
      return Promise.resolve();
    },
    bridge: () => {
      const found = missing ? undefined : `${index}`;
      missing = false;
      return Promise.resolve(found);
    },
    cut: () => {
      replace();
      missing = true;
    },
    replace,
  };
}
