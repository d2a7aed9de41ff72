/**
 * Admission by webhooks (admissionregistration.k8s.io): servers that the cluster's administrator names are asked about
 * writes.
 *
 * Mutating hooks are called one after the other and may change the object by a JSON patch; validating ones are called
 * at the same time, on what will be stored. Which requests a hook wants is said by rules, selectors and conditions
 * (matching.ts). What happens when a hook cannot be asked is its failure policy; a refusal is always one. Texts are
 * those of Kubernetes.
 *
 *     request -> built-in plug-ins -> mutating hooks -> preparation, validation -> validating hooks -> quota -> store
 *
 * The way to the network is a port (`WebhookCall`), as everything here is.
 */
import { webhookConditions } from '../policies/expressions.ts';
import type { AdmissionPlugin } from '../../ports.ts';
import { mutatingWebhooks, type WebhookPorts } from './mutating.ts';
import { validatingWebhooks } from './validating.ts';

/** Both plug-ins, in their order. They belong after all others. */
export function webhookAdmission(ports: WebhookPorts): readonly AdmissionPlugin[] {
  const all = { matches: webhookConditions, ...ports };
  return [mutatingWebhooks(all), validatingWebhooks(all)];
}
