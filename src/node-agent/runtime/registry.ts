/** The container runtimes that a node can use. A new one is its folder and a line of this table. */
import type { Clock } from '../../base/index.ts';
import { containerdDriver, crioDriver } from './cri/index.ts';
import { dockerDriver } from './docker/index.ts';
import type { FindProgram, MachineFinding, RuntimeDriver, RuntimeSetting } from './driver.ts';
import { podmanDriver } from './podman/index.ts';
import { simulatedDriver } from './simulated/index.ts';

const drivers = {
  docker: dockerDriver,
  containerd: containerdDriver,
  'cri-o': crioDriver,
  podman: podmanDriver,
  simulated: simulatedDriver,
};

/** `node.runtime` in the settings. */
export type RuntimeName = keyof typeof drivers;

type SettingKey = (typeof drivers)[RuntimeName] extends infer Driver
  ? Driver extends RuntimeDriver<infer Key>
    ? Key
    : never
  : never;

/** What the runtimes read under `node:` in the settings. */
export type RuntimeSettings = Readonly<Record<SettingKey, string>>;

export const runtimeNames = Object.keys(drivers) as readonly RuntimeName[];

/** Every runtime's settings, for the command line and for what a joining machine keeps. */
export const runtimeSettings: readonly RuntimeSetting<SettingKey>[] = Object.values<RuntimeDriver<SettingKey>>(
  drivers,
).flatMap(({ settings }) => settings);

export function runtimeDriver(name: RuntimeName): RuntimeDriver<SettingKey> {
  return drivers[name];
}

/**
 * Whether the chosen runtime's engine answers, and why it is the chosen one. Where it does not, the fix names another
 * one of this machine that does. Undefined: nothing to check.
 */
export async function runtimeFinding(
  chosen: RuntimeName,
  settings: RuntimeSettings,
  ports: { readonly findProgram: FindProgram; readonly clock: Clock },
): Promise<MachineFinding | undefined> {
  const ask = (name: RuntimeName): Promise<MachineFinding | undefined> =>
    runtimeDriver(name).finding?.(settings, ports) ?? Promise.resolve(undefined);
  const finding = await ask(chosen);
  if (finding === undefined) return undefined;
  if (finding.ok) return { ...finding, detail: `${finding.detail} (node.runtime is ${chosen})` };
  const others = runtimeNames.filter((name) => name !== chosen);
  const found = await Promise.all(others.map(async (name) => ({ name, finding: await ask(name) })));
  const other = found.find((each) => each.finding?.ok === true);
  if (other?.finding === undefined) return finding;
  const { name, finding: theirs } = other;
  return {
    ...finding,
    fix: `${finding.fix}; or start the cluster with --runtime ${name}: ${theirs.name} ${theirs.detail} answers here`,
  };
}
