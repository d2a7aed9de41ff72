/** The container runtimes that a node can use. A new one is its folder and a line of this table. */
import { dockerDriver } from './docker/index.ts';
import type { RuntimeDriver, RuntimeSetting } from './driver.ts';
import { simulatedDriver } from './simulated/index.ts';

const drivers = { docker: dockerDriver, simulated: simulatedDriver };

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
