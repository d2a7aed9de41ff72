/** The subresource pods/binding. */
import {
  aggregateText,
  badRequest,
  conflict,
  type FieldError,
  fieldErrorText,
  type JsonObject,
  metadataOf,
  notFound,
  notSupported,
  type Pod,
  required,
  resources,
  timeText,
} from '../../api/index.ts';
import { admit, validateAdmission } from '../admission/chain.ts';
import { admissionContext, type AdmissionRequest } from '../admission/request.ts';
import { decodeBody, settleNamespace } from '../writing/body.ts';
import { commit, putOperation } from '../stored/commit.ts';
import { keyOf } from '../stored/key.ts';
import { resourceOf, textOf } from '../writing/metadata.ts';
import { podsInfo } from './pods.ts';
import type { WritePorts } from '../ports.ts';
import type { RequestBody, Target, WriteContext, WriteResult } from '../service.ts';
import { successStatus } from './success.ts';

const bindingType = 'core/v1.Binding';

/** POST of pods/{name}/binding, or of bindings (name '' there): gives a pod to a node. */
export async function createBinding(
  ports: WritePorts,
  target: Target,
  body: RequestBody,
  context: WriteContext,
): Promise<WriteResult> {
  const binding = decodeBody(body, bindingType, context);
  settleNamespace({ namespaced: true }, target.namespace, binding);
  const metadata = metadataOf(binding);
  const name = textOf(metadata['name']);
  if (target.name !== '' && target.name !== name) throw badRequest('name in URL does not match name in Binding object');
  const errors = bindingErrors(binding);
  if (errors.length > 0)
    throw badRequest(aggregateText(errors.map((error) => `${error.field}: ${fieldErrorText(error)}`)));
  const info = podsInfo();
  const request: AdmissionRequest = {
    operation: 'CREATE',
    info,
    subresource: 'binding',
    namespace: target.namespace,
    name,
    object: binding,
    old: undefined,
    ...admissionContext(context),
  };
  await admit(ports, request);
  await validateAdmission(ports, request);
  await bind(ports, { namespace: target.namespace ?? '', name, binding, dryRun: context.dryRun });
  return { object: successStatus(201), created: true };
}

function bindingErrors(binding: JsonObject): FieldError[] {
  const { kind = '', name = '' } = (binding['target'] ?? {}) as JsonObject;
  const errors: FieldError[] = [];
  if (kind !== '' && kind !== 'Node') errors.push(notSupported('target.kind', textOf(kind), ['Node', '<empty>']));
  if (name === '') errors.push(required('target.name'));
  return errors;
}

interface Bind {
  readonly namespace: string;
  readonly name: string;
  readonly binding: JsonObject;
  readonly dryRun: boolean;
}

async function bind(ports: WritePorts, { namespace, name, binding, dryRun }: Bind): Promise<void> {
  const info = podsInfo();
  const key = keyOf(info, namespace, name);
  for (;;) {
    let record = ports.store.get(key);
    if (record === undefined) {
      await ports.store.readBarrier();
      record = ports.store.get(key);
    }
    if (record === undefined) throw notFound(resourceOf(info), name);
    const pod = record.object<Pod>();
    checkBindable(pod, name, metadataOf(binding));
    if (dryRun) return;
    const put = putOperation({ info, object: boundPod(pod, binding, ports.clock.now()) });
    const result = await commit(ports, { compares: [{ key, revision: record.revision }], operations: [put] });
    if (result.committed) return;
  }
}

function checkBindable(pod: Pod, name: string, wanted: JsonObject): void {
  const refuse = (reason: string): Error => conflict({ group: '', resource: 'pods/binding' }, name, reason);
  checkPreconditions(pod, wanted);
  if (pod.metadata.deletionTimestamp !== undefined)
    throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  const node = pod.spec.nodeName ?? '';
  if (node !== '') throw refuse(`pod ${name} is already assigned to node "${node}"`);
  if ((pod.spec.schedulingGates ?? []).length > 0) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`);
}

/** The pod must be the very one that the binding means. */
function checkPreconditions({ metadata }: Pod, wanted: JsonObject): void {
  const { name = '', namespace = '' } = metadata;
  for (const [field, title] of [
    ['uid', 'UID'],
    ['resourceVersion', 'ResourceVersion'],
  ] as const) {
    const [asked, found] = [textOf(wanted[field]), metadata[field] ?? ''];
    if (asked === '' || asked === found) continue;
    throw conflict(
      resources.pods,
      name,
      `StorageError: invalid object, Code: 4, Key: /registry/pods/${namespace}/${name}, ResourceVersion: 0, ` +
        `AdditionalErrorMsg: Precondition failed: ${title} in precondition: ${asked}, ${title} in object ` +
        `meta: ${found}`,
    );
  }
}

function boundPod(pod: Pod, binding: JsonObject, nowMs: number): JsonObject {
  const { annotations, labels } = metadataOf(binding);
  const metadata: JsonObject = { ...pod.metadata };
  for (const [field, added] of [
    ['annotations', annotations],
    ['labels', labels],
  ] as const) {
    if (typeof added === 'object' && added !== null && Object.keys(added).length > 0)
      metadata[field] = { ...(metadata[field] as JsonObject | undefined), ...added };
  }
  const conditions = (pod.status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: timeText(nowMs) };
  const { name } = binding['target'] as JsonObject;
  return {
    ...pod,
    metadata,
    spec: { ...pod.spec, nodeName: name },
    status: { ...pod.status, conditions: [...conditions, scheduled] },
  };
}
