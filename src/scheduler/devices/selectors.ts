/** Whether a device fulfils the conditions of a class and of a request. */
import {
  CelBudgetError,
  compileDeviceSelector,
  type CompileResult,
  type CostBudget,
  deviceValue,
} from '../../api/index.ts';
import { errorMessage } from '../../base/index.ts';
import type { Candidate } from './pools.ts';

/** True, false, or why that cannot be told. */
type Answer = boolean | { readonly problem: string };

/** What one search may cost is spent: the answer is found by a later one. */
type Spent = 'too dear';

/** Expressions whose compiled form is kept; then all are forgotten. */
const expressionsMax = 1_000;
const compiled = new Map<string, CompileResult>();

/** What a device answered to an expression: a stored device never changes. */
const answers = new WeakMap<object, Map<string, Answer>>();

function programOf(expression: string): CompileResult {
  const known = compiled.get(expression);
  if (known !== undefined) return known;
  if (compiled.size >= expressionsMax) compiled.clear();
  const made = compileDeviceSelector(expression);
  compiled.set(expression, made);
  return made;
}

/** Whether the device fulfils every expression; the first one that fails or says no decides. */
export function fulfils(candidate: Candidate, expressions: readonly string[], budget: CostBudget): Answer | Spent {
  for (const expression of expressions) {
    const answer = ask(candidate, expression, budget);
    if (answer !== true) return answer;
  }
  return true;
}

function ask(candidate: Candidate, expression: string, budget: CostBudget): Answer | Spent {
  let known = answers.get(candidate.device);
  if (known === undefined) answers.set(candidate.device, (known = new Map()));
  const told = known.get(expression);
  if (told !== undefined) return told;
  const answer = evaluate(candidate, expression, budget);
  if (answer !== 'too dear') known.set(expression, answer);
  return answer;
}

function evaluate({ driver, device }: Candidate, expression: string, budget: CostBudget): Answer | Spent {
  const result = programOf(expression);
  if ('error' in result) return { problem: result.error };
  try {
    const value = result.program(deviceValue(driver, device.basic ?? {}), budget);
    return typeof value === 'boolean' ? value : { problem: 'a selector gives no truth value' };
  } catch (error) {
    if (error instanceof CelBudgetError) return 'too dear';
    return { problem: `a selector fails for device ${device.name}: ${errorMessage(error)}` };
  }
}
