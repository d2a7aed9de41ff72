/** What a machine needs to run a cluster, and what it lacks. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import {
  type MachineFinding,
  roomFinding,
  runtimeDriver,
  runtimeFinding,
  type Settings,
  systemClock,
  systemFolders,
} from '../main/index.ts';
import { Problem } from './problem.ts';

/**
 * The file of a program, from the system's folders, then PATH: npm puts folders in front that have programs of the same
 * names.
 */
export function findProgram(name: string): string | undefined {
  if (name.includes('/')) return existsSync(name) ? name : undefined;
  for (const folder of [...systemFolders, ...(process.env['PATH'] ?? '').split(delimiter)]) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      if (folder !== '') return file;
    } catch {
      continue; // Not in this folder.
    }
  }
  return undefined;
}

interface Examination {
  /** Where the cluster is, or will be. */
  readonly folder?: string;
  /** Whether to try what is good to have alone, too, though that loads a module of the kernel. */
  readonly advises?: boolean;
}

/** Each need of `troupe up`, in the order in which it is needed. */
export async function examine(
  { nats, node, network }: Settings,
  { folder = '/', advises = false }: Examination = {},
): Promise<readonly MachineFinding[]> {
  const program = (name: string, packageName: string): MachineFinding => {
    const file = findProgram(name);
    return { name, ok: file !== undefined, detail: file ?? 'not found', fix: `apt-get install -y ${packageName}` };
  };
  const findings = [program(nats.program, 'nats-server'), program('kubectl', 'kubectl')];
  if (!runtimeDriver(node.runtime).runsProcesses) return findings;
  const root = process.getuid?.() === 0;
  const engine = await runtimeFinding(node.runtime, node, { findProgram, clock: systemClock });
  return [
    {
      name: 'root',
      ok: root,
      detail: root ? 'yes' : 'setting up networks needs root',
      fix: 'run the command with sudo',
    },
    ...findings,
    program('nft', 'nftables'),
    program('conntrack', 'conntrack'),
    program('ip', 'iproute2'),
    program('nsenter', 'util-linux'),
    ...(engine === undefined ? [] : [engine]),
    await roomFinding(node, folder),
    rootPropagation(readFileSync('/proc/self/mountinfo', 'utf8')),
    ipv6Finding(existsSync('/proc/net/if_inet6'), `${network.podCidr},${network.serviceCidr}`),
    ...(root && (advises || network.mode === 'vxlan') ? [overlayFinding(hasOverlay(), network.mode)] : []),
    ...(advises ? [sctpFinding(sctpParts())] : []),
  ];
}

/** Tried in a network of its own, which goes with the command. */
function hasOverlay(): boolean {
  const command = ['--net', 'ip', 'link', 'add', 'trp-doctor', 'type', 'vxlan', 'id', '1', 'dstport', '8472'];
  return spawnSync('unshare', command, { stdio: 'ignore' }).status === 0;
}

/** Whether pods of machines behind a router can be reached. Only a cluster whose `network.mode` is vxlan needs it. */
export function overlayFinding(has: boolean, mode: string | undefined): MachineFinding {
  return {
    name: 'VXLAN',
    ok: has,
    detail: has ? 'yes' : 'the kernel has none: pods of machines behind a router cannot be reached',
    fix:
      'modprobe vxlan (Ubuntu: apt-get install -y linux-modules-extra-$(uname -r)), ' +
      'or put the machines into one network',
    isAdvice: mode !== 'vxlan',
  };
}

interface SctpParts {
  readonly sockets: boolean;
  /** Connection tracking knows the protocol, without which its ports cannot be translated. */
  readonly translation: boolean;
}

/** The module loads by itself when a program asks for a socket. */
function sctpParts(): SctpParts {
  const tracking = '/proc/sys/net/netfilter';
  return {
    sockets: existsSync('/proc/net/sctp') || spawnSync('modprobe', ['-n', '-q', 'sctp']).status === 0,
    translation: !existsSync(tracking) || existsSync(`${tracking}/nf_conntrack_sctp_timeout_established`),
  };
}

/** Whether pods can speak SCTP. Rules and policies of it are written in any case. */
export function sctpFinding({ sockets, translation }: SctpParts): MachineFinding {
  const missing = translation
    ? 'the kernel has no sockets of it: no program of a pod can use it'
    : 'the kernel does not track its connections: Services and host ports of it lead nowhere';
  return {
    name: 'SCTP',
    ok: sockets && translation,
    detail: sockets && translation ? 'yes' : missing,
    fix: 'modprobe sctp (Ubuntu: apt-get install -y linux-modules-extra-$(uname -r)), or use TCP',
    isAdvice: true,
  };
}

/** Whether the machine can have pods of IPv6; `ranges`: those of the cluster. Without one of IPv6 it is advice. */
export function ipv6Finding(hasIpv6: boolean, ranges: string): MachineFinding {
  const isWanted = ranges.includes(':');
  const missing = isWanted ? 'pods here get no address of IPv6' : 'this cluster does not need it';
  return {
    name: 'IPv6',
    ok: hasIpv6,
    detail: hasIpv6 ? 'yes' : `the kernel has none: ${missing}`,
    fix: 'start the machine without ipv6.disable=1',
    isAdvice: true,
  };
}

/** What is mounted later reaches containers only where the root is a shared mount (mount_namespaces(7)). */
export function rootPropagation(mountinfo: string): MachineFinding {
  // Of several mounts on one place the last one counts.
  const root = mountinfo
    .split('\n')
    .map((line) => line.split(' '))
    .findLast(([, , , , place]) => place === '/');
  const options = root?.slice(6, root.indexOf('-')) ?? [];
  const ok = options.some((option) => option.startsWith('shared:'));
  return {
    name: 'root mount',
    ok,
    detail: ok ? 'shared' : 'private: volumes with mountPropagation HostToContainer or Bidirectional fail',
    fix: 'mount --make-rshared /',
    isAdvice: true,
  };
}

/**
 * Rejects with a Problem that names the first missing thing and its fix. `spare`: findings that are not needed; kubectl
 * never is, since only people need it, nor is conntrack, without which only flows of UDP stay with endpoints that went.
 */
export async function requireMachine(settings: Settings, spare: readonly string[] = []): Promise<void> {
  const findings = await examine(settings);
  const missing = findings.find(
    ({ ok, name, isAdvice }) => !ok && isAdvice !== true && !['kubectl', 'conntrack', ...spare].includes(name),
  );
  if (missing !== undefined)
    throw new Problem(`${missing.name}: ${missing.detail}; fix: ${missing.fix} (\`troupe doctor\` lists everything)`);
}
