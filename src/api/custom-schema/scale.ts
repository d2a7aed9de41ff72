/** Reads and writes the fields of a custom object that its Scale shows. */

import { isObject } from '../../base/index.ts';
import { type FieldError, invalid } from '../machinery/index.ts';
import type { KubeObject } from '../object.ts';
import { type ScalePaths } from './definition.ts';

const int32Max = 2_147_483_647;

function valueAt(object: unknown, path: string | undefined): unknown {
  let value = object;
  for (const name of stepsOf(path)) value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}

const stepsOf = (path: string | undefined): readonly string[] => (path ?? '').split('.').filter((name) => name !== '');

/** The numbers of a custom object's Scale; the desired replicas may be missing. */
export function readScale(
  paths: ScalePaths,
  object: KubeObject,
): { readonly replicas: number | undefined; readonly current: number; readonly selector: string } {
  const replicas = valueAt(object, paths.specReplicasPath);
  const current = valueAt(object, paths.statusReplicasPath);
  const selector = valueAt(object, paths.labelSelectorPath);
  return {
    replicas: replicas === undefined ? undefined : Number(replicas),
    current: typeof current === 'number' ? current : 0,
    selector: typeof selector === 'string' ? selector : '',
  };
}

/** Sets the desired replicas, in place. */
export function writeScale(paths: ScalePaths, object: Record<string, unknown>, replicas: number): void {
  const steps = stepsOf(paths.specReplicasPath);
  let place = object;
  for (const name of steps.slice(0, -1)) {
    const next = place[name];
    if (!isObject(next)) place[name] = {};
    place = place[name] as Record<string, unknown>;
  }
  place[steps.at(-1) ?? ''] = replicas;
}

/** Errors of the numbers that the Scale is made from. */
export function scaleErrors(paths: ScalePaths | undefined, object: unknown): readonly FieldError[] {
  if (paths === undefined) return [];
  return [paths.specReplicasPath, paths.statusReplicasPath].flatMap((path) => {
    const value = valueAt(object, path);
    if (path === undefined || typeof value !== 'number') return [];
    if (value < 0) return [invalid(path, value, 'should be a non-negative integer')];
    return value > int32Max ? [invalid(path, value, `should be less than or equal to ${int32Max}`)] : [];
  });
}
