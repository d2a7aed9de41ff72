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

/** The rules by the field of their source, in upstream's order, which decides what counts as the second. */
type SourceRules<Volume> = ReadonlyMap<string, SourceRule<Volume>>;

export const sourceRules = <Volume>(rules: readonly SourceRule<Volume>[]): SourceRules<Volume> =>
  new Map(rules.map((rule) => [rule.field, rule]));

/** Checks that a volume has just one source, and that source. */
export function sourceErrors<Volume extends object>(
  volume: Volume,
  path: string,
  rules: SourceRules<Volume>,
): FieldError[] {
  const [first, ...others] = presentRules(volume, rules);
  if (first === undefined) return [required(path, 'must specify a volume type')];
  return [
    ...first.check(volume, `${path}.${first.path ?? first.field}`),
    ...others.map((rule) =>
      forbidden(`${path}.${rule.secondPath ?? rule.field}`, 'may not specify more than 1 volume type'),
    ),
  ];
}

/** The rules of the sources that are there. A volume has few fields, so they are asked and not the many rules. */
function presentRules<Volume extends object>(volume: Volume, rules: SourceRules<Volume>): SourceRule<Volume>[] {
  const present: SourceRule<Volume>[] = [];
  for (const field in volume) {
    const rule = volume[field] === undefined || volume[field] === null ? undefined : rules.get(field);
    if (rule !== undefined) present.push(rule);
  }
  return present.length < 2 ? present : [...rules.values()].filter((rule) => present.includes(rule));
}
