/** Admission plug-in MutatingAdmissionWebhook. */
import { internalError, type JsonObject, jsonPatch, parseJson, patchFailure } from '../../../api/index.ts';
import { errorMessage } from '../../../base/index.ts';
import type { AdmissionPlugin, WritePorts } from '../../ports.ts';
import { prepareRequest } from '../converted-forms.ts';
import { replaceObject, takenBack } from '../policies/patched-object.ts';
import { isAgain, turnsByRequest } from '../reinvocation.ts';
import type { AdmissionRequest } from '../request.ts';
import { shownObject } from '../request-attributes.ts';
import type { WebhookCall } from '../../webhook-client.ts';
import { ask, CallFailure } from './client.ts';
import { checkDryRun, settleFailure } from './failure.ts';
import { hookRegistry } from './hook.ts';
import { type ConditionMatcher, type Invocation, invocationOf, isExempt } from './matching.ts';
import { type AdmissionResponse, refusalOf } from './review.ts';

export interface WebhookPorts {
  readonly call: WebhookCall;
  /** Evaluates match conditions. Absent: as Kubernetes does. */
  readonly matches?: ConditionMatcher | undefined;
}

/**
 * Calls the mutating webhooks, one after the other; those that ask for it a second time when something changed after
 * their turn.
 */
export function mutatingWebhooks(ports: WebhookPorts): AdmissionPlugin {
  const hooks = hookRegistry('mutatingwebhookconfigurations');
  const turnsOf = turnsByRequest();
  return {
    name: 'MutatingAdmissionWebhook',
    connects: true,
    admit(request, write) {
      if (hooks(write.store).length === 0 || isExempt(request)) return undefined;
      return round(request, write);
    },
  };
  async function round(request: AdmissionRequest, write: WritePorts): Promise<void> {
    const turns = turnsOf(request);
    turns.begin();
    for (const [index, hook] of hooks(write.store).entries()) {
      if (!turns.has(hook.id)) continue;
      const invocation = await invocationOf(hook, request, { write, matcher: ports.matches });
      if (invocation === undefined) continue;
      const changed = await mutate(ports.call, invocation, { request, write, round: isAgain(request) ? 1 : 0, index });
      turns.took(hook.id, { changed, mayAgain: hook.webhook.reinvocationPolicy === 'IfNeeded' });
    }
    turns.end();
  }
}

/** One call. Resolves with whether it changed the object. */
async function mutate(
  call: WebhookCall,
  invocation: Invocation,
  about: {
    readonly request: AdmissionRequest;
    readonly write: WritePorts;
    readonly round: number;
    readonly index: number;
  },
): Promise<boolean> {
  const { webhook } = invocation.hook;
  const { request, write, round, index } = about;
  checkDryRun(webhook, request);
  await prepareRequest(request, write, invocation.info);
  const place = `webhook.admission.k8s.io/round_${String(round)}_index_${String(index)}`;
  let mutated = false;
  try {
    const response = await ask(call, invocation, { request, write, mutating: true });
    if (!response.allowed) throw refusalOf(webhook.name, response.status);
    mutated = response.patch === undefined ? false : await patch(invocation, { request, write, place }, response);
  } catch (error) {
    settleFailure(error, { webhook, kind: 'mutating', round, index }, { write, request });
  } finally {
    request.annotate?.(
      `mutation.${place}`,
      JSON.stringify({ configuration: invocation.hook.configuration, webhook: webhook.name, mutated }),
    );
  }
  return mutated;
}

function operationsOf(text: string): unknown {
  try {
    return parseJson(text, false).value;
  } catch (error) {
    throw internalError(errorMessage(error));
  }
}

async function patch(
  { hook: { webhook, configuration }, info }: Invocation,
  { request, write, place }: { readonly request: AdmissionRequest; readonly write: WritePorts; readonly place: string },
  response: AdmissionResponse,
): Promise<boolean> {
  const { object } = request;
  const operations = operationsOf(response.patch ?? '[]');
  if (Array.isArray(operations) && operations.length === 0) return false;
  if (object === undefined)
    throw internalError(
      `admission webhook ${JSON.stringify(webhook.name)} attempted to modify the object, which is not ` +
        'supported for this operation',
    );
  if (response.patchType !== 'JSONPatch')
    throw new CallFailure(webhook.name, `unsupported patch type ${JSON.stringify(response.patchType ?? '')}`);
  let after: JsonObject;
  try {
    after = await takenBack(jsonPatch(shownObject(object, request, info), operations) as JsonObject, {
      request,
      info,
      ports: write,
    });
  } catch (error) {
    throw internalError(patchFailure(error) ?? errorMessage(error));
  }
  request.annotate?.(
    `patch.${place}`,
    JSON.stringify({ configuration, webhook: webhook.name, patch: operations, patchType: response.patchType }),
    'Request',
  );
  return replaceObject(object, after);
}
