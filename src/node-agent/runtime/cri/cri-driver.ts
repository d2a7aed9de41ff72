/** The lines of CRI runtimes in the registry: where they listen, and whether they answer there as they must. */
import { existsSync } from 'node:fs';
import { type Clock, errorMessage } from '../../../base/index.ts';
import type { FindProgram, MachineFinding, RuntimeDriver } from '../driver.ts';
import { connectCri } from './cri-connection.ts';
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

interface Condition {
  readonly type: string;
  readonly status: boolean;
  readonly message: string;
}

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
  const ask = <T>(method: string): Promise<T> => connection.runtime<T>(method);
  try {
    const { runtimeVersion } = await ask<{ readonly runtimeVersion: string }>('Version');
    const { status } = await ask<{ readonly status?: { readonly conditions: readonly Condition[] } }>('Status');
    const failing = status?.conditions.find(({ type, status: isGood }) => type === 'RuntimeReady' && !isGood);
    return {
      name,
      ok: failing === undefined,
      detail: failing === undefined ? runtimeVersion : `is not ready: ${failing.message}`,
      fix: `look into its log (journalctl -u ${unit})`,
    };
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
