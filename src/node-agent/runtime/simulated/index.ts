/**
 * A container runtime in memory: containers are records, programs are scripts, time is the given clock's.
 *
 * For the simulator, for tests, and for control planes of many nodes on one machine; it starts nothing.
 */
import type { RuntimeDriver } from '../driver.ts';
import { simulatedRuntime } from './simulated-runtime.ts';

export { simulatedRuntime } from './simulated-runtime.ts';
export type { SimulatedRuntimeOptions } from './simulated-world.ts';

export const simulatedDriver: RuntimeDriver<never> = {
  settings: [],
  runsProcesses: false,
  open: (_settings, ports) => simulatedRuntime(ports),
};
