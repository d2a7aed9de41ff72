/** A trace as text for the terminal. */
import pc from 'picocolors';
import type { TraceStep } from '../base/index.ts';

/**
 * The steps of a trace as a tree: each below the one that caused it, with its time since the beginning and how long it
 * took.
 */
export function traceText(steps: readonly TraceStep[]): string {
  const sorted = steps.toSorted((a, b) => a.at - b.at);
  const known = new Set(sorted.map(({ spanId }) => spanId));
  const below = Map.groupBy(sorted, ({ parentId }) => (parentId !== undefined && known.has(parentId) ? parentId : ''));
  const begun = sorted[0]?.at ?? 0;
  const lines: string[] = [];
  const visit = (step: TraceStep, indent: string): void => {
    lines.push(`${pc.dim(`${String(step.at - begun).padStart(6)} ms`)}  ${indent}${describe(step)}`);
    below.get(step.spanId)?.forEach((child) => {
      visit(child, `${indent}  `);
    });
  };
  below.get('')?.forEach((first) => {
    visit(first, '');
  });
  return lines.join('\n');
}

function describe({ what, actor, process, ms, error }: TraceStep): string {
  const parts = [actor === undefined ? what : `${pc.bold(actor)} ${what}`, pc.dim(`${process}, ${ms.toFixed(1)} ms`)];
  if (error !== undefined) parts.push(pc.red(error));
  return parts.join('  ');
}
