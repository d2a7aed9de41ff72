import { badRequest, internalError } from '../../../api/index.ts';
import type { WritePath } from '../../ports.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { CallFailure } from './client.ts';
import type { Webhook } from './hook.ts';

/** Refuses to rehearse what would have effects elsewhere. */
export function checkDryRun({ name, sideEffects }: Webhook, { dryRun }: AdmissionRequest): void {
  if (dryRun && sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun') throw badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
}

/** Goes on without a webhook that may fail, and noted it; throws 500 for one that may not, and any other error as it is. */
export function settleFailure(error: unknown, webhook: Webhook, path: WritePath): void {
  if (!(error instanceof CallFailure)) throw error;
  if (webhook.failurePolicy !== 'Ignore') throw internalError(error.message);
  path.log.warn('a webhook that may fail has failed, and the request goes on', { webhook: webhook.name, error: error.message });
}
