/** Takes away what a run made: as much of it as goes. */
import { errorMessage } from '../../base/index.ts';

/** Takes every step, whichever of them fail; answers why those failed, a sentence each. */
export async function failuresOf(steps: readonly (() => unknown)[]): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push(errorMessage(error));
    }
  }
  return failures;
}
