/** The options of creates, updates, patches and deletions, from query, headers and body. */
import {
  type FieldError,
  forbidden,
  invalidError,
  mediaTypeOf,
  notSupported,
  required,
  StatusError,
  validateDryRun,
  validateFieldManager,
} from '../api/index.ts';
import {
  type AskedDelete,
  type RequestBody,
  type SettledDelete,
  settleDeleteOptions,
  type WriteContext,
} from '../resources/index.ts';
import { decodedDeleteOptions } from './delete-options-body.ts';
import { integer } from './list-options.ts';
import type { Query } from './query.ts';
import { headerOf } from './request.ts';
import { annotatorOf, type RequestContext } from './request-context.ts';

export const applyPatchType = 'application/apply-patch+yaml';
const validations = ['Ignore', 'Warn', 'Strict'] as const;
const managerLengthMax = 128;
/** Nearly all names are of this kind, and it is told apart from others at a tenth of the cost. */
const plain = /^[ -~]*$/;

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions';

/**
 * What a create, update or patch carries besides its body; `apply`: the patch is a server-side apply. Throws the 422 of
 * Kubernetes' option checks.
 */
export function writeContext(
  context: RequestContext,
  kind: OptionsKind,
  apply = false,
): WriteContext & { readonly force: boolean } {
  const { http, query, user, warn, mayCreate } = context;
  const dryRun = query.all('dryRun').filter((value) => value !== '');
  const fieldManager = query.get('fieldManager') ?? '';
  const fieldValidation = query.get('fieldValidation') ?? '';
  const errors: FieldError[] = [];
  if (kind === 'PatchOptions') errors.push(...patchErrors(query, fieldManager, apply));
  errors.push(...validateFieldManager(fieldManager, 'fieldManager'), ...validateDryRun(dryRun));
  if (fieldValidation !== '' && !validations.some((known) => known === fieldValidation))
    errors.push(notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']));
  if (errors.length > 0) throw invalidError({ group: 'meta.k8s.io', kind, name: '', errors });
  return {
    user,
    dryRun: dryRun.length > 0,
    fieldManager: fieldManager === '' ? managerOf(headerOf(http.headers, 'user-agent')) : fieldManager,
    fieldValidation: validations.find((known) => known === fieldValidation) ?? 'Warn',
    warn,
    annotate: annotatorOf(context),
    mayCreate,
    force: query.flag('force'),
  };
}

function patchErrors(query: Query, fieldManager: string, apply: boolean): readonly FieldError[] {
  if (apply) return fieldManager === '' ? [required('fieldManager', 'is required for apply patch')] : [];
  return query.get('force') === undefined ? [] : [forbidden('force', 'may not be specified for non-apply patch')];
}

/** The manager of a client that names none: the first word of its User-Agent, as Kubernetes has it. */
function managerOf(userAgent: string | undefined): string {
  const product = (userAgent ?? '').split('/')[0] ?? '';
  const printable = (plain.test(product) ? product : product.replace(/\p{C}/gu, '')).slice(0, managerLengthMax);
  return printable === '' ? 'unknown' : printable;
}

/** Options of a deletion: those of the body (DeleteOptions) or, without one, those of the query. */
export function deleteOptions(query: Query, body: RequestBody): SettledDelete {
  return settleDeleteOptions(body.bytes.byteLength > 0 ? decodedDeleteOptions(body) : queryDeleteOptions(query));
}

function queryDeleteOptions(query: Query): AskedDelete {
  const grace = integer(query.get('gracePeriodSeconds'));
  const policy = query.get('propagationPolicy');
  return {
    propagationPolicy: policy === '' ? undefined : policy,
    orphanDependents: query.get('orphanDependents') === undefined ? undefined : query.flag('orphanDependents'),
    gracePeriodSeconds: grace,
    dryRun: query.all('dryRun').filter((value) => value !== ''),
  };
}

/** The media types of a patch; anything else is refused with the text of Kubernetes' router. */
const patchTypes = new Set([
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  applyPatchType,
]);

export function patchTypeOf(contentType: string): string {
  const type = mediaTypeOf(contentType);
  if (!patchTypes.has(type))
    throw new StatusError('UnsupportedMediaType', '415: Unsupported Media Type', { details: {} });
  return type;
}
