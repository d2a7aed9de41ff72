/** Carries a delete request out, from its preconditions to its transaction. */
import {
  behaviourOf,
  conflict,
  deepClone,
  type JsonObject,
  type KubeObject,
  notFound,
  type ResourceInfo,
} from '../../api/index.ts';
import type { StoredRecord } from '../../state/index.ts';
import { admit, validateAdmission } from '../admission/chain.ts';
import { admissionContext, type AdmissionRequest } from '../admission/request.ts';
import type { DeletionOptions } from '../client.ts';
import { commit, putOperation } from '../stored/commit.ts';
import { converted, storable } from '../conversion/index.ts';
import { decideDeletion, type DeletionRules } from './deletion-decision.ts';
import { type Deletion, shownResult } from './deletion-result.ts';
import { keyOf } from '../stored/key.ts';
import { awaitRevision } from '../reading/listing.ts';
import { resourceOf } from '../writing/metadata.ts';
import type { WritePorts } from '../ports.ts';
import { removeObject } from './removal.ts';
import type { DeleteResult, Target, WriteContext } from '../service.ts';
import { beginTwoStepDeletion } from './two-step-deletion.ts';
import { recordFor, storageInfo } from '../stored/versions.ts';

/** DELETE of one object. */
export async function deleteObject(
  ports: WritePorts,
  target: Target,
  options: DeletionOptions,
  context: WriteContext,
): Promise<DeleteResult> {
  const { info, namespace, name } = target;
  const key = keyOf(info, namespace, name);
  warnOfDeletion(target, options, { context, object: ports.store.get(key)?.object<KubeObject>() });
  let fresh = false;
  for (;;) {
    const record = ports.store.get(key);
    if (
      record === undefined ||
      (!fresh && options.resourceVersion !== undefined && options.resourceVersion !== String(record.revision))
    ) {
      if (fresh) throw notFound(resourceOf(info), name);
      await awaitRevision(ports.store, undefined);
      fresh = true;
      continue;
    }
    await converted(ports, info, [record]);
    const shown = recordFor(info, record);
    checkPreconditions(info, shown.object<KubeObject>(), options);
    await admitDeletion(ports, { target, context, options, old: shown.object<KubeObject>() });
    const result = await tryDelete(ports, { target, options, context, record });
    if (result !== undefined) return result;
  }
}

function warnOfDeletion(
  { info }: Target,
  { propagation }: DeletionOptions,
  about: { readonly context: WriteContext; readonly object: KubeObject | undefined },
): void {
  const object = about.object ?? { apiVersion: '', kind: info.kind, metadata: {} };
  const warnings = behaviourOf(info).deletionWarnings?.(object, propagation) ?? [];
  for (const text of warnings) about.context.warn(text);
}

function checkPreconditions(info: ResourceInfo, object: KubeObject, options: DeletionOptions): void {
  const { name = '', uid = '', resourceVersion = '' } = object.metadata;
  const kind = { group: info.storage.group, resource: info.kind };
  if (options.uid !== undefined && options.uid !== uid) {
    throw conflict(
      kind,
      name,
      `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object ` +
        'might have been deleted and then recreated',
    );
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    throw conflict(
      kind,
      name,
      `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ` +
        `ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
}

interface DeletionAdmission {
  readonly target: Target;
  readonly context: WriteContext;
  readonly options: DeletionOptions;
  readonly old: KubeObject | undefined;
}

/** Runs admission for a deletion, or for a whole collection (`old` undefined). */
export async function admitDeletion(
  ports: WritePorts,
  { target, context, options, old }: DeletionAdmission,
): Promise<void> {
  const { info, namespace, name } = target;
  const request: AdmissionRequest = {
    operation: 'DELETE',
    info,
    subresource: '',
    namespace: info.namespaced ? namespace : undefined,
    name,
    object: undefined,
    old,
    ...admissionContext(context),
    options: { ...options },
  };
  const waiting = admit(ports, request);
  if (waiting !== undefined) await waiting;
  const validating = validateAdmission(ports, request);
  if (validating !== undefined) await validating;
}

/** One try; undefined when another writer came first. */
async function tryDelete(ports: WritePorts, deletion: Deletion): Promise<DeleteResult | undefined> {
  const {
    target: { info },
    options,
    record,
  } = deletion;
  const object = record.object<KubeObject>();
  if (behaviourOf(info).beginDeletion !== undefined) {
    const begun = await beginTwoStepDeletion(ports, deletion);
    if (begun !== 'remove') return begun;
  }
  const rules = rulesOf(info, object, options);
  const decision = decideDeletion({ object, options, rules, nowMs: ports.clock.now() });
  if (decision.type === 'pending') return shownResult(ports, info, 'deleting', record);
  if (decision.type === 'remove') return remove(ports, deletion, record);
  const marked = await mark(ports, deletion, decision.metadata);
  if (marked === undefined || decision.type === 'mark')
    return marked === undefined ? undefined : shownMarked(ports, info, marked);
  if (marked.record === undefined) return { type: 'deleted', object: marked.object };
  return remove(ports, deletion, marked.record);
}

function rulesOf(info: ResourceInfo, object: KubeObject, options: DeletionOptions): DeletionRules {
  const { gracePeriodSeconds, defaultPropagation = 'Background' } = behaviourOf(storageInfo(info));
  return {
    graceful: gracePeriodSeconds !== undefined,
    graceSeconds: gracePeriodSeconds?.(object, options.gracePeriodSeconds) ?? 0,
    defaultPropagation,
  };
}

interface Marked {
  readonly object: KubeObject;
  readonly record?: StoredRecord | undefined;
}

async function mark(
  ports: WritePorts,
  { record, context, target: { info } }: Deletion,
  metadata: JsonObject,
): Promise<Marked | undefined> {
  const object: JsonObject = { ...record.object<JsonObject>(), metadata };
  if (context.dryRun) return { object: deepClone(object) as KubeObject };
  const storage = storageInfo(info);
  await storable(ports, storage, object);
  const put = putOperation({ info: storage, object });
  const result = await commit(ports, { compares: [{ key: record.key, revision: record.revision }], operations: [put] });
  if (!result.committed) return undefined;
  const stored = result.records[0] as StoredRecord;
  return {
    get object() {
      return stored.object<KubeObject>();
    },
    record: stored,
  };
}

async function remove(
  ports: WritePorts,
  { context, target: { info } }: Deletion,
  record: StoredRecord,
): Promise<DeleteResult | undefined> {
  if (context.dryRun) return shownResult(ports, info, 'deleted', record);
  const removed = await removeObject(ports, info, record);
  return removed === undefined ? undefined : shownResult(ports, info, 'deleted', removed);
}

async function shownMarked(ports: WritePorts, info: ResourceInfo, marked: Marked): Promise<DeleteResult> {
  return marked.record === undefined
    ? { type: 'deleting', object: marked.object }
    : shownResult(ports, info, 'deleting', marked.record);
}
