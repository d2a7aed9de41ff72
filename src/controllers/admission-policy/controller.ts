/** Checks the types of the expressions of ValidatingAdmissionPolicies. */
import { type ResourceInfo, resources, type ValidatingAdmissionPolicy } from '../../api/index.ts';
import { type Controller, isOf, keyOf, writeStatus } from '../runtime/index.ts';
import { planStatus } from './reconcile.ts';

/** Reports in each policy's status which of its expressions do not fit the kinds that it names. */
export function admissionPolicyController(served: () => readonly ResourceInfo[]): Controller {
  return {
    name: 'validatingadmissionpolicy-status-controller',
    resource: resources.validatingAdmissionPolicies,
    watches: [resources.validatingAdmissionPolicies],
    keysFor: (change) =>
      isOf(change, resources.validatingAdmissionPolicies) && change.type === 'put' ? [keyOf(change.object)] : [],
    reconcile: async (key, ports) => {
      const policy = ports.view.get<ValidatingAdmissionPolicy>(resources.validatingAdmissionPolicies, undefined, key);
      const status = policy === undefined ? undefined : planStatus(policy, served);
      if (policy !== undefined && status !== undefined)
        await writeStatus(ports, resources.validatingAdmissionPolicies, policy, status);
      return undefined;
    },
  };
}
