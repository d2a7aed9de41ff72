/** Decides what a ValidatingAdmissionPolicy says of the types in its expressions. */
import { type ResourceInfo, typeWarnings, type ValidatingAdmissionPolicy } from '../../api/index.ts';

/** The status to write; undefined: this generation has been checked already. */
export function planStatus(
  policy: ValidatingAdmissionPolicy,
  served: () => readonly ResourceInfo[],
): object | undefined {
  const generation = policy.metadata.generation ?? 0;
  if (policy.metadata.deletionTimestamp !== undefined) return undefined;
  if (generation <= (policy.status?.observedGeneration ?? 0)) return undefined;
  const expressionWarnings = typeWarnings((policy.spec ?? {}) as Parameters<typeof typeWarnings>[0], served);
  const typeChecking = expressionWarnings.length === 0 ? {} : { expressionWarnings };
  return { ...policy.status, observedGeneration: generation, typeChecking };
}
