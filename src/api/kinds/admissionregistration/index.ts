/** Admission webhooks and admission policies: what else has a say in a write. */
import type { KindBehaviour } from '../behaviour.ts';
import { mutatingPolicyBehaviour, mutatingPolicyBindingBehaviour } from './mutating-policies.ts';
import { policyBehaviour, policyBindingBehaviour } from './policies.ts';
import { webhookBehaviour } from './webhooks.ts';

export { typeWarnings } from './type-checks.ts';

/** Upstream checks an update of these as it does a new object, and asks for no domain of finalizers. */
const group = { metadataChecks: { changes: 0, wholes: 1 }, plainFinalizers: true };

const behaviours: Readonly<Record<string, KindBehaviour>> = {
  'admissionregistration.k8s.io/mutatingadmissionpolicies': mutatingPolicyBehaviour,
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings': mutatingPolicyBindingBehaviour,
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': webhookBehaviour({ mutating: true }),
  'admissionregistration.k8s.io/validatingadmissionpolicies': policyBehaviour,
  'admissionregistration.k8s.io/validatingadmissionpolicybindings': policyBindingBehaviour,
  'admissionregistration.k8s.io/validatingwebhookconfigurations': webhookBehaviour({ mutating: false }),
};

export const admissionregistrationBehaviours: Readonly<Record<string, KindBehaviour>> = Object.fromEntries(
  Object.entries(behaviours).map(([resource, behaviour]) => [resource, { ...behaviour, ...group }]),
);
