import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** What `troupe hardening check --json` says of a control. */
export interface Finding {
  readonly id: string;
  readonly state: string;
  readonly detail: string;
}

/** The states by control, in the words of the table. */
export const statesOf = (findings: readonly Finding[]): Readonly<Record<string, string>> =>
  Object.fromEntries(findings.map(({ id, state }) => [id, state === 'not applicable' ? 'n/a' : state]));

/** What docs/hardening.md says of each control: by default, or with the profile. */
export function promised(profile: 'default' | 'hardened'): Readonly<Record<string, string>> {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/hardening.md'), 'utf8');
  const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim().replaceAll('**', '')));
  const kept = rows.filter(([, id]) => /^\d[\d.]+$/.test(id ?? ''));
  return Object.fromEntries(kept.map((row) => [row[1] ?? '', row[profile === 'default' ? 3 : 4] ?? '']));
}
