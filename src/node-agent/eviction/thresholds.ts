/** Thresholds of eviction: how the settings write them, and what they come to on a machine. */
import { parseQuantity, type Quantity, quantityOf, quantityUnits } from '../../api/index.ts';
import { NodeSettingError, spanMs } from '../node-setting.ts';

/** What is watched, by the kubelet's names. `imagefs` is where images and writable layers lie. */
const signals = [
  'memory.available',
  'nodefs.available',
  'nodefs.inodesFree',
  'imagefs.available',
  'imagefs.inodesFree',
  'pid.available',
] as const;
export type Signal = (typeof signals)[number];

/** A fixed amount, or a share of what there is. */
type Amount = { readonly quantity: Quantity } | { readonly share: number };

export interface Threshold {
  readonly signal: Signal;
  /** Less than this is too little. */
  readonly least: Amount;
  /** So much more must be free before it is enough again. */
  readonly reclaim: Amount | undefined;
  /** How long it may last before pods go. */
  readonly graceMs: number;
  /** Pods go at once; those of a soft one get time to stop. */
  readonly hard: boolean;
}

/** When pods go, and how. */
export interface EvictionPolicy {
  readonly thresholds: readonly Threshold[];
  /** How long a node is shown as pressed after it was so last. */
  readonly transitionMs: number;
  /** The most that pods get to stop for a soft threshold. */
  readonly podGraceMsMax: number;
}

type BySignal = Readonly<Record<string, string>>;

/** The settings, by the names that a KubeletConfiguration has for them. An empty text: no threshold. */
export interface EvictionSettings {
  readonly evictionHard?: BySignal | undefined;
  readonly evictionSoft?: BySignal | undefined;
  readonly evictionSoftGracePeriod?: BySignal | undefined;
  readonly evictionMinimumReclaim?: BySignal | undefined;
  /** In seconds. */
  readonly evictionMaxPodGracePeriod?: number | undefined;
  readonly evictionPressureTransitionPeriod?: string | undefined;
}

/** The kubelet's own (v1.33). */
const usualHard: BySignal = {
  'memory.available': '100Mi',
  'nodefs.available': '10%',
  'nodefs.inodesFree': '5%',
  'imagefs.available': '15%',
  'imagefs.inodesFree': '5%',
};

/** What the settings say; throws NodeSettingError. */
export function evictionPolicy(settings: EvictionSettings): EvictionPolicy {
  const { evictionHard = usualHard, evictionSoft = {}, evictionSoftGracePeriod = {} } = settings;
  const { evictionMinimumReclaim = {}, evictionMaxPodGracePeriod = 0 } = settings;
  const amount = (setting: string, bySignal: BySignal, signal: Signal): Amount | undefined =>
    amountOf(`${setting}.${signal}`, bySignal[signal] ?? '');
  const thresholds: Threshold[] = [];
  for (const signal of signals) {
    const reclaim = amount('evictionMinimumReclaim', evictionMinimumReclaim, signal);
    const hard = amount('evictionHard', evictionHard, signal);
    if (hard !== undefined) thresholds.push({ signal, least: hard, reclaim, graceMs: 0, hard: true });
    const soft = amount('evictionSoft', evictionSoft, signal);
    if (soft === undefined) continue;
    const graceMs = spanMs(`evictionSoftGracePeriod.${signal}`, evictionSoftGracePeriod[signal] ?? '');
    thresholds.push({ signal, least: soft, reclaim, graceMs, hard: false });
  }
  if (!Number.isInteger(evictionMaxPodGracePeriod) || evictionMaxPodGracePeriod < 0)
    throw new NodeSettingError('evictionMaxPodGracePeriod', 'a whole number of seconds');
  return {
    thresholds,
    transitionMs: spanMs('evictionPressureTransitionPeriod', settings.evictionPressureTransitionPeriod ?? '5m'),
    podGraceMsMax: evictionMaxPodGracePeriod * 1000,
  };
}

/** Nothing, and shares of 0 % and 100 %, are no threshold, as with a kubelet. */
function amountOf(setting: string, text: string): Amount | undefined {
  if (text === '') return undefined;
  const wrong = new NodeSettingError(setting, 'an amount above 0 such as 500Mi, or a share such as 10%, or empty');
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (percent !== undefined) {
    const share = Number(percent) / 100;
    if (share > 1) throw wrong;
    return share === 0 || share === 1 ? undefined : { share };
  }
  let quantity;
  try {
    quantity = parseQuantity(text);
  } catch {
    throw wrong;
  }
  if (quantity.nanos <= 0n) throw wrong;
  return { quantity };
}

/** What an amount comes to, where `capacity` is all there is. */
export function quantityHere(amount: Amount, capacity: number): Quantity {
  return 'share' in amount ? quantityOf(Math.floor(capacity * amount.share), 'BinarySI') : amount.quantity;
}

export const amountHere = (amount: Amount, capacity: number): number => quantityUnits(quantityHere(amount, capacity));

/** What a node keeps from its pods, so that they can use all that is theirs before the threshold: of `capacity`. */
export function heldBack({ thresholds }: EvictionPolicy, signal: Signal, capacity: number): number {
  const hard = thresholds.find((each) => each.hard && each.signal === signal);
  return hard === undefined ? 0 : Math.min(capacity, amountHere(hard.least, capacity));
}
