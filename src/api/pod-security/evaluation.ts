/** Evaluates a pod against a Pod Security Standard. */

import * as baseline from './baseline-checks.ts';
import type { LevelVersion } from './policy.ts';
import * as restricted from './restricted-checks.ts';
import { seccompAnnotations, seccompBaseline, seccompRestricted } from './seccomp-checks.ts';
import type { Check, CheckedPod, Violation } from './violation.ts';

/** What a concern asks for from version 1.`since` on. */
interface VersionedCheck {
  readonly since: number;
  readonly check: Check;
}

interface StandardCheck {
  readonly level: 'baseline' | 'restricted';
  readonly versions: readonly VersionedCheck[];
  /** The baseline check that this one includes. */
  readonly overrides?: string;
}

const sysctls = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
const sysctls27 = [...sysctls, 'net.ipv4.ip_local_reserved_ports'];
const sysctls29 = [
  ...sysctls27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];
const sysctls32 = [...sysctls29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];
const seLinuxTypes = ['container_t', 'container_init_t', 'container_kvm_t'];

/** From 1.25 on, checks of what only Linux has pass over pods for Windows. */
const onLinux =
  (check: Check): Check =>
  (pod) =>
    pod.spec?.os?.name === 'windows' ? undefined : check(pod);
const always = (check: Check): readonly VersionedCheck[] => [{ since: 0, check }];

/** Sorted: the baseline first, then by name, which is the order of messages. */
const checks: Readonly<Record<string, StandardCheck>> = {
  appArmorProfile: { level: 'baseline', versions: always(baseline.appArmorProfile) },
  capabilities_baseline: { level: 'baseline', versions: always(baseline.capabilities) },
  hostNamespaces: { level: 'baseline', versions: always(baseline.hostNamespaces) },
  hostPathVolumes: { level: 'baseline', versions: always(baseline.hostPathVolumes) },
  hostPorts: { level: 'baseline', versions: always(baseline.hostPorts) },
  privileged: { level: 'baseline', versions: always(baseline.privileged) },
  procMount: { level: 'baseline', versions: always(baseline.procMount) },
  seLinuxOptions: {
    level: 'baseline',
    versions: [
      { since: 0, check: baseline.seLinuxOptions(seLinuxTypes) },
      { since: 31, check: baseline.seLinuxOptions([...seLinuxTypes, 'container_engine_t']) },
    ],
  },
  seccompProfile_baseline: {
    level: 'baseline',
    versions: [
      { since: 0, check: seccompAnnotations },
      { since: 19, check: seccompBaseline },
    ],
  },
  sysctls: {
    level: 'baseline',
    versions: [
      { since: 0, check: baseline.sysctls(sysctls) },
      { since: 27, check: baseline.sysctls(sysctls27) },
      { since: 29, check: baseline.sysctls(sysctls29) },
      { since: 32, check: baseline.sysctls(sysctls32) },
    ],
  },
  windowsHostProcess: { level: 'baseline', versions: always(baseline.windowsHostProcess) },
  allowPrivilegeEscalation: {
    level: 'restricted',
    versions: [
      { since: 8, check: restricted.allowPrivilegeEscalation },
      { since: 25, check: onLinux(restricted.allowPrivilegeEscalation) },
    ],
  },
  capabilities_restricted: {
    level: 'restricted',
    overrides: 'capabilities_baseline',
    versions: [
      { since: 22, check: restricted.capabilities },
      { since: 25, check: onLinux(restricted.capabilities) },
    ],
  },
  restrictedVolumes: {
    level: 'restricted',
    overrides: 'hostPathVolumes',
    versions: always(restricted.restrictedVolumes),
  },
  runAsNonRoot: { level: 'restricted', versions: always(restricted.runAsNonRoot) },
  runAsUser: { level: 'restricted', versions: [{ since: 23, check: restricted.runAsUser }] },
  seccompProfile_restricted: {
    level: 'restricted',
    overrides: 'seccompProfile_baseline',
    versions: [
      { since: 19, check: seccompRestricted },
      { since: 25, check: onLinux(seccompRestricted) },
    ],
  },
};

const checksByLevel = new Map<string, readonly Check[]>();

function checksOf({ level, minor }: LevelVersion): readonly Check[] {
  if (level === 'privileged') return [];
  const key = `${level}:${minor}`;
  const known = checksByLevel.get(key);
  if (known !== undefined) return known;
  const at = (check: StandardCheck): Check | undefined =>
    check.versions.findLast(({ since }) => minor === 'latest' || since <= minor)?.check;
  const wanted = Object.entries(checks).filter(([, check]) => check.level === 'baseline' || level === 'restricted');
  const overridden = new Set(wanted.filter(([, check]) => at(check) !== undefined).map(([, check]) => check.overrides));
  const made = wanted
    .filter(([name]) => !overridden.has(name))
    .map(([, check]) => at(check))
    .filter((check) => check !== undefined);
  // Versions come from labels, so only those that there are may be remembered.
  if (minor === 'latest' || minor < 100) checksByLevel.set(key, made);
  return made;
}

/** Everything about the pod that the level forbids, in the order of the standards. */
export function podViolations(pod: CheckedPod, level: LevelVersion): readonly Violation[] {
  return checksOf(level)
    .map((check) => check(pod))
    .filter((violation) => violation !== undefined);
}

/** `privileged (container "c" must not set …), hostPort (…)`. */
export function describeViolations(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ');
}

/** What is forbidden, without where. */
export function violationNames(violations: readonly Violation[]): string {
  return violations.map(({ reason }) => reason).join(', ');
}
