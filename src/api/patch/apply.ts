/** Server-side apply. */

import { atOnce, type Steps } from '../../base/index.ts';
import type { JsonObject, KubeObject } from '../object.ts';
import {
  applyConflict,
  badRequest,
  deepClone,
  goQuote,
  type StatusCause,
  type StatusError,
  timeText,
} from '../machinery/index.ts';
import { findType } from '../schema/index.ts';
import {
  deepDifference,
  difference,
  emptySet,
  type FieldSet,
  intersection,
  isEmptySet,
  pathTexts,
  union,
} from './field-set.ts';
import { allowedByLastApplied, clientSideManager, syncLastApplied } from './last-applied.ts';
import { ignoredOf, type ManagedWrite, managersAfter, metadataOf, withoutManagedFields } from './managed-fields.ts';
import {
  capped,
  type ManagerFields,
  type ManagerId,
  ownable,
  readManagers,
  sameManager,
  withoutFields,
  writeManagers,
} from './field-owners.ts';
import { type MergeNode, nodeOfType, zeroObject } from './merge-schema.ts';
import { prune } from './prune.ts';
import { problemsText, typeProblems } from './typed-check.ts';
import { compareSteps } from './typed-compare.ts';
import { fieldsOf } from './typed-fields.ts';
import { mergeTyped } from './typed-merge.ts';

/** Owns what was there before anybody's first apply. */
const beforeFirstApply = 'before-first-apply';

interface ApplyRequest extends ManagedWrite {
  /** The stored object; absent when the apply creates it. */
  readonly live: KubeObject | undefined;
  /** What the manager wants, as parsed: not decoded against the schema, unknown fields included. */
  readonly config: JsonObject;
  /** The kind that the configuration must have where the tables do not know the type. */
  readonly kind?: string;
  /** Takes fields from other managers instead of refusing. */
  readonly force: boolean;
}

interface ApplyResult {
  /**
   * Still to be decoded against the schema (nulls mean absent), defaulted and validated. Its managedFields are settled.
   */
  readonly object: JsonObject;
}

interface Conflict {
  readonly fields: ManagerFields;
  readonly set: FieldSet;
}

/** What is the same for both tries of an apply. */
interface Attempt {
  readonly request: ApplyRequest;
  readonly node: MergeNode;
  readonly live: JsonObject;
  readonly managers: readonly ManagerFields[];
}

type Outcome =
  | { readonly conflicts: readonly Conflict[] }
  | { readonly conflicts?: undefined; readonly object: JsonObject; readonly managers: readonly ManagerFields[] };

/**
 * Server-side apply: merges what the manager wants into the live object, removes what it wanted before and no longer
 * does (unless somebody else owns it), and settles who owns what. Throws 409 with a cause for every field that another
 * manager owns with another value, and 400 for a configuration of another kind or not of its type (upstream has 500 for
 * the latter).
 */
export function applyServerSide(request: ApplyRequest): ApplyResult {
  return atOnce(applySteps(request));
}

/** The same in steps, between which something else may be done; each looks at the whole object once or twice. */
export function* applySteps(request: ApplyRequest): Steps<ApplyResult> {
  const node = request.node ?? nodeOfType(request.type);
  checkConfig(request, node);
  yield;
  const { live, managers } = yield* liveState(request);
  const attempt: Attempt = { request, node, live, managers };
  yield;
  let outcome = yield* tryApply(attempt, request.force);
  if (outcome.conflicts !== undefined && request.manager === clientSideManager)
    outcome = yield* retryOverLastApplied(attempt, outcome.conflicts);
  if (outcome.conflicts !== undefined) throw conflictError(outcome.conflicts);
  const { object } = outcome;
  yield;
  const few = yield* capped(outcome.managers);
  yield;
  const entries = writeManagers(few);
  yield;
  object['metadata'] = {
    ...((object['metadata'] as JsonObject | null) ?? {}),
    ...(entries.length === 0 ? {} : { managedFields: entries }),
  };
  if (request.manager === clientSideManager) syncLastApplied(object, request.config);
  return { object };
}

function checkConfig({ config, type, apiVersion, ...request }: ApplyRequest, node: MergeNode): void {
  const kind = request.kind ?? findType(type)?.groupVersionKind?.kind;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const groupVersion = text(config['apiVersion']);
  const gvk = `${groupVersion.includes('/') ? groupVersion : `/${groupVersion}`}, Kind=${text(config['kind'])}`;
  if (groupVersion !== apiVersion || (kind !== undefined && config['kind'] !== kind))
    throw badRequest(`invalid object type: ${gvk}`);
  const metadata = (config['metadata'] ?? {}) as JsonObject;
  if (metadata['managedFields'] !== undefined && metadata['managedFields'] !== null)
    throw badRequest('metadata.managedFields must be nil');
  const problems = typeProblems(node, config);
  if (problems.length === 0) return;
  throw badRequest(
    `failed to create typed patch object (${text(metadata['namespace'])}/${text(metadata['name'])}; ${gvk}): ` +
      problemsText(problems),
  );
}

interface LiveState {
  readonly live: JsonObject;
  readonly managers: readonly ManagerFields[];
}

/** The live object and its managers; what no manager owned before the first apply gets one. */
function* liveState(request: ApplyRequest): Steps<LiveState> {
  const { apiVersion, config } = request;
  const zero = { apiVersion, kind: config['kind'], ...zeroObject(request.type) };
  if (request.live === undefined) return { live: zero, managers: [] };
  const live = withoutManagedFields(request.live);
  const managers = readManagers(metadataOf(request.live).managedFields) ?? [];
  if (managers.length > 0) return { live, managers };
  return {
    live,
    managers: yield* managersAfter([], { ...request, manager: beforeFirstApply, before: zero, after: live }),
  };
}

function* tryApply({ request, node, live, managers }: Attempt, force: boolean): Steps<Outcome> {
  const { config, manager, apiVersion, subresource } = request;
  const id: ManagerId = { manager, operation: 'Apply', apiVersion, subresource };
  const ignored = ignoredOf(request);
  const last = managers.find((fields) => sameManager(fields, id));
  const others = managers.filter((fields) => fields !== last);
  const set = deepDifference(fieldsOf(node, config), ignored);
  yield;
  let claimed = set;
  for (const fields of others) {
    claimed = union(claimed, fields.set);
    yield;
  }
  yield;
  const merged = mergeTyped(node, live, config);
  yield;
  const object = prune(node, merged, { last: last?.set ?? emptySet, claimed }) as JsonObject;
  yield;
  const comparison = yield* compareSteps(node, live, object);
  yield;
  const changed = deepDifference(comparison.changed, ignored);
  const conflicts = others
    .map((fields) => ({ fields, set: intersection(fields.set, changed) }))
    .filter((conflict) => !isEmptySet(conflict.set));
  if (conflicts.length > 0 && !force) return { conflicts };
  yield;
  const left = withoutFields(others, union(changed, deepDifference(comparison.removed, ignored)));
  yield;
  const copy = deepClone(object);
  yield;
  return { object: copy, managers: [...left, { ...id, time: timeText(request.now), set: ownable(set) }] };
}

/** What client-side apply set last, kubectl may take over: only conflicts beyond that count. */
function* retryOverLastApplied(attempt: Attempt, conflicts: readonly Conflict[]): Steps<Outcome> {
  const allowed = allowedByLastApplied(attempt.node, attempt.live);
  const left = conflicts
    .map(({ fields, set }) => ({ fields, set: difference(set, allowed) }))
    .filter(({ set }) => !isEmptySet(set));
  return left.length > 0 ? { conflicts: left } : yield* tryApply(attempt, true);
}

function managerText({ manager, subresource, operation, apiVersion }: ManagerId): string {
  const name = subresource === '' ? goQuote(manager) : `${goQuote(manager)} with subresource ${goQuote(subresource)}`;
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}

function conflictError(conflicts: readonly Conflict[]): StatusError {
  const found = conflicts
    .map(({ fields, set }) => ({ by: managerText(fields), paths: pathTexts(set) }))
    .sort((left, right) => (left.by < right.by ? -1 : 1));
  const causes: StatusCause[] = found.flatMap(({ by, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${by}`, field })),
  );
  if (causes.length === 1)
    return applyConflict(
      `Apply failed with 1 conflict: ${causes[0]?.message ?? ''}: ${causes[0]?.field ?? ''}`,
      causes,
    );
  const lines = found.flatMap(({ by, paths }) => [`conflicts with ${by}:`, ...paths.map((path) => `- ${path}`)]);
  return applyConflict(`Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`, causes);
}
