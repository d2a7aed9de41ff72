/** The settings of processors that a KubeletConfiguration has by the same names. */
import { NodeSettingError } from '../node-setting.ts';
import { cpuListText, parseCpuList } from './cpu-list.ts';
import type { MachineCpus } from './machine-cpus.ts';
import { takeCpus } from './take-cpus.ts';

export interface CpuSettings {
  /** `none` or `static`. */
  readonly cpuManagerPolicy?: string | undefined;
  /** A list such as `0-1`, which goes before the CPU of kubeReserved and systemReserved; empty: those count. */
  readonly reservedSystemCPUs?: string | undefined;
}

/** `reservedMilli`: the CPU that kubeReserved and systemReserved say. Throws NodeSettingError. */
export function checkCpuSettings(
  { cpuManagerPolicy = 'none', reservedSystemCPUs = '' }: CpuSettings,
  reservedMilli: number,
): void {
  if (cpuManagerPolicy !== 'none' && cpuManagerPolicy !== 'static')
    throw new NodeSettingError('cpuManagerPolicy', 'none or static');
  if (parseCpuList(reservedSystemCPUs) === undefined)
    throw new NodeSettingError('reservedSystemCPUs', 'a list of processors such as 0-1,4, or empty');
  if (cpuManagerPolicy === 'static' && reservedSystemCPUs === '' && reservedMilli === 0)
    throw new NodeSettingError(
      'cpuManagerPolicy',
      'none unless CPU is reserved for the system, by reservedSystemCPUs, kubeReserved or systemReserved',
    );
}

/** Processors that no container has to itself. Throws NodeSettingError where the machine does not have them. */
export function reservedCpus(
  { cpus, hasCpuset }: MachineCpus,
  { reservedSystemCPUs = '' }: CpuSettings,
  reservedMilli: number,
): readonly number[] {
  if (!hasCpuset)
    throw new NodeSettingError('cpuManagerPolicy', 'none on this machine: its control groups have no cpuset');
  const all = new Set(cpus.map(({ id }) => id));
  const named = parseCpuList(reservedSystemCPUs) ?? [];
  if (!named.every((id) => all.has(id)))
    throw new NodeSettingError('reservedSystemCPUs', `among this machine's processors, ${cpuListText(all)}`);
  if (named.length > 0) return named;
  const taken = takeCpus(cpus, all, Math.ceil(reservedMilli / 1000));
  if (taken === undefined)
    throw new NodeSettingError('kubeReserved.cpu', `with systemReserved.cpu no more than the machine's ${all.size}`);
  return taken;
}
