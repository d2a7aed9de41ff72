/** Measured amounts as metrics-server writes them. */
import { canonicalQuantity, quantityOf, quantityText } from '../../api/index.ts';
import type { Usage } from '../../protocol/index.ts';

/** A use of resources as metrics-server writes it. */
export interface UsageTexts {
  readonly cpu: string;
  readonly memory: string;
}

export function usageTexts({ cpuNanoCores, memoryBytes }: Usage): UsageTexts {
  return {
    cpu: quantityText({ nanos: BigInt(Math.floor(cpuNanoCores)), format: 'DecimalSI' }),
    memory: quantityText(quantityOf(memoryBytes, 'BinarySI')),
  };
}

export function sumOf(usages: readonly Usage[]): Usage {
  return usages.reduce(
    (sum, { cpuNanoCores, memoryBytes }) => ({
      cpuNanoCores: sum.cpuNanoCores + Math.floor(cpuNanoCores),
      memoryBytes: sum.memoryBytes + memoryBytes,
    }),
    { cpuNanoCores: 0, memoryBytes: 0 },
  );
}

/** A duration as Go's programs write it: `15.023s`, `1m0.5s`. */
export function windowText(windowMs: number): string {
  const ms = Math.round(windowMs);
  const [hours, minutes, seconds] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, (ms % 60_000) / 1000];
  if (ms > 0 && ms < 1000) return `${ms}ms`;
  return `${hours > 0 ? `${hours}h` : ''}${ms >= 60_000 ? `${minutes}m` : ''}${seconds}s`;
}

/** Whether what another's server sent is an amount. */
export function isQuantityText(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  try {
    return canonicalQuantity(value) !== '';
  } catch {
    return false;
  }
}
