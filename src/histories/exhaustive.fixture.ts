/** A second check of histories, too slow for more than a handful of operations: every order is tried. */
import type { Model, Operation } from './linearisability.ts';

/**
 * Whether some order explains all results. No memory, no list of calls and returns: the definition, word by word. An
 * operation may come next when no other that is left had returned before it was called; one without an answer may also
 * never come.
 */
export function isLinearisableByTrying<State, Action>(
  model: Model<State, Action>,
  history: readonly Operation<Action>[],
): boolean {
  const explained = (state: State, left: readonly Operation<Action>[]): boolean => {
    if (left.every(({ returnedAt }) => returnedAt === undefined)) return true;
    return left.some((next) => {
      const tooEarly = left.some(
        (other) => other !== next && other.returnedAt !== undefined && other.returnedAt < next.calledAt,
      );
      const after = tooEarly ? undefined : model.step(state, next.action);
      return (
        after !== undefined &&
        explained(
          after,
          left.filter((other) => other !== next),
        )
      );
    });
  };
  return explained(model.initial, history);
}
