/** The plan of one step while it is being made. */
import type { PodEffect } from './pod-messages.ts';
import type { PodState } from './pod-state.ts';

/** A plan in the making: the state moves along with the effects, so that nothing is asked for twice. */
export interface Draft {
  state: PodState;
  readonly effects: PodEffect[];
  wakeAt: number;
}
