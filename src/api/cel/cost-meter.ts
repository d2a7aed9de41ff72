/** Counts what an expression costs while it runs, and stops it at its limit. */

import { callCost, comprehensionCost, operatorCost, stepCost } from './cost-table.ts';
import { type Comprehension, operandsOf, type SyntaxNode } from './syntax-tree.ts';

/** What one run of a program has cost so far, and at most may. */
interface CostMeter {
  cost: number;
  readonly max: number;
  /** What is thrown when it is more: the same error each time, since a run may go on after it and meet it again. */
  readonly spent: () => Error;
}

/** Programs run to their end without giving way, so that one meter at a time is enough. */
let running: CostMeter = { cost: 0, max: Infinity, spent: () => new Error('no program runs') };

/** Adds to the cost of the run that is under way. */
export function charge(cost: number): void {
  running.cost += cost;
  if (running.cost > running.max) throw running.spent();
}

/** Runs with a separate meter. A nested run does not count for the outer one. */
export function withMeter<T>(meter: CostMeter, run: () => T): T {
  const outer = running;
  running = meter;
  try {
    return run();
  } finally {
    running = outer;
  }
}

/** Makes a checked program count what it costs while it runs. */
export function meterCosts(root: SyntaxNode): void {
  const seen = new Set<SyntaxNode>();
  const visit = (node: SyntaxNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    meterNode(node);
    for (const operand of operandsOf(node)) visit(operand);
  };
  visit(root);
}

function meterNode(node: SyntaxNode): void {
  const { alternate, macro, evaluate } = node.meta;
  if (alternate !== undefined || macro !== undefined) return;
  const { handle } = node;
  if (node.op === 'comprehension') {
    meterComprehension(node);
  } else if (handle !== undefined && node.op !== '?:') {
    node.handle = metered(node, handle);
  } else {
    const cost = stepCost(node.op);
    if (cost > 0)
      node.setMeta('evaluate', (evaluator, own, context) => {
        charge(cost);
        return evaluate(evaluator, own, context);
      });
  }
}

/** An operation costs when its operands are known; functions also by their result. */
function metered(node: SyntaxNode, handle: NonNullable<SyntaxNode['handle']>): NonNullable<SyntaxNode['handle']> {
  if (node.op === 'call' || node.op === 'rcall') {
    const [name] = node.args as readonly [string];
    return (values, ...rest) => {
      const result = handle(values, ...rest);
      charge(callCost(name, values as readonly unknown[], result));
      return result;
    };
  }
  return (left, right, ...rest) => {
    charge(operatorCost(node.op, left, right));
    return handle(left, right, ...rest);
  };
}

function meterComprehension(node: SyntaxNode): void {
  const comprehension = node.args as Comprehension;
  const { once, each } = comprehensionCost(comprehension);
  const { step } = comprehension;
  const evaluateOnce = node.meta.evaluate;
  node.setMeta('evaluate', (evaluator, own, context) => {
    charge(once);
    return evaluateOnce(evaluator, own, context);
  });
  if (each === 0 || step.meta.alternate !== undefined || step.meta.macro !== undefined) return;
  const evaluateStep = step.meta.evaluate;
  step.setMeta('evaluate', (evaluator, own, context) => {
    charge(each);
    return evaluateStep(evaluator, own, context);
  });
}
