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
  type Requester,
  type WriteContext,
} from '../resources/index.ts';
import { integer } from './list-options.ts';
import type { Query } from './query.ts';
import { decodedDeleteOptions } from './delete-options-body.ts';

export const applyPatchType = 'application/apply-patch+yaml';
const validations = ['Ignore', 'Warn', 'Strict'] as const;
const managerLengthMax = 128;
/** Nearly all names are of this kind, and it is told apart from others at a tenth of the cost. */
const plain = /^[ -~]*$/;

export interface WriteRequest {
  readonly kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions';
  readonly query: Query;
  readonly userAgent: string | undefined;
  readonly user: Requester;
  readonly warn: (text: string) => void;
  readonly annotate: WriteContext['annotate'];
  readonly mayCreate: WriteContext['mayCreate'];
  /** The patch is a server-side apply. */
  readonly apply?: boolean | undefined;
}

/** What a create, update or patch carries besides its body. Throws the 422 of Kubernetes' option checks. */
export function writeContext(request: WriteRequest): WriteContext & { readonly force: boolean } {
  const { query } = request;
  const dryRun = query.all('dryRun').filter((value) => value !== '');
  const fieldManager = query.get('fieldManager') ?? '';
  const fieldValidation = query.get('fieldValidation') ?? '';
  const errors: FieldError[] = [];
  if (request.kind === 'PatchOptions') errors.push(...patchErrors(request, fieldManager));
  errors.push(...validateFieldManager(fieldManager, 'fieldManager'), ...validateDryRun(dryRun));
  if (fieldValidation !== '' && !validations.some((known) => known === fieldValidation))
    errors.push(notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']));
  if (errors.length > 0) throw invalidError({ group: 'meta.k8s.io', kind: request.kind, name: '', errors });
  return {
    user: request.user,
    dryRun: dryRun.length > 0,
    fieldManager: fieldManager === '' ? managerOf(request.userAgent) : fieldManager,
    fieldValidation: validations.find((known) => known === fieldValidation) ?? 'Warn',
    warn: request.warn,
    annotate: request.annotate,
    mayCreate: request.mayCreate,
    force: query.flag('force'),
  };
}

function patchErrors(request: WriteRequest, fieldManager: string): readonly FieldError[] {
  if (request.apply === true)
    return fieldManager === '' ? [required('fieldManager', 'is required for apply patch')] : [];
  return request.query.get('force') === undefined
    ? []
    : [forbidden('force', 'may not be specified for non-apply patch')];
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
