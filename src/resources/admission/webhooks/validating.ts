/** Admission plug-in ValidatingAdmissionWebhook. */
import type { AdmissionPlugin, WritePorts } from '../../ports.ts';
import { prepareRequest } from '../converted-forms.ts';
import type { AdmissionRequest } from '../request.ts';
import { ask } from './client.ts';
import { checkDryRun, settleFailure } from './failure.ts';
import { hookRegistry } from './hook.ts';
import { type Invocation, invocationOf, isExempt } from './matching.ts';
import type { WebhookPorts } from './mutating.ts';
import { refusalOf } from './review.ts';

/** Calls the validating webhooks, all at the same time; of several refusals the first hook's is told. */
export function validatingWebhooks(ports: WebhookPorts): AdmissionPlugin {
  const hooks = hookRegistry('validatingwebhookconfigurations');
  return {
    name: 'ValidatingAdmissionWebhook',
    connects: true,
    validate(request, write) {
      const all = hooks(write.store);
      // A collection is not asked about: each of its objects is.
      if (all.length === 0 || isExempt(request) || (request.operation === 'DELETE' && request.name === ''))
        return undefined;
      const invocations = all.map((hook) => invocationOf(hook, request, { write, matcher: ports.matches }));
      return invocations.every((invocation) => invocation === undefined)
        ? undefined
        : askAll(invocations, request, write);
    },
  };
  async function askAll(
    matching: readonly (Invocation | undefined | Promise<Invocation | undefined>)[],
    request: AdmissionRequest,
    write: WritePorts,
  ): Promise<void> {
    const invocations = (await Promise.all(matching.map(async (invocation) => await invocation))).filter(
      (invocation) => invocation !== undefined,
    );
    const results = await Promise.allSettled(
      invocations.map((invocation, index) => askOne(invocation, index, { request, write })),
    );
    const refused = results.find((result) => result.status === 'rejected');
    if (refused !== undefined) throw refused.reason;
  }
  async function askOne(
    invocation: Invocation,
    index: number,
    { request, write }: { readonly request: AdmissionRequest; readonly write: WritePorts },
  ): Promise<void> {
    const { webhook } = invocation.hook;
    checkDryRun(webhook, request);
    await prepareRequest(request, write, invocation.info);
    try {
      const response = await ask(ports.call, invocation, { request, write, mutating: false });
      if (!response.allowed) throw refusalOf(webhook.name, response.status);
    } catch (error) {
      settleFailure(error, { webhook, kind: 'validating', round: 0, index }, { write, request });
    }
  }
}
