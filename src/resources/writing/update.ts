/** Updates objects, and tries again while other writers come first. */
import {
  behaviourOf,
  conflict,
  deepClone,
  deepEqual,
  type FieldError,
  invalid,
  invalidError,
  type JsonObject,
  keepManagedTimes,
  type KubeObject,
  notFound,
  type ResourceInfo,
  StatusError,
  type SubresourceBehaviour,
  timeText,
  verbatim,
  metadataOf,
} from '../../api/index.ts';
import type { Steps } from '../../base/index.ts';
import type { StoredRecord } from '../../state/index.ts';
import { type Allocation, nothingAllocated } from '../allocation/index.ts';
import { admit, validateAdmission } from '../admission/chain.ts';
import { admissionContext, type AdmissionRequest } from '../admission/request.ts';
import { checkName, resourceSteps, settleNamespace } from './body.ts';
import { canonical, checkFence, commit, putSteps } from '../stored/commit.ts';
import { converted, storable } from '../conversion/index.ts';
import { completeObject } from './defaults.ts';
import { expiryOf, insertObject } from './creation.ts';
import { keyOf, registryKey } from '../stored/key.ts';
import { parseResourceVersion } from '../reading/list-options.ts';
import { awaitRevision } from '../reading/listing.ts';
import { keepSystemMetadata, mergeOwners, refuseInvalid, resourceOf, textOf } from './metadata.ts';
import { changedMetadataErrors } from './metadata-checks.ts';
import { ownershipSteps } from './ownership.ts';
import type { WritePorts } from '../ports.ts';
import { chargeQuotas } from '../quota/index.ts';
import { removeObject } from '../deletion/removal.ts';
import { committedResult, madeResult, storedResult } from './result.ts';
import type { RequestBody, Target, WriteContext, WriteResult } from '../service.ts';
import { bytesOfBody, isDivided, stepped, type Turn, turnOf } from './turn.ts';
import { subresourceBehaviour } from './subresource-behaviour.ts';
import { isCurrent, recordFor } from '../stored/versions.ts';

/** Tries before a write that names no resourceVersion gives up against other writers. */
const triesMax = 10;
const nothingCharged = { compares: [], operations: [] };

/** A change of one object: what it becomes, computed anew from what is stored whenever another writer came first. */
interface Change {
  readonly target: Target;
  readonly context: WriteContext;
  /**
   * The new object in the version of the request, fresh and changeable. `existing` is undefined when there is none to
   * change.
   */
  readonly modify: (existing: KubeObject | undefined, turn: Turn) => JsonObject | Promise<JsonObject>;
  /** The request's body. */
  readonly bodyBytes: number;
  /** The UID that the stored object must have. */
  readonly uid?: string | undefined;
  /** A missing object is created. */
  readonly createsMissing: boolean;
  /** managedFields are settled by `modify` (server-side apply). */
  readonly owned?: boolean | undefined;
}

/** PUT of an object or of a subresource that writes its object. */
export async function updateObject(
  ports: WritePorts,
  target: Target,
  body: RequestBody,
  context: WriteContext,
): Promise<WriteResult> {
  const { info, namespace, name } = target;
  const behaviour = behaviourOf(info);
  const bodyBytes = bytesOfBody(info, body);
  const turn = turnOf(ports, context, bodyBytes);
  const decoding = stepped(resourceSteps(body, info, context), turn);
  const decoded = decoding instanceof Promise ? await decoding : decoding;
  if (turn !== undefined) await turn();
  settleNamespace(info, namespace, decoded);
  checkName(decoded, name);
  completeObject(ports.settings, info, decoded);
  const uid = textOf(metadataOf(decoded)['uid']);
  const createsMissing = behaviour.allowCreateOnUpdate === true && target.subresource === '';
  return await changeObject(ports, {
    target,
    context,
    modify: () => deepClone(decoded),
    bodyBytes,
    createsMissing,
    ...(uid === '' ? {} : { uid }),
  });
}

/**
 * Reads, changes, checks and writes until the write rests on what it read (registry Store.Update and etcd3
 * GuaranteedUpdate).
 */
export async function changeObject(ports: WritePorts, change: Change): Promise<WriteResult> {
  const { info, namespace, name } = change.target;
  const key = keyOf(info, namespace, name);
  let fresh = false;
  for (let tries = 1; ; tries++) {
    const record = ports.store.get(key);
    try {
      if (change.uid !== undefined) checkUid(change, record);
      const result = record === undefined ? await createMissing(ports, change) : await tryChange(ports, change, record);
      if (result !== undefined) return result;
    } catch (error) {
      if (fresh || !mayBeStale(error, record)) throw error;
      // This replica may lag behind what the client has seen elsewhere: a refusal counts only on the newest state.
      await awaitRevision(ports.store, undefined);
      fresh = true;
      if (ports.store.get(key) === record) throw error;
    }
    if (tries >= triesMax) throw conflict(resourceOf(info), name);
  }
}

/** Who may not create an object may change the one that is there. */
function mayBeStale(error: unknown, record: StoredRecord | undefined): boolean {
  if (!(error instanceof StatusError)) return false;
  const { reason } = error;
  return reason === 'NotFound' || reason === 'Conflict' || (reason === 'Forbidden' && record === undefined);
}

function checkUid({ target: { info, namespace, name }, uid }: Change, record: StoredRecord | undefined): void {
  const found = record?.index.uid ?? '';
  if (found === uid) return;
  const where = registryKey(info, namespace, name);
  throw conflict(
    resourceOf(info),
    name,
    `StorageError: invalid object, Code: 4, Key: ${where}, ResourceVersion: 0, ` +
      `AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid ?? ''}, UID in object meta: ${found}`,
  );
}

async function createMissing(ports: WritePorts, change: Change): Promise<WriteResult> {
  const {
    target: { info, namespace, name },
    context,
    bodyBytes: bytes,
  } = change;
  if (!change.createsMissing) throw notFound(resourceOf(info), name);
  await context.mayCreate?.();
  const made = change.modify(undefined, turnOf(ports, context, bytes));
  const object = made instanceof Promise ? await made : made;
  checkName(object, name);
  delete metadataOf(object)['resourceVersion'];
  return insertObject(ports, {
    info,
    namespace: info.namespaced ? namespace : undefined,
    object,
    context,
    owned: change.owned === true,
    bytes,
  });
}

/** One try. Undefined: another writer came first and the object is to be read again. */
async function tryChange(ports: WritePorts, change: Change, record: StoredRecord): Promise<WriteResult | undefined> {
  const { target, context } = change;
  const { info } = target;
  const converting = converted(ports, info, [record]);
  if (converting !== undefined) await converting;
  const bytes = change.bodyBytes + record.bytes.byteLength;
  const turn = turnOf(ports, context, bytes);
  if (turn !== undefined) await turn();
  const existing = recordFor(info, record).object<KubeObject>();
  if (turn !== undefined) await turn();
  const made = change.modify(existing, turn);
  const object = made instanceof Promise ? await made : made;
  const metadata = metadataOf(object);
  checkName(object, target.name);
  const warning = mergeOwners(metadata);
  if (warning !== undefined) context.warn(warning);
  if (turn !== undefined) await turn();
  if (change.owned !== true) {
    const owned = { info, subresource: target.subresource, object, existing, context, large: isDivided(bytes) };
    const settling = stepped(ownershipSteps(ports, owned), turn);
    if (settling instanceof Promise) await settling;
  }
  if (turn !== undefined) await turn();
  const admission = admissionOf(change, object, existing);
  const waiting = admit(ports, admission);
  if (waiting !== undefined) await waiting;
  if (turn !== undefined) await turn();
  settleVersion(info, metadata, existing);
  const preparing = stepped(preparation(ports, change, { object, existing }), turn);
  if (preparing instanceof Promise) await preparing;
  const validating = validateAdmission(ports, admission);
  if (validating !== undefined) await validating;
  if (turn !== undefined) await turn();
  if (endsByUpdate(info, object, existing)) return removeByUpdate(ports, { change, object, record });
  const final = canonical(info, object);
  if (turn !== undefined) await turn();
  keepManagedTimes(final, existing);
  if (turn !== undefined) await turn();
  // A write that changes nothing still brings an object of an older version to the one in which objects are stored now.
  if (deepEqual(final, existing) && isCurrent(info, record)) {
    await checkFence(ports);
    return storedResult(info, record, false);
  }
  if (context.dryRun) {
    allocate(ports, change, final, existing);
    return madeResult(final, false);
  }
  if (turn !== undefined) await turn();
  return await write(ports, { change, object: final, record, existing, turn });
}

function admissionOf({ target, context }: Change, object: JsonObject, old: KubeObject): AdmissionRequest {
  const { info, namespace, name, subresource } = target;
  return {
    operation: 'UPDATE',
    info,
    subresource,
    namespace: info.namespaced ? namespace : undefined,
    name,
    object,
    old,
    ...admissionContext(context),
  };
}

/** Compares the resourceVersion of the request with the stored one; a request without one takes what is stored. */
function settleVersion(info: ResourceInfo, metadata: JsonObject, existing: KubeObject): void {
  const given = parseResourceVersion(textOf(metadata['resourceVersion'])) ?? 0;
  const name = existing.metadata.name ?? '';
  if (given === 0) {
    if (behaviourOf(info).allowUnconditionalUpdate === false) {
      throw invalidError({
        group: info.group,
        kind: info.resource,
        name,
        errors: [invalid('metadata.resourceVersion', verbatim('0x0'), 'must be specified for an update')],
      });
    }
    metadata['resourceVersion'] = existing.metadata.resourceVersion;
    return;
  }
  if (String(given) !== existing.metadata.resourceVersion) throw conflict(resourceOf(info), name);
}

function* preparation(
  ports: WritePorts,
  { target, context }: Change,
  { object, existing }: { readonly object: JsonObject; readonly existing: KubeObject },
): Steps<undefined> {
  const { info, subresource } = target;
  const behaviour = behaviourOf(info);
  // A Scale is written through the rules of the whole object.
  const way: SubresourceBehaviour =
    subresource === '' || subresource === 'scale' ? behaviour : subresourceBehaviour(info, subresource);
  const metadata = metadataOf(object);
  keepSystemMetadata(metadata, existing);
  way.prepareForUpdate?.(object, existing, timeText(ports.clock.now()));
  const updated = object as KubeObject;
  if (subresource === '') ports.allocator.check(info, object, { old: existing, dryRun: context.dryRun });
  yield;
  const inSteps = way === behaviour ? behaviour.validationSteps?.(updated, existing) : undefined;
  const ofKind =
    inSteps === undefined ? ((way.validateUpdate ?? behaviour.validate)?.(updated, existing) ?? []) : yield* inSteps;
  yield;
  const errors: FieldError[] = [...changedMetadataErrors(info, updated, existing, way.metadataChecks), ...ofKind];
  refuseInvalid(info, existing.metadata.name ?? '', errors);
  yield;
  for (const text of subresource === 'scale' ? [] : (way.warnings?.(updated, existing) ?? [])) context.warn(text);
  return undefined;
}

/** The last finalizer of an object that is being deleted went with this update, so the object goes too. */
function endsByUpdate(info: ResourceInfo, object: JsonObject, existing: KubeObject): boolean {
  const metadata = metadataOf(object);
  if (existing.metadata.deletionTimestamp === undefined) return false;
  if (Array.isArray(metadata['finalizers']) && metadata['finalizers'].length > 0) return false;
  if (behaviourOf(info).isHeld?.(object as KubeObject) === true) return false;
  return (existing.metadata.deletionGracePeriodSeconds ?? 0) === 0;
}

async function removeByUpdate(
  ports: WritePorts,
  { change, object, record }: { readonly change: Change; readonly object: JsonObject; readonly record: StoredRecord },
): Promise<WriteResult | undefined> {
  if (change.context.dryRun) return madeResult(object, false);
  const removed = await removeObject(ports, change.target.info, record);
  if (removed === undefined) return undefined;
  metadataOf(object)['resourceVersion'] = String(removed.revision);
  return madeResult(object, false);
}

/** Addresses, ports and ranges are of the specification: a subresource changes none of them. */
function allocate(
  ports: WritePorts,
  { target, context }: Change,
  object: JsonObject,
  existing: KubeObject,
): Allocation {
  return target.subresource === ''
    ? ports.allocator.update(target.info, object, existing, { dryRun: context.dryRun })
    : nothingAllocated;
}

interface Write {
  readonly change: Change;
  readonly object: JsonObject;
  readonly record: StoredRecord;
  readonly existing: KubeObject;
  readonly turn: Turn;
}

async function write(
  ports: WritePorts,
  { change, object, record, existing, turn }: Write,
): Promise<WriteResult | undefined> {
  const { info, namespace, name, subresource } = change.target;
  const allocation = allocate(ports, change, object, existing);
  const expiresAt = expiryOf(ports, info);
  // A change of status costs no quota, one of a pod's size does.
  const free = (subresource !== '' && subresource !== 'resize') || !info.namespaced;
  const charge = free ? nothingCharged : chargeQuotas(ports, { info, namespace, name, object, old: existing });
  const converting = storable(ports, info, object);
  if (converting !== undefined) await converting;
  const putting = stepped(putSteps({ info, object, expiresAt }), turn);
  const put = putting instanceof Promise ? await putting : putting;
  const compares = [{ key: record.key, revision: record.revision }, ...allocation.compares, ...charge.compares];
  const result = await commit(ports, { compares, operations: [put, ...allocation.operations, ...charge.operations] });
  return result.committed ? committedResult(ports, info, result.records[0] as StoredRecord, false) : undefined;
}
