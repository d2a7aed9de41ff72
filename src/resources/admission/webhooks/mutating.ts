import { behaviourOf, conformObject, deepClone, deepEqual, internalError, type JsonObject, jsonPatch, type ResourceInfo } from '../../../api/index.ts';
import { errorMessage } from '../../../base/index.ts';
import type { AdmissionPlugin, WritePath } from '../../ports.ts';
import { convertsByWebhook, prepareForms, prepareRequest } from '../converted-forms.ts';
import type { AdmissionRequest } from '../request.ts';
import { inVersion, shownObject } from '../request-attributes.ts';
import type { WebhookCall } from '../../webhook-client.ts';
import { ask, CallFailure } from './client.ts';
import { checkDryRun, settleFailure } from './failure.ts';
import { hookRegistry } from './hook.ts';
import { type ConditionMatcher, type Invocation, invocationOf, isExempt } from './matching.ts';
import { type AdmissionResponse, refusalOf } from './review.ts';

export interface WebhookPorts {
  readonly call: WebhookCall;
  /** Evaluates match conditions. Absent: as Kubernetes does. */
  readonly matches?: ConditionMatcher;
}

/** What is remembered of the hooks of one request (upstream's reinvocation contexts). */
interface Progress {
  /** Hooks that want to look again when something changes after them. */
  readonly mayLookAgain: Set<string>;
  /** Those of them after whose turn something did change. */
  readonly lookAgain: Set<string>;
}

/**
 * Calls the mutating webhooks, one after the other. When one of them changed the object, all other mutating plug-ins run once
 * more, and so do the hooks before it that ask for it (`reinvocationPolicy: IfNeeded`).
 */
export function mutatingWebhooks(ports: WebhookPorts): AdmissionPlugin {
  const hooks = hookRegistry('mutatingwebhookconfigurations');
  const plugin: AdmissionPlugin = {
    name: 'MutatingAdmissionWebhook',
    admit(request, path) {
      if (hooks(path.store).length === 0 || isExempt(request)) return undefined;
      return both(request, path);
    },
  };
  async function both(request: AdmissionRequest, path: WritePath): Promise<void> {
    const progress: Progress = { mayLookAgain: new Set(), lookAgain: new Set() };
    if (!(await round(request, path, { progress, again: false }))) return;
    const after = deepClone(request.object);
    for (const other of path.admission) if (other !== plugin) await other.admit?.(request, path);
    if (!deepEqual(after, request.object)) for (const id of progress.mayLookAgain) progress.lookAgain.add(id);
    await round(request, path, { progress, again: true });
  }
  /** Whether a hook changed the object. */
  async function round(request: AdmissionRequest, path: WritePath, { progress, again }: { readonly progress: Progress; readonly again: boolean }): Promise<boolean> {
    let changed = false;
    for (const [index, hook] of hooks(path.store).entries()) {
      if (again && !progress.lookAgain.has(hook.id)) continue;
      const invocation = await invocationOf(hook, request, { path, matcher: ports.matches });
      if (invocation === undefined) continue;
      if (await mutate(ports.call, invocation, { request, path, round: again ? 1 : 0, index })) {
        changed = true;
        for (const id of progress.mayLookAgain) progress.lookAgain.add(id);
      }
      if (hook.webhook.reinvocationPolicy === 'IfNeeded') progress.mayLookAgain.add(hook.id);
    }
    return changed;
  }
  return plugin;
}

/** One call. Resolves with whether it changed the object. */
async function mutate(call: WebhookCall, invocation: Invocation, about: { readonly request: AdmissionRequest; readonly path: WritePath; readonly round: number; readonly index: number }): Promise<boolean> {
  const { webhook } = invocation.hook;
  const { request, path, round, index } = about;
  checkDryRun(webhook, request);
  await prepareRequest(request, path, invocation.info);
  try {
    const response = await ask(call, invocation, { request, path, mutating: true });
    if (!response.allowed) throw refusalOf(webhook.name, response.status);
    const mutated = response.patch === undefined ? false : await patch(invocation, { request, path }, response);
    request.annotate?.(`mutation.webhook.admission.k8s.io/round_${String(round)}_index_${String(index)}`, JSON.stringify({ configuration: invocation.hook.configuration, webhook: webhook.name, mutated }));
    return mutated;
  } catch (error) {
    settleFailure(error, { webhook, kind: 'mutating', round, index }, { path, request });
    return false;
  }
}

async function patch({ hook: { webhook }, info }: Invocation, { request, path }: { readonly request: AdmissionRequest; readonly path: WritePath }, response: AdmissionResponse): Promise<boolean> {
  const { object } = request;
  if (object === undefined) throw internalError(`admission webhook ${JSON.stringify(webhook.name)} attempted to modify the object, which is not supported for this operation`);
  if (response.patchType !== 'JSONPatch') throw new CallFailure(webhook.name, `unsupported patch type ${JSON.stringify(response.patchType ?? '')}`);
  let after: JsonObject;
  try {
    after = await takenBack(jsonPatch(shownObject(object, request, info), JSON.parse(response.patch ?? '[]')) as JsonObject, { object, request, info, path });
  } catch (error) {
    throw internalError(errorMessage(error));
  }
  if (deepEqual(after, object)) return false;
  for (const field of Object.keys(object)) delete object[field];
  Object.assign(object, after);
  return true;
}

/** The way back of what the webhook was shown. */
async function takenBack(patched: JsonObject, { object, request, info, path }: { readonly object: JsonObject; readonly request: AdmissionRequest; readonly info: ResourceInfo; readonly path: WritePath }): Promise<JsonObject> {
  if (object['kind'] !== request.info.kind) return patched;
  if (request.subresource !== 'scale') {
    if (convertsByWebhook(info, request.info)) await prepareForms(request, path, { to: request.info, objects: [patched] });
    return reread(inVersion(patched, { from: info, to: request.info, request }), request.info);
  }
  const replicas = (patched['spec'] as JsonObject | undefined)?.['replicas'] ?? 0;
  return { ...object, spec: { ...(object['spec'] as JsonObject), replicas } };
}

/** What a webhook made is read like a body: checked, in order, with its defaults. */
function reread(value: JsonObject, info: ResourceInfo): JsonObject {
  const refuse = (message: string): Error => new Error(message);
  const { object } = info.custom === undefined ? conformObject(info.type, value) : info.custom.conform(value, refuse);
  behaviourOf(info).defaults?.(object);
  return object;
}
