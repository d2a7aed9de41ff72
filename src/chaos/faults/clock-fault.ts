/** A clock that jumps. */
import { Impossible } from '../targets/target.ts';
import { type BeginFault, type Effect, untilShown, victimOf } from './fault.ts';

export const jumpClock: BeginFault = async (context): Promise<Effect> => {
  const { target, spec } = context;
  const { clocks } = target;
  if (clocks === undefined)
    throw new Impossible('members of this cluster were not started with a clock that can be set');
  const { name } = await victimOf(context);
  const aheadMs = spec.amount * 1_000;
  clocks.set(name, aheadMs);
  const end = (): Promise<undefined> => {
    clocks.set(name, 0);
    return Promise.resolve(undefined);
  };
  try {
    await untilShown(context, () => clocks.taken(name, aheadMs), `${name} did not take the new time`);
  } catch (error) {
    await end();
    throw error;
  }
  return { victim: name, proof: `${name} says that its clock is ${spec.amount} s ahead`, end };
};
