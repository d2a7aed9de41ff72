/** What follows when an admission webhook cannot be called. */
import { badRequest, internalError } from '../../../api/index.ts';
import type { WritePorts } from '../../ports.ts';
import type { AdmissionRequest } from '../request.ts';
import { CallFailure } from './client.ts';
import type { Webhook } from './hook.ts';

/** Refuses to rehearse what would have effects elsewhere. */
export function checkDryRun({ name, sideEffects }: Webhook, { dryRun }: AdmissionRequest): void {
  if (dryRun && sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun')
    throw badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
}

/** Where a hook stands among those of one request, for the trail. */
interface HookPlace {
  readonly webhook: Webhook;
  readonly kind: 'mutating' | 'validating';
  readonly round: number;
  readonly index: number;
}

/**
 * Goes on without a webhook that may fail, and noted it; throws 500 for one that may not, and any other error as it is.
 */
export function settleFailure(
  error: unknown,
  { webhook, kind, round, index }: HookPlace,
  about: { readonly write: WritePorts; readonly request: AdmissionRequest },
): void {
  const { write, request } = about;
  if (!(error instanceof CallFailure)) throw error;
  if (webhook.failurePolicy !== 'Ignore') throw internalError(error.message);
  request.annotate?.(
    `failed-open.${kind}.webhook.admission.k8s.io/round_${String(round)}_index_${String(index)}`,
    webhook.name,
  );
  write.log.warn('a webhook that may fail has failed, and the request goes on', {
    webhook: webhook.name,
    error: error.message,
  });
}
