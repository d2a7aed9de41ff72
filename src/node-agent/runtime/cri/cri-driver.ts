/** The lines of CRI runtimes in the registry: where they listen, and whether they answer there as they must. */
import { existsSync, readFileSync } from 'node:fs';
import { type Clock, errorMessage } from '../../../base/index.ts';
import type { FindProgram, MachineFinding, RuntimeDriver } from '../driver.ts';
import { otherNetwork, otherNetworkFix } from './cni-plugin.ts';
import { connectCri } from './cri-connection.ts';
import { engineSettings } from './cri-facts.ts';
import type { RuntimeStatus } from './cri-messages.ts';
import { criRuntime } from './cri-runtime.ts';

interface CriProduct<Key extends string> {
  /** For people. */
  readonly name: string;
  readonly key: Key;
  readonly flag: string;
  readonly unit: string;
  /** Its program and the package that brings it. */
  readonly program: string;
  readonly packageName: string;
}

function criDriver<Key extends string>(product: CriProduct<Key>): RuntimeDriver<Key> {
  const { name, key, flag, unit } = product;
  return {
    settings: [{ key, flag, description: `where ${name} listens (CRI)` }],
    runsProcesses: true,
    systemdUnit: unit,
    finding: (settings, { findProgram, clock }) => examine(product, settings[key], { findProgram, clock }),
    open: (settings, { clock, timers, logs }) => criRuntime({ socketPath: settings[key], clock, timers, logs }),
  };
}

export const containerdDriver = criDriver({
  name: 'containerd',
  key: 'containerdSocket',
  flag: '--containerd-socket <path>',
  unit: 'containerd.service',
  program: 'containerd',
  packageName: 'containerd',
});

export const crioDriver = criDriver({
  name: 'CRI-O',
  key: 'crioSocket',
  flag: '--crio-socket <path>',
  unit: 'crio.service',
  program: 'crio',
  packageName: 'cri-o',
});

const answerMs = 3_000;

async function examine(
  { name, program, packageName, unit }: CriProduct<string>,
  socketPath: string,
  { findProgram, clock }: { readonly findProgram: FindProgram; readonly clock: Clock },
): Promise<MachineFinding> {
  const begin =
    findProgram(program) === undefined
      ? `apt-get install -y ${packageName}`
      : existsSync('/run/systemd/system')
        ? `systemctl start ${unit}`
        : `${program} > /var/log/${program}.log 2>&1 &`;
  if (!existsSync(socketPath)) return { name, ok: false, detail: `no answer at ${socketPath}`, fix: begin };
  const connection = connectCri(socketPath, { clock, questionMs: answerMs });
  try {
    const { runtimeVersion } = await connection.runtime<{ readonly runtimeVersion: string }>('Version');
    const status = await connection.runtime<RuntimeStatus>('Status', { verbose: true });
    const obstacle = await obstacleIn(status, unit);
    return { name, ok: obstacle === undefined, detail: runtimeVersion, fix: begin, ...obstacle };
  } catch (error) {
    const text = errorMessage(error);
    // What containerd says whose CRI plug-in is off, as Docker's own is and that of Docker's packages.
    const isOff = text.includes('unknown service');
    return {
      name,
      ok: false,
      detail: isOff ? `${socketPath} answers, but not to CRI: the plug-in is off` : text,
      fix: isOff ? `remove "cri" from disabled_plugins in /etc/containerd/config.toml, restart ${unit}` : begin,
    };
  } finally {
    connection.close();
  }
}

type Obstacle = Pick<MachineFinding, 'detail' | 'fix' | 'isAdvice'>;

/** What keeps pods from running on a runtime that answers. */
async function obstacleIn(answer: RuntimeStatus, unit: string): Promise<Obstacle | undefined> {
  const failing = answer.status?.conditions.find(({ type, status }) => type === 'RuntimeReady' && !status);
  if (failing !== undefined)
    return { detail: `is not ready: ${failing.message}`, fix: `look into its log (journalctl -u ${unit})` };
  const { cniConfigFolder, lowersBadness } = engineSettings(answer);
  const other = await otherNetwork(cniConfigFolder);
  if (other !== undefined) return { detail: `gives its pods the network of ${other}`, fix: otherNetworkFix };
  if (!lowersBadness || mayLowerBadness(readFileSync('/proc/self/status', 'utf8'))) return undefined;
  return {
    detail: 'root lacks CAP_SYS_RESOURCE here, and the runtime asks for out-of-memory scores that need it',
    fix: `set restrict_oom_score_adj = true for the CRI plug-in in /etc/containerd/config.toml, restart ${unit}`,
    // The runtime may have it where this process does not.
    isAdvice: true,
  };
}

/** `status`: the text of /proc/PID/status. CAP_SYS_RESOURCE is capability 24 (capabilities(7)). */
export function mayLowerBadness(status: string): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> 24n) & 1n) === 1n;
}
