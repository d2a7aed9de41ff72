/** How the sources of a volume are validated, one rule each. */

import { type FieldError, forbidden, required } from '../../machinery/index.ts';

/** How one source of a volume is checked. */
export interface SourceRule<Volume> {
  readonly field: keyof Volume & string;
  /** Path of its errors below the volume, where upstream's differs from the field's name. */
  readonly path?: string;
  /** Path of the error about a second source, where that differs. */
  readonly secondPath?: string;
  check(volume: Volume, path: string): readonly FieldError[];
}

/** A rule for the source `field`, typed by it. */
export function sourceRule<Volume, Field extends keyof Volume & string>(
  field: Field,
  check: (source: NonNullable<Volume[Field]>, path: string) => readonly FieldError[],
  paths: { readonly path?: string; readonly secondPath?: string } = {},
): SourceRule<Volume> {
  return { field, ...paths, check: (volume, path) => check(volume[field] as NonNullable<Volume[Field]>, path) };
}

/**
 * Checks that a volume has just one source, and that source. The rules stand in upstream's order, which decides what
 * counts as the second.
 */
export function sourceErrors<Volume>(volume: Volume, path: string, rules: readonly SourceRule<Volume>[]): FieldError[] {
  const present = rules.filter((rule) => volume[rule.field] !== undefined && volume[rule.field] !== null);
  const [first, ...others] = present;
  if (first === undefined) return [required(path, 'must specify a volume type')];
  return [
    ...first.check(volume, `${path}.${first.path ?? first.field}`),
    ...others.map((rule) =>
      forbidden(`${path}.${rule.secondPath ?? rule.field}`, 'may not specify more than 1 volume type'),
    ),
  ];
}
