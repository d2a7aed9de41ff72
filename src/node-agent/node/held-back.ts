/** What a node keeps from its pods, for the system and for itself: by the names that a KubeletConfiguration has. */
import { parseQuantity, quantityMilli, quantityUnits } from '../../api/index.ts';
import { type CpuSettings, parseCpuList } from '../cpus/index.ts';
import { type EvictionSettings, evictionPolicy, heldBack } from '../eviction/index.ts';
import { NodeSettingError } from '../node-setting.ts';

type Amounts = Readonly<Record<string, string>>;

/** Amounts of `cpu`, `memory` and `ephemeral-storage`; an empty text: none. */
export interface ReservedSettings extends Pick<CpuSettings, 'reservedSystemCPUs'> {
  readonly kubeReserved?: Amounts | undefined;
  readonly systemReserved?: Amounts | undefined;
}

export interface HeldBack {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

/** The sum of both; processors that are named go before amounts. Throws NodeSettingError. */
export function reservedOf({
  kubeReserved = {},
  systemReserved = {},
  reservedSystemCPUs = '',
}: ReservedSettings): HeldBack {
  const sum = (resource: string, count: typeof quantityUnits): number =>
    amountOf(`kubeReserved.${resource}`, kubeReserved[resource], count) +
    amountOf(`systemReserved.${resource}`, systemReserved[resource], count);
  const cpuMilli = sum('cpu', quantityMilli);
  return {
    cpuMilli: reservedSystemCPUs === '' ? cpuMilli : (parseCpuList(reservedSystemCPUs)?.length ?? 0) * 1000,
    memoryBytes: sum('memory', quantityUnits),
    diskBytes: sum('ephemeral-storage', quantityUnits),
  };
}

function amountOf(setting: string, text: string | undefined, count: typeof quantityUnits): number {
  if (text === undefined || text === '') return 0;
  try {
    const amount = count(parseQuantity(text));
    if (amount >= 0) return amount;
  } catch {
    // It is told below.
  }
  throw new NodeSettingError(setting, 'an amount such as 200m or 500Mi, or empty');
}

/** What is reserved, and what evictions keep free: of it no pod may ask for anything. */
export function heldBackOf(
  settings: ReservedSettings & EvictionSettings,
  capacity: { readonly memoryBytes: number; readonly diskBytes: number },
): HeldBack {
  const policy = evictionPolicy(settings);
  const reserved = reservedOf(settings);
  const { memoryBytes, diskBytes } = capacity;
  return {
    cpuMilli: reserved.cpuMilli,
    memoryBytes: Math.min(memoryBytes, reserved.memoryBytes + heldBack(policy, 'memory.available', memoryBytes)),
    diskBytes: Math.min(diskBytes, reserved.diskBytes + heldBack(policy, 'nodefs.available', diskBytes)),
  };
}
