/** Facts about a real Kubernetes API server, and the comparison with them. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ExecutionContext } from 'ava';

/** Facts about a Kubernetes 1.33 API server, where they are at hand beside the checkout. */
const folder = resolve(import.meta.dirname, '..', '..', '..', 'shared', 'kubernetes');

/** One of the reference documents; undefined, with the reason printed, where it is not at hand. */
export function fact(t: ExecutionContext, name: string): unknown {
  const file = resolve(folder, name);
  if (!existsSync(file)) {
    t.log(`skipped: the reference document shared/kubernetes/${name} is not beside this checkout`);
    t.pass();
    return undefined;
  }
  const bytes = readFileSync(file);
  return JSON.parse((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString());
}

interface Allowed {
  /** Regular expression over a difference's text; `^` and `$` are added. */
  readonly pattern: string;
  readonly why: string;
}

export interface AllowedDifferences {
  readonly openapi: readonly Allowed[];
  readonly bootstrap: readonly Allowed[];
}

export const allowed = JSON.parse(
  readFileSync(resolve(import.meta.dirname, 'allowed-differences.json'), 'utf8'),
) as AllowedDifferences;

/** What of these differences nothing allows, and the patterns that allow nothing any more. */
export function unexplained(differences: readonly string[], list: readonly Allowed[]): readonly string[] {
  const patterns = list.map(({ pattern }) => new RegExp(`^(?:${pattern})$`));
  const used = new Set<number>();
  const left = differences.filter((difference) => {
    const at = patterns.findIndex((pattern) => pattern.test(difference));
    if (at >= 0) used.add(at);
    return at < 0;
  });
  return [
    ...left,
    ...list
      .filter((_, index) => !used.has(index))
      .map(({ pattern }) => `nothing differs any more as the list allows: ${pattern}`),
  ];
}

/**
 * Where two documents differ, a line each: `missing <path>`, `extra <path>` or `<path>: <expected>, got <value>`. Steps
 * of a path stand behind ` > `.
 */
export function differencesOf(expected: unknown, got: unknown, path = ''): readonly string[] {
  if (Array.isArray(expected) && Array.isArray(got)) {
    if (expected.length !== got.length) return [`${path}: ${expected.length} items, got ${got.length}`];
    return expected.flatMap((item, index) => differencesOf(item, got[index], `${path} > ${index}`));
  }
  if (!isRecord(expected) || !isRecord(got))
    return expected === got ? [] : [`${path}: ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`];
  return [
    ...Object.keys(expected).flatMap((key) =>
      key in got ? differencesOf(expected[key], got[key], `${path} > ${key}`) : [`missing ${path} > ${key}`],
    ),
    ...Object.keys(got)
      .filter((key) => !(key in expected))
      .map((key) => `extra ${path} > ${key}`),
  ];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
