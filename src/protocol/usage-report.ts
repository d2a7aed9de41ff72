/** CPU and memory in use on a node, as its agent reports them. */

/**
 * What a node's agent says of the CPU and memory in use, each period, to all members:
 *
 *   agent -- publish on troupe.<cluster>.node.<name>.usage: UsageReport ---> every member keeps the latest of each node
 *
 * Rates are worked out where the counters are, so a member that begins needs one report, and an agent that begins needs
 * two looks.
 */
export interface UsageReport {
  /** How often the agent reports, in ms: who is silent for long is gone. */
  readonly periodMs: number;
  /** Of the machine as a whole; absent until it was looked at twice. */
  readonly node?: MeasuredUsage;
  /** Of the pods of whose running containers all are measured. */
  readonly pods: readonly PodUsage[];
}

export interface Usage {
  /** Billionths of a CPU, on average over the window. */
  readonly cpuNanoCores: number;
  /** What cannot be taken back without loss: all but the file pages that lie idle. */
  readonly memoryBytes: number;
}

/** When the window ended, in wall-clock ms, and how long it was. */
export interface UsageWindow {
  readonly at: number;
  readonly windowMs: number;
}

export interface MeasuredUsage extends Usage, UsageWindow {}

export interface PodUsage extends UsageWindow {
  readonly uid: string;
  readonly containers: readonly ContainerUsage[];
}

export interface ContainerUsage extends Usage {
  readonly name: string;
}

/** What is looked at more often costs more than it tells; what is not heard of for hours is not kept. */
export const usagePeriodMs = { min: 1_000, max: 3_600_000 } as const;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isAmount = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isPeriod = (value: unknown): boolean =>
  typeof value === 'number' && value >= usagePeriodMs.min && value <= usagePeriodMs.max;
const isUsage = (value: unknown): value is Fields =>
  isFields(value) && isAmount(value['cpuNanoCores']) && isAmount(value['memoryBytes']);
const hasWindow = (value: Fields): boolean => isAmount(value['at']) && isAmount(value['windowMs']);
const isContainer = (value: unknown): boolean => isUsage(value) && typeof value['name'] === 'string';
const isPod = (value: unknown): boolean =>
  isFields(value) &&
  hasWindow(value) &&
  typeof value['uid'] === 'string' &&
  Array.isArray(value['containers']) &&
  value['containers'].every(isContainer);

/** A report from the wire; undefined for what is none. */
export function parseUsageReport(value: unknown): UsageReport | undefined {
  if (!isFields(value) || !isPeriod(value['periodMs']) || !Array.isArray(value['pods']) || !value['pods'].every(isPod))
    return undefined;
  const { node } = value;
  return node === undefined || (isUsage(node) && hasWindow(node)) ? (value as unknown as UsageReport) : undefined;
}
