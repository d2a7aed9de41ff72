import { deepEqual } from '../machinery/index.ts';

/**
 * What differs between two structures, field by field, for messages about forbidden changes: lines that begin with `-` show
 * what was, those with `+` what was wanted. `name` is the structure's.
 */
export function differenceText(name: string, old: object, wanted: object): string {
  const before = old as Readonly<Record<string, unknown>>;
  const after = wanted as Readonly<Record<string, unknown>>;
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = fields.filter((field) => !deepEqual(before[field], after[field]));
  const lines = changed.flatMap((field) => [
    ...(before[field] === undefined ? [] : [`- \t${field}: ${JSON.stringify(before[field])},`]),
    ...(after[field] === undefined ? [] : [`+ \t${field}: ${JSON.stringify(after[field])},`]),
  ]);
  const same = fields.length - changed.length;
  if (same > 0) lines.push(`  \t... // ${same} identical fields`);
  return `  ${name}{\n${lines.join('\n')}\n  }\n`;
}
