/** The subresource pods/eviction. */
import {
  badRequest,
  findResource,
  forbiddenError,
  internalError,
  isConditionTrue,
  type JsonObject,
  type KubeObject,
  labelSelectorMatches,
  metadataOf,
  notFound,
  type Pod,
  type PodDisruptionBudget,
  type ResourceInfo,
  resources,
  StatusError,
  timeText,
} from '../../api/index.ts';
import { admit, validateAdmission } from '../admission/chain.ts';
import { admissionContext, type AdmissionRequest } from '../admission/request.ts';
import { decodeBody, settleNamespace } from '../writing/body.ts';
import { commit, putOperation } from '../stored/commit.ts';
import { askedDelete, type SettledDelete, settleDeleteOptions } from '../deletion/delete-options.ts';
import { deleteObject } from '../deletion/deletion.ts';
import { keyOf } from '../stored/key.ts';
import { resourceOf, textOf } from '../writing/metadata.ts';
import { podsInfo } from './pods.ts';
import type { WritePorts } from '../ports.ts';
import { readRecords } from '../stored/reading.ts';
import type { RequestBody, Target, WriteContext, WriteResult } from '../service.ts';
import { successStatus } from './success.ts';
import { evictionVerdict, ignoresBudgets } from './eviction-verdict.ts';

const budgets = resources.podDisruptionBudgets;

/** POST of pods/{name}/eviction: a deletion that asks the pod's disruption budget first. */
export async function createEviction(
  ports: WritePorts,
  target: Target,
  body: RequestBody,
  context: WriteContext,
): Promise<WriteResult> {
  const eviction = decodeBody(body, 'policy/v1.Eviction', context, ['policy/v1beta1']);
  settleNamespace({ namespaced: true }, target.namespace, eviction);
  if (textOf(metadataOf(eviction)['name']) !== target.name)
    throw badRequest('name in URL does not match name in Eviction object');
  const request: AdmissionRequest = {
    operation: 'CREATE',
    info: target.info,
    subresource: 'eviction',
    namespace: target.namespace,
    name: target.name,
    object: eviction,
    old: undefined,
    ...admissionContext(context),
  };
  await admit(ports, request);
  await validateAdmission(ports, request);
  const { options, dryRun } = deletionOf(eviction, context.dryRun);
  const writing = { ...context, dryRun };
  if ((await useBudget(ports, target, writing)) === 'several') return { object: severalBudgets, created: true };
  if (!dryRun) await markDisrupted(ports, target);
  await deleteObject(
    ports,
    { info: podsInfo(), namespace: target.namespace, name: target.name, subresource: '' },
    options,
    writing,
  );
  return { object: successStatus(201), created: true };
}

/** Upstream answers so, with the status of a success. */
const severalBudgets: KubeObject = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  code: 500,
};

/** How the pod is to be deleted; a dry run may be asked for in either place. */
function deletionOf(eviction: JsonObject, dryRun: boolean): SettledDelete {
  const asked = askedDelete((eviction['deleteOptions'] ?? {}) as JsonObject);
  if (dryRun && asked.dryRun.length > 0 && asked.dryRun.join() !== 'All') {
    throw badRequest(`Non-matching dry-run options in request and content: [All] and [${asked.dryRun.join(' ')}]`);
  }
  const settled = settleDeleteOptions(asked);
  return { ...settled, dryRun: settled.dryRun || dryRun };
}

/** Takes one disruption of the pod's budget, if it has one. */
async function useBudget(
  ports: WritePorts,
  { namespace, name }: Target,
  { dryRun }: Pick<WriteContext, 'dryRun'>,
): Promise<'free' | 'several'> {
  const info = podsInfo();
  for (;;) {
    const pod = ports.store.get(keyOf(info, namespace, name))?.object<Pod>();
    if (pod === undefined) throw notFound(resourceOf(info), name);
    if (ignoresBudgets(pod)) return 'free';
    const matching = readRecords(ports.store, budgets, namespace).filter((record) =>
      labelSelectorMatches(record.object<PodDisruptionBudget>().spec.selector, pod.metadata.labels),
    );
    if (matching.length > 1) return 'several';
    const record = matching[0];
    if (record === undefined) return 'free';
    const budget = record.object<PodDisruptionBudget>();
    const verdict = evictionVerdict(pod, budget);
    if (verdict.type === 'free') return 'free';
    if (verdict.type === 'forbidden')
      throw forbiddenError({ group: 'policy', resource: 'poddisruptionbudget' }, budget.metadata.name, verdict.message);
    if (verdict.type === 'refused') throw refusal(verdict.message, verdict.retryAfterSeconds);
    if (dryRun) return 'free';
    const object = spentBudget(budget, name, ports.clock.now());
    const result = await commit(ports, {
      compares: [{ key: record.key, revision: record.revision }],
      operations: [putOperation({ info: budgetsInfo(), object })],
    });
    if (result.committed) return 'free';
  }
}

/** The pod tells why it goes, for controllers that treat disruptions apart from failures (KEP-3329). */
async function markDisrupted(ports: WritePorts, { namespace, name }: Target): Promise<void> {
  const info = podsInfo();
  for (;;) {
    const record = ports.store.get(keyOf(info, namespace, name));
    if (record === undefined) return;
    const pod = record.object<Pod>();
    const { conditions = [] } = pod.status;
    if (isConditionTrue(conditions, 'DisruptionTarget')) return;
    const target = {
      type: 'DisruptionTarget',
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: timeText(ports.clock.now()),
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    };
    const object: JsonObject = {
      ...pod,
      status: { ...pod.status, conditions: [...conditions.filter(({ type }) => type !== 'DisruptionTarget'), target] },
    };
    const result = await commit(ports, {
      compares: [{ key: record.key, revision: record.revision }],
      operations: [putOperation({ info, object })],
    });
    if (result.committed) return;
  }
}

function budgetsInfo(): ResourceInfo {
  const info = findResource('policy', 'v1', 'poddisruptionbudgets');
  if (info === undefined) throw internalError('PodDisruptionBudget is not a known kind');
  return info;
}

function spentBudget(budget: PodDisruptionBudget, pod: string, nowMs: number): JsonObject {
  const { status } = budget;
  return {
    ...budget,
    status: {
      ...status,
      disruptionsAllowed: status.disruptionsAllowed - 1,
      disruptedPods: { ...status.disruptedPods, [pod]: timeText(nowMs) },
    },
  };
}

function refusal(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError('TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    details: {
      causes: [{ reason: 'DisruptionBudget', message }],
      ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
    },
  });
}
