/** The machine as the agent uses it, beside the container engine. */
import { readFile, readdir, statfs } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import type { Timers } from '../../base/index.ts';
import { machineCpus, type MachineCpus, simulatedCpus } from '../cpus/index.ts';
import { existing, kernelRoom, type MachineRoom, simulatedRoom } from '../eviction/index.ts';
import { type DnsServer, type DnsServerOptions, startDnsServer } from '../dns/index.ts';
import {
  type LinkSettings,
  claimMachine,
  type MachineClaim,
  machinePodLinks,
  type PodLinks,
  type RunCommand,
  runCommand,
  scriptShell,
  simulatedPodLinks,
} from '../network/index.ts';
import { ConfinementError } from '../container/index.ts';
import { type NodeLog, readNodeLog } from '../kubelet/index.ts';
import { loopbackDialer, type LoopbackDialer } from '../loopback/index.ts';
import { kernelCounters, simulatedCounters, type UsageSource } from '../usage/index.ts';
import {
  type DiskRoom,
  diskVolumeFiles,
  type HostResolver,
  parseResolvConf,
  simulatedVolumeFiles,
  type VolumeFiles,
} from '../volumes/index.ts';
import { ownAddresses } from './own-addresses.ts';
import { readSeccompProfile } from './seccomp-profiles.ts';

/** What the agent needs of its machine besides the container engine. */
export interface Machine {
  readonly run: RunCommand;
  readonly files: VolumeFiles;
  facts(): Promise<MachineFacts>;
  cpus(): Promise<MachineCpus>;
  /** All of its addresses now. */
  readonly addresses: () => ReadonlySet<string>;
  /** See seccomp-profiles.ts. */
  seccompProfile(folder: string, name: string): Promise<string>;
  disk(folder: string): Promise<DiskRoom>;
  /** See machine-claim.ts. */
  claim(options: {
    readonly cluster: string;
    readonly node: string;
    readonly timers: Timers;
    readonly changed: () => void;
  }): MachineClaim;
  startDns(options: DnsServerOptions): Promise<DnsServer>;
  links(settings: LinkSettings): PodLinks;
  /** What listens at loopback addresses of pods; undefined: it is not reached. */
  readonly loopback: ((timers: Timers) => LoopbackDialer) | undefined;
  /** See node-log.ts. */
  nodeLog(folder: string, path: string): Promise<NodeLog | undefined>;
  /** What is in use on it. */
  readonly usage: UsageSource;
  /** What is left of it. */
  readonly room: MachineRoom;
}

export interface MachineFacts {
  /** The addresses that others reach it by, one for each family that it has. */
  readonly addresses: readonly string[];
  readonly machineId: string;
  readonly bootId: string;
  readonly resolver: HostResolver;
  readonly hostsFile: string;
  /** See MachineLimits. */
  readonly oomScoreMin: number;
  readonly ipv6: boolean;
}

/** The machine that this process runs on. */
export function hostMachine(): Machine {
  const text = (path: string): Promise<string> =>
    readFile(path, 'utf8').then(
      (content) => content.trim(),
      () => '',
    );
  return {
    run: runCommand,
    files: diskVolumeFiles(runCommand),
    facts: async () => ({
      addresses: await reachableAddresses(),
      machineId: await text('/etc/machine-id'),
      bootId: await text('/proc/sys/kernel/random/boot_id'),
      resolver: await hostResolver(),
      hostsFile: await readFile('/etc/hosts', 'utf8').catch(() => ''),
      oomScoreMin: mayLowerOomScore(await text('/proc/self/status')) ? -1000 : 0,
      ipv6: (await readdir('/proc/sys/net/ipv6/conf').catch(() => [])).length > 0,
    }),
    cpus: machineCpus,
    addresses: allAddresses,
    disk: async (folder) => {
      const { blocks, bavail, bsize, files, ffree } = await statfs(await existing(folder));
      return { totalBytes: blocks * bsize, freeBytes: bavail * bsize, inodes: files, inodesFree: ffree };
    },
    seccompProfile: readSeccompProfile,
    nodeLog: readNodeLog,
    loopback: (timers) => loopbackDialer(timers),
    claim: claimMachine,
    startDns: startDnsServer,
    links: (settings) => machinePodLinks(scriptShell(), settings),
    usage: kernelCounters(),
    room: kernelRoom(),
  };
}

const allAddresses = (): ReadonlySet<string> =>
  new Set(Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)));

/** See own-addresses.ts. */
async function reachableAddresses(): Promise<readonly string[]> {
  const [four, six] = await Promise.all(
    ['/proc/net/route', '/proc/net/ipv6_route'].map((file) => readFile(file, 'utf8').catch(() => '')),
  );
  const interfaces = Object.fromEntries(Object.entries(networkInterfaces()).map(([name, all]) => [name, all ?? []]));
  const found = ownAddresses(interfaces, { IPv4: four ?? '', IPv6: six ?? '' });
  return found.length > 0 ? found : ['127.0.0.1'];
}

/** Whether the process has CAP_SYS_RESOURCE (bit 24); the engine on the same machine then has it, too. */
function mayLowerOomScore(status: string): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return mask !== undefined && (BigInt(`0x${mask}`) & (1n << 24n)) !== 0n;
}

/** A local stub (127.0.0.53) is of no use to pods: systemd-resolved keeps the real resolvers beside it. */
async function hostResolver(): Promise<HostResolver> {
  const plain = parseResolvConf(await readFile('/etc/resolv.conf', 'utf8').catch(() => ''));
  if (!plain.nameservers.every((address) => address.startsWith('127.'))) return plain;
  const real = parseResolvConf(await readFile('/run/systemd/resolve/resolv.conf', 'utf8').catch(() => ''));
  return real.nameservers.length > 0 ? real : plain;
}

/** The simulated twin: nothing is run; the claim is held at once. */
export function simulatedMachine(
  options: {
    readonly address?: string | undefined;
    readonly commands?: string[][] | undefined;
    readonly links?: PodLinks | undefined;
    readonly room?: MachineRoom | undefined;
    readonly cpus?: MachineCpus | undefined;
  } = {},
): Machine {
  const links = options.links ?? simulatedPodLinks();
  return {
    run: (command, args, stdin) => {
      options.commands?.push([command, ...args, ...(stdin === undefined ? [] : [stdin])]);
      return Promise.resolve('');
    },
    files: simulatedVolumeFiles(),
    facts: () =>
      Promise.resolve({
        addresses: [options.address ?? '192.0.2.1', '2001:db8::1'],
        machineId: '',
        bootId: '',
        resolver: { nameservers: [], searches: [], options: [] },
        hostsFile: '',
        oomScoreMin: -1000,
        ipv6: true,
      }),
    cpus: () => Promise.resolve(options.cpus ?? simulatedCpus(4)),
    addresses: () => new Set(),
    disk: () => Promise.resolve({ totalBytes: 100 * 2 ** 30, freeBytes: 80 * 2 ** 30 }),
    seccompProfile: (_folder, name) =>
      Promise.reject(new ConfinementError('seccomp', `cannot load seccomp profile "${name}"`)),
    nodeLog: () => Promise.resolve(undefined),
    loopback: undefined,
    claim: ({ node }) => ({ held: true, nodes: [node], close: () => undefined }),
    startDns: () => Promise.resolve({ port: 10_053, close: () => undefined }),
    links: () => links,
    usage: simulatedCounters(),
    room: options.room ?? simulatedRoom(),
  };
}
