/** From PriorityLevelConfigurations to the seats of each level. */
import type { LevelSpec } from './priority-level.ts';

/** A PriorityLevelConfiguration, as far as it is read here. */
export interface LevelObject {
  readonly metadata: { readonly name?: string; readonly uid?: string };
  readonly spec?: { readonly type?: string; readonly limited?: LevelLimits; readonly exempt?: LevelLimits };
}

interface LevelLimits {
  readonly nominalConcurrencyShares?: number | undefined;
  readonly lendablePercent?: number | undefined;
  readonly borrowingLimitPercent?: number | null | undefined;
  readonly limitResponse?: { readonly type?: string; readonly queuing?: LevelSpec['queuing'] };
}

const queuingDefault = { queues: 64, handSize: 8, queueLengthLimit: 50 };
const sharesDefault = 30;

/** Divides the server's seats by the levels' shares. Gives name and settings of each. */
export function levelSpecs(objects: readonly LevelObject[], seats: number): readonly (readonly [string, LevelSpec])[] {
  const total = objects.reduce((sum, object) => sum + sharesOf(object), 0);
  return objects.map((object) => {
    const own = total === 0 ? 0 : Math.ceil((seats * sharesOf(object)) / total);
    const limits = limitsOf(object);
    const borrowing = limits?.borrowingLimitPercent ?? undefined;
    return [
      object.metadata.name ?? '',
      {
        type: isExempt(object) ? 'Exempt' : 'Limited',
        seats: own,
        seatsMax: borrowing === undefined ? seats : own + Math.round((own * borrowing) / 100),
        lendable: Math.round((own * (limits?.lendablePercent ?? 0)) / 100),
        queuing: limits?.limitResponse?.type === 'Queue' ? (limits.limitResponse.queuing ?? queuingDefault) : undefined,
      },
    ];
  });
}

const isExempt = ({ spec }: LevelObject): boolean => spec?.type === 'Exempt';
const limitsOf = (object: LevelObject): LevelLimits | undefined =>
  isExempt(object) ? object.spec?.exempt : object.spec?.limited;
const sharesOf = (object: LevelObject): number =>
  limitsOf(object)?.nominalConcurrencyShares ?? (isExempt(object) ? 0 : sharesDefault);
