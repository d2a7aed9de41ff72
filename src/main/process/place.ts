import type { PlannedMember } from './plan.ts';
import type { Settings } from './settings.ts';

/** Which member this is, and with whom. */
export interface Place {
  readonly name: string;
  readonly settings: Settings;
  /** Empty for an only member. */
  readonly plan: readonly PlannedMember[];
}
