import { type ResourceInfo, typeWarnings } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import { type Controller, type ControllerPorts, isOf, keyOf, writeStatus } from '../runtime/index.ts';
import { resources, type Stored } from '../objects.ts';

export interface AdmissionPolicy extends Stored {
  readonly spec?: Parameters<typeof typeWarnings>[0];
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly unknown[] };
}

/** Says of each ValidatingAdmissionPolicy which of its expressions do not fit the kinds that it names. */
export function admissionPolicyController(served: () => readonly ResourceInfo[]): Controller {
  return {
    name: 'validatingadmissionpolicy-status-controller',
    resource: resources.admissionPolicies,
    watches: [resources.admissionPolicies],
    keysFor,
    reconcile: (key, ports) => reconcile(key, ports, served),
  };
}

function keysFor(change: ObjectChange): readonly string[] {
  return isOf(change, resources.admissionPolicies) && change.type === 'put' ? [keyOf(change.object)] : [];
}

async function reconcile(
  key: string,
  ports: ControllerPorts,
  served: () => readonly ResourceInfo[],
): Promise<undefined> {
  const policy = ports.view.get<AdmissionPolicy>(resources.admissionPolicies, undefined, key);
  if (policy === undefined || policy.metadata.deletionTimestamp !== undefined) return;
  const generation = policy.metadata.generation ?? 0;
  if (generation <= (policy.status?.observedGeneration ?? 0)) return;
  const expressionWarnings = typeWarnings(policy.spec ?? {}, served);
  const typeChecking = expressionWarnings.length === 0 ? {} : { expressionWarnings };
  await writeStatus(ports, resources.admissionPolicies, policy, {
    ...policy.status,
    observedGeneration: generation,
    typeChecking,
  });
}
