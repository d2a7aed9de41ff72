/** Creates objects. */
import {
  behaviourOf,
  deepClone,
  generateNameConflict,
  type JsonObject,
  type KubeObject,
  type ResourceInfo,
  serverTimeout,
  StatusError,
  timeText,
  badRequest,
  metadataOf,
} from '../../api/index.ts';
import type { Steps } from '../../base/index.ts';
import type { Compare, StoredRecord } from '../../state/index.ts';
import { admit, validateAdmission } from '../admission/chain.ts';
import { admissionContext, type AdmissionRequest } from '../admission/request.ts';
import { checkNamespaceIsOpen, namespaceGuard } from '../admission/namespace-lifecycle.ts';
import { resourceSteps, settleNamespace } from './body.ts';
import { storable } from '../conversion/index.ts';
import { canonical, commit, putSteps } from '../stored/commit.ts';
import { keyOf } from '../stored/key.ts';
import {
  generatedName,
  mergeOwners,
  refuseInvalid,
  resourceOf,
  stampNew,
  takenError,
  textOf,
  wipeSystemMetadata,
} from './metadata.ts';
import { completeObject } from './defaults.ts';
import { newMetadataErrors } from './metadata-checks.ts';
import { ownershipSteps } from './ownership.ts';
import type { WritePorts } from '../ports.ts';
import { chargeQuotas } from '../quota/index.ts';
import { committedResult, madeResult } from './result.ts';
import type { RequestBody, Target, WriteContext, WriteResult } from '../service.ts';
import { bytesOfBody, isDivided, stepped, turnOf } from './turn.ts';

/** Names that are made before one gives up, and tries against writers who take the same address or share of a quota. */
const namesMax = 8;
const triesMax = 64;

/** A new object on its way into the store, in the version of the request. `object` is changed on the way. */
interface NewObject {
  readonly info: ResourceInfo;
  readonly namespace: string | undefined;
  readonly object: JsonObject;
  readonly context: WriteContext;
  /** managedFields are there already (server-side apply). */
  readonly owned?: boolean | undefined;
  /** Bytes that each step of the work looks at. */
  readonly bytes: number;
}

/** POST of an object. */
export async function createObject(
  ports: WritePorts,
  target: Target,
  body: RequestBody,
  context: WriteContext,
): Promise<WriteResult> {
  const { info, namespace } = target;
  const bytes = bytesOfBody(info, body);
  const turn = turnOf(ports, context, bytes);
  const decoding = stepped(resourceSteps(body, info, context), turn);
  const object = decoding instanceof Promise ? await decoding : decoding;
  if (turn !== undefined) await turn();
  settleNamespace(info, namespace, object);
  wipeSystemMetadata(metadataOf(object));
  completeObject(ports.settings, info, object);
  if (turn !== undefined) await turn();
  return await insertObject(ports, {
    info,
    namespace: info.namespaced ? namespace : undefined,
    object,
    context,
    bytes,
  });
}

/** The way of every new object: ownership, admission, preparation, validation, one transaction. */
export async function insertObject(ports: WritePorts, request: NewObject): Promise<WriteResult> {
  const { info, object, context } = request;
  if (info.custom?.terminating === true) throw endingError(info);
  const metadata = metadataOf(object);
  const generated = textOf(metadata['name']) === '' && textOf(metadata['generateName']) !== '';
  const warning = mergeOwners(metadata);
  if (warning !== undefined) context.warn(warning);
  const turn = turnOf(ports, context, request.bytes);
  if (request.owned !== true) {
    const settling = stepped(ownershipSteps(ports, { info, object, context, large: isDivided(request.bytes) }), turn);
    if (settling instanceof Promise) await settling;
  }
  if (turn !== undefined) await turn();
  const admission = admissionOf(request);
  const waiting = admit(ports, admission);
  if (waiting !== undefined) await waiting;
  if (turn !== undefined) await turn();
  const preparing = stepped(preparingNew(ports, request, generated), turn);
  if (preparing instanceof Promise) await preparing;
  const validating = validateAdmission(ports, { ...admission, name: textOf(metadata['name']) });
  if (validating !== undefined) await validating;
  if (textOf(metadata['resourceVersion']) !== '')
    throw badRequest('resourceVersion should not be set on objects to be created');
  if (turn !== undefined) await turn();
  return context.dryRun ? rehearse(ports, request) : await store(ports, request, generated);
}

function endingError({ group, resource }: ResourceInfo): StatusError {
  return new StatusError('MethodNotAllowed', 'create not allowed while custom resource definition is terminating', {
    details: { group, kind: resource },
  });
}

function admissionOf({ info, namespace, object, context }: NewObject): AdmissionRequest {
  const name = textOf(metadataOf(object)['name']);
  return {
    operation: 'CREATE',
    info,
    subresource: '',
    namespace,
    name,
    object,
    old: undefined,
    ...admissionContext(context),
  };
}

function* preparingNew(
  ports: WritePorts,
  { info, namespace, object, context }: NewObject,
  generated: boolean,
): Steps<undefined> {
  const behaviour = behaviourOf(info);
  const metadata = metadataOf(object);
  stampNew(metadata, { uid: ports.random.uuid(), now: timeText(ports.clock.now()), namespace });
  if (generated) metadata['name'] = generatedName(textOf(metadata['generateName']), ports.random);
  for (const text of behaviour.prepareForCreate?.(object, context.user) ?? []) context.warn(text);
  addFinalizers(metadata, behaviour.finalizersOnCreate);
  const name = textOf(metadata['name']);
  const checked = object as KubeObject;
  ports.allocator.check(info, object, context);
  yield;
  const inSteps = behaviour.validationSteps?.(checked);
  const errors = inSteps === undefined ? (behaviour.validate?.(checked) ?? []) : yield* inSteps;
  yield;
  refuseInvalid(info, name, [...newMetadataErrors(info, checked), ...errors]);
  yield;
  for (const text of behaviour.warnings?.(checked) ?? []) context.warn(text);
  return undefined;
}

function addFinalizers(metadata: JsonObject, finalizers: readonly string[] | undefined): void {
  if (finalizers === undefined || finalizers.length === 0) return;
  const present = Array.isArray(metadata['finalizers']) ? (metadata['finalizers'] as string[]) : [];
  metadata['finalizers'] = [...present, ...finalizers.filter((finalizer) => !present.includes(finalizer))];
}

function rehearse(ports: WritePorts, { info, namespace, object }: NewObject): WriteResult {
  const name = textOf(metadataOf(object)['name']);
  const existing = ports.store.get(keyOf(info, namespace, name));
  if (existing !== undefined) throw takenError(info, existing.object<KubeObject>(), name);
  ports.allocator.create(info, object, { dryRun: true });
  chargeQuotas(ports, { info, namespace, name, object });
  return madeResult(canonical(info, object), true);
}

/** Stores the object; a name that is taken is an error, or, when the server makes names, a reason for another one. */
async function store(ports: WritePorts, request: NewObject, generated: boolean): Promise<WriteResult> {
  const { info, namespace, object } = request;
  const metadata = metadataOf(object);
  const expiresAt = expiryOf(ports, info);
  let names = 1;
  for (let tries = 1; ; tries++) {
    const draft = behaviourOf(info).allocates !== undefined ? deepClone(object) : object;
    const allocation = ports.allocator.create(info, draft, { dryRun: false });
    const charge = chargeQuotas(ports, { info, namespace, name: textOf(metadata['name']), object: draft });
    const converting = storable(ports, info, draft);
    if (converting !== undefined) await converting;
    const putting = stepped(
      putSteps({ info, object: draft, expiresAt }),
      turnOf(ports, request.context, request.bytes),
    );
    const put = putting instanceof Promise ? await putting : putting;
    const guards = namespaceGuard(ports.store, info, namespace);
    const compares: Compare[] = [
      { key: put.key, revision: 0 as Compare['revision'] },
      ...guards,
      ...allocation.compares,
      ...charge.compares,
    ];
    const result = await commit(ports, { compares, operations: [put, ...allocation.operations, ...charge.operations] });
    if (result.committed) return committedResult(ports, info, result.records[0] as StoredRecord, true);
    const name = textOf(metadata['name']);
    if (result.failed === 0) {
      if (!generated) throw takenError(info, ports.store.get(put.key)?.object<KubeObject>(), name);
      if (names >= namesMax) throw generateNameConflict(resourceOf(info), name);
      metadata['name'] = generatedName(textOf(metadata['generateName']), ports.random);
      names += 1;
    } else if (result.failed <= guards.length) {
      checkNamespaceIsOpen(ports.store, { info, namespace: namespace ?? '', name });
    } else if (tries >= triesMax) {
      throw serverTimeout(resourceOf(info), 'create', 1);
    }
  }
}

/** When an object of this kind that is written now expires, in ms since the epoch. */
export function expiryOf(ports: WritePorts, info: ResourceInfo): number | undefined {
  return behaviourOf(info).expires === true ? ports.clock.now() + ports.settings.eventMs : undefined;
}
