/** Decides what a ValidatingAdmissionPolicy says of the types in its expressions. */
import { type ResourceInfo, typeWarnings } from '../../api/index.ts';
import type { Stored } from '../objects.ts';

export interface AdmissionPolicy extends Stored {
  readonly spec?: Parameters<typeof typeWarnings>[0];
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly unknown[] };
}

/** The status to write; undefined: this generation has been checked already. */
export function planStatus(policy: AdmissionPolicy, served: () => readonly ResourceInfo[]): object | undefined {
  const generation = policy.metadata.generation ?? 0;
  if (policy.metadata.deletionTimestamp !== undefined) return undefined;
  if (generation <= (policy.status?.observedGeneration ?? 0)) return undefined;
  const expressionWarnings = typeWarnings(policy.spec ?? {}, served);
  const typeChecking = expressionWarnings.length === 0 ? {} : { expressionWarnings };
  return { ...policy.status, observedGeneration: generation, typeChecking };
}
