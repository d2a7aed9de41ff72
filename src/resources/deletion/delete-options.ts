/** Reads and checks DeleteOptions. */
import { isObject } from '../../base/index.ts';
import { type FieldError, invalid, invalidError, notSupported, validateDryRun } from '../../api/index.ts';
import type { DeletionOptions } from '../client.ts';

/** metav1.DeleteOptions as a client asks for them, as far as they are used. */
export interface AskedDelete {
  readonly propagationPolicy?: string | undefined;
  readonly orphanDependents?: boolean | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly dryRun: readonly string[];
}

export interface SettledDelete {
  readonly options: DeletionOptions;
  readonly dryRun: boolean;
}

/** DeleteOptions out of a parsed body; what has a wrong type is left out. */
export function askedDelete(value: Readonly<Record<string, unknown>>): AskedDelete {
  const preconditions = isObject(value['preconditions']) ? value['preconditions'] : {};
  const dryRun = Array.isArray(value['dryRun']) ? value['dryRun'].filter((item) => typeof item === 'string') : [];
  return {
    ...textField(value, 'propagationPolicy'),
    ...(typeof value['orphanDependents'] === 'boolean' ? { orphanDependents: value['orphanDependents'] } : {}),
    ...graceOf(value['gracePeriodSeconds']),
    ...textField(preconditions, 'uid'),
    ...textField(preconditions, 'resourceVersion'),
    dryRun,
  };
}

function graceOf(value: unknown): { readonly gracePeriodSeconds?: number | undefined } {
  if (typeof value === 'number') return { gracePeriodSeconds: value };
  return typeof value === 'string' && /^-?\d+$/.test(value) ? { gracePeriodSeconds: Number(value) } : {};
}

function textField<Name extends string>(
  value: Readonly<Record<string, unknown>>,
  name: Name,
): Partial<Record<Name, string>> {
  const field = value[name];
  return typeof field === 'string' ? ({ [name]: field } as Record<Name, string>) : {};
}

/** The options of a deletion, checked. Throws 422. */
export function settleDeleteOptions(asked: AskedDelete): SettledDelete {
  const errors = deleteErrors(asked);
  if (errors.length > 0) throw invalidError({ group: 'meta.k8s.io', kind: 'DeleteOptions', name: '', errors });
  const propagation = propagationOf(asked);
  return {
    options: {
      propagation,
      gracePeriodSeconds:
        asked.gracePeriodSeconds === undefined
          ? undefined
          : Math.max(asked.gracePeriodSeconds, asked.gracePeriodSeconds < 0 ? 1 : 0),
      uid: asked.uid,
      resourceVersion: asked.resourceVersion,
    },
    dryRun: asked.dryRun.length > 0,
  };
}

function deleteErrors(asked: AskedDelete): readonly FieldError[] {
  const errors: FieldError[] = [];
  const policy = asked.propagationPolicy;
  if (asked.orphanDependents !== undefined && policy !== undefined)
    errors.push(invalid('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'));
  if (policy !== undefined && !['Foreground', 'Background', 'Orphan'].includes(policy))
    errors.push(notSupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan', 'nil']));
  return [...errors, ...validateDryRun(asked.dryRun)];
}

function propagationOf(asked: AskedDelete): DeletionOptions['propagation'] {
  if (asked.orphanDependents !== undefined) return asked.orphanDependents ? 'Orphan' : 'Background';
  const policy = asked.propagationPolicy;
  return policy === 'Foreground' || policy === 'Background' || policy === 'Orphan' ? policy : undefined;
}
