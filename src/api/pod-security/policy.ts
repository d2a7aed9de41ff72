/** Reads the Pod Security policy from a namespace's labels. */

import { type FieldError, invalid, keyPath } from '../machinery/index.ts';

type PodSecurityLevel = 'privileged' | 'baseline' | 'restricted';

/** A level of the standards in one of their versions: the minor number of `v1.x`, or the newest. */
export interface LevelVersion {
  readonly level: PodSecurityLevel;
  readonly minor: number | 'latest';
}

/** What a namespace asks for: pods that violate `enforce` are refused, the others are noted or warned of. */
export interface PodSecurityPolicy {
  readonly enforce: LevelVersion;
  readonly audit: LevelVersion;
  readonly warn: LevelVersion;
}

const levels: readonly string[] = ['privileged', 'baseline', 'restricted'];
const privileged: LevelVersion = { level: 'privileged', minor: 'latest' };
/** What holds where a namespace says nothing. */
export const privilegedPolicy: PodSecurityPolicy = { enforce: privileged, audit: privileged, warn: privileged };
const prefix = 'pod-security.kubernetes.io/';

/** `baseline:latest`, `restricted:v1.25`. */
export function levelVersionText({ level, minor }: LevelVersion): string {
  return `${level}:${minor === 'latest' ? 'latest' : `v1.${minor}`}`;
}

/** The levels of a policy that ask for something: `enforce=baseline:latest, warn=restricted:latest`. */
export function policyText({ enforce, audit, warn }: PodSecurityPolicy): string {
  return Object.entries({ enforce, audit, warn })
    .filter(([, { level }]) => level !== 'privileged')
    .map(([mode, level]) => `${mode}=${levelVersionText(level)}`)
    .join(', ');
}

export function samePolicy(left: PodSecurityPolicy, right: PodSecurityPolicy): boolean {
  return (['enforce', 'audit', 'warn'] as const).every((mode) => sameLevel(left[mode], right[mode]));
}

export function sameLevel(left: LevelVersion, right: LevelVersion): boolean {
  return left.level === right.level && left.minor === right.minor;
}

/** Whether `left` asks for more than `right`, versions aside. */
export function isStricter(left: LevelVersion, right: LevelVersion): boolean {
  return levels.indexOf(left.level) > levels.indexOf(right.level);
}

/**
 * The policy that a namespace's labels ask for, with what is wrong with them. A policy is answered always: a bad level
 * counts as restricted where it is enforced and as privileged elsewhere, a bad version as the newest.
 */
export function policyOfLabels(
  labels: Readonly<Record<string, string>> = {},
  defaults: PodSecurityPolicy = privilegedPolicy,
): { readonly policy: PodSecurityPolicy; readonly errors: readonly FieldError[] } {
  const errors: FieldError[] = [];
  const read = (mode: keyof PodSecurityPolicy): LevelVersion => {
    const level = readLevel(labels, mode, { fallback: defaults[mode].level, errors });
    return { level, minor: readMinor(labels, mode, { fallback: defaults[mode].minor, errors }) };
  };
  const enforce = read('enforce');
  const audit = read('audit');
  return { policy: { enforce, audit, warn: warnedOf(labels, read('warn'), enforce) }, errors };
}

/**
 * Where labels enforce a level and say nothing of warnings, what is enforced is warned of too, since workloads are not
 * refused.
 */
function warnedOf(labels: Readonly<Record<string, string>>, warn: LevelVersion, enforce: LevelVersion): LevelVersion {
  if (labels[`${prefix}enforce`] === undefined || labels[`${prefix}warn`] !== undefined || !isStricter(enforce, warn))
    return warn;
  return labels[`${prefix}warn-version`] === undefined ? enforce : { level: enforce.level, minor: warn.minor };
}

interface Reading<T> {
  readonly fallback: T;
  readonly errors: FieldError[];
}

function readLevel(
  labels: Readonly<Record<string, string>>,
  mode: string,
  { fallback, errors }: Reading<PodSecurityLevel>,
): PodSecurityLevel {
  const label = `${prefix}${mode}`;
  const value = labels[label];
  if (value === undefined) return fallback;
  if (levels.includes(value)) return value as PodSecurityLevel;
  errors.push(invalid(keyPath('metadata.labels', label), value, `must be one of ${levels.join(', ')}`));
  return mode === 'enforce' ? 'restricted' : 'privileged';
}

function readMinor(
  labels: Readonly<Record<string, string>>,
  mode: string,
  { fallback, errors }: Reading<LevelVersion['minor']>,
): LevelVersion['minor'] {
  const label = `${prefix}${mode}-version`;
  const value = labels[label];
  if (value === undefined) return fallback;
  if (value === 'latest') return 'latest';
  const minor = /^v1\.(0|[1-9][0-9]*)$/.exec(value)?.[1];
  if (minor !== undefined) return Number(minor);
  errors.push(invalid(keyPath('metadata.labels', label), value, 'must be "latest" or "v1.x"'));
  return 'latest';
}
