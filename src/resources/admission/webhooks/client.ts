/** Calls one admission webhook and reads its answer. */
import { errorMessage } from '../../../base/index.ts';
import type { WritePorts } from '../../ports.ts';
import { postReview, type WebhookCall } from '../../webhook-client.ts';
import type { AdmissionRequest } from '../request.ts';
import type { Webhook } from './hook.ts';
import type { Invocation } from './matching.ts';
import { type AdmissionResponse, readReview, reviewBody } from './review.ts';

/** A webhook that could not be asked, or whose answer means nothing; what follows is the hook's failure policy. */
export class CallFailure extends Error {
  override readonly name = 'CallFailure';
  constructor(webhook: string, reason: string) {
    super(`failed calling webhook ${JSON.stringify(webhook)}: ${reason}`);
  }
}

/** Asks a webhook about a request. Throws CallFailure when it cannot be asked or answers nonsense. */
export async function ask(
  call: WebhookCall,
  invocation: Invocation,
  about: { readonly request: AdmissionRequest; readonly write: WritePorts; readonly mutating: boolean },
): Promise<AdmissionResponse> {
  const { webhook } = invocation.hook;
  const uid = about.write.random.uuid();
  const answer = await sent(call, webhook, { write: about.write, body: reviewBody(invocation, about.request, uid) });
  const response = readReview(answer, { uid, webhook, mutating: about.mutating });
  if (typeof response === 'string')
    throw new CallFailure(webhook.name, `received invalid webhook response: ${response}`);
  for (const text of response.warnings) about.request.warn(text);
  for (const [key, value] of Object.entries(response.auditAnnotations))
    about.request.annotate?.(`${webhook.name}/${key}`, value);
  return response;
}

async function sent(
  call: WebhookCall,
  webhook: Webhook,
  what: { readonly write: WritePorts; readonly body: Uint8Array },
): Promise<unknown> {
  try {
    return await postReview(
      call,
      { clientConfig: webhook.clientConfig, timeoutSeconds: webhook.timeoutSeconds ?? 10 },
      { store: what.write.store, body: what.body },
    );
  } catch (error) {
    throw new CallFailure(webhook.name, `failed to call webhook: ${errorMessage(error)}`);
  }
}
