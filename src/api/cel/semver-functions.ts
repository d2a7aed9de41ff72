/** The functions of Kubernetes' CEL library on semantic versions. */

import type { CelEnvironment } from './environment.ts';

/** A version by the rules of semver.org. */
class SemverValue {
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: readonly string[];
  readonly build: string;

  constructor(numbers: readonly [bigint, bigint, bigint], prerelease: readonly string[], build: string) {
    this.numbers = numbers;
    this.prerelease = prerelease;
    this.build = build;
  }

  equals(other: unknown): boolean {
    return other instanceof SemverValue && compare(this, other) === 0;
  }
}

const core = /(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)/.source;
const identifiers = /([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)/.source;
/** Major, minor, patch, pre-release and build. */
const strict = new RegExp(`^${core}(?:-${identifiers})?(?:\\+${identifiers})?$`);
const isNumber = (part: string): boolean => /^\d+$/.test(part);

function parse(text: string): SemverValue | undefined {
  const found = strict.exec(text);
  if (found === null) return undefined;
  const [, major = '', minor = '', patch = '', prerelease = '', build = ''] = found;
  const parts = prerelease === '' ? [] : prerelease.split('.');
  if (parts.some((part) => isNumber(part) && part.length > 1 && part.startsWith('0'))) return undefined;
  return new SemverValue([BigInt(major), BigInt(minor), BigInt(patch)], parts, build);
}

/** A leading v is dropped, missing numbers are 0, and leading zeros of numbers are dropped. */
function normalised(text: string): string {
  const [, numbers = '', rest = ''] = /^v?([\d.]*)(.*)$/s.exec(text) ?? [];
  const parts = numbers.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (parts.length < 3) parts.push('0');
  return parts.join('.') + rest;
}

function compare(left: SemverValue, right: SemverValue): number {
  for (const [index, number] of left.numbers.entries()) {
    const other = right.numbers[index] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (left.prerelease.length === 0 || right.prerelease.length === 0)
    return Math.sign(right.prerelease.length - left.prerelease.length);
  for (const [index, part] of left.prerelease.entries()) {
    const other = right.prerelease[index];
    if (other === undefined) return 1;
    if (part === other) continue;
    if (isNumber(part) && isNumber(other)) return BigInt(part) < BigInt(other) ? -1 : 1;
    if (isNumber(part) !== isNumber(other)) return isNumber(part) ? -1 : 1;
    return part < other ? -1 : 1;
  }
  return left.prerelease.length === right.prerelease.length ? 0 : -1;
}

const type = 'kubernetes.Semver';

export function semverOf(text: string, normalise: boolean): SemverValue {
  const version = parse(normalise ? normalised(text) : text);
  if (version === undefined) throw new Error(`Invalid Semantic Version: ${JSON.stringify(text)}`);
  return version;
}

/** Functions of semantic versions, new with Kubernetes 1.33. */
export function registerSemverFunctions(environment: CelEnvironment): void {
  environment
    .registerType(type, SemverValue)
    .registerFunction(`semver(string): ${type}`, (text: string) => semverOf(text, false))
    .registerFunction(`semver(string, bool): ${type}`, semverOf)
    .registerFunction('isSemver(string): bool', (text: string) => parse(text) !== undefined)
    .registerFunction(
      'isSemver(string, bool): bool',
      (text: string, normalise: boolean) => parse(normalise ? normalised(text) : text) !== undefined,
    )
    .registerFunction(`${type}.major(): int`, ({ numbers }: SemverValue) => numbers[0])
    .registerFunction(`${type}.minor(): int`, ({ numbers }: SemverValue) => numbers[1])
    .registerFunction(`${type}.patch(): int`, ({ numbers }: SemverValue) => numbers[2])
    .registerFunction(`${type}.compareTo(${type}): int`, (left: SemverValue, right: SemverValue) =>
      BigInt(compare(left, right)),
    )
    .registerFunction(
      `${type}.isLessThan(${type}): bool`,
      (left: SemverValue, right: SemverValue) => compare(left, right) < 0,
    )
    .registerFunction(
      `${type}.isGreaterThan(${type}): bool`,
      (left: SemverValue, right: SemverValue) => compare(left, right) > 0,
    )
    .registerOperator(`${type} == ${type}`, (left: SemverValue, right: SemverValue) => left.equals(right));
}
