import { behaviourOf, deepClone, type JsonObject, type KubeObject, type ResourceInfo, StatusError, type StatusReason } from '../../../api/index.ts';
import { encodeJson } from '../../encoding.ts';
import { scaleOf } from '../../subresources/scale.ts';
import { storageInfo, toStorage } from '../../versions.ts';
import { convertsByWebhook, formOf } from '../converted-forms.ts';
import type { AdmissionRequest } from '../plugin.ts';
import type { Webhook } from './hook.ts';
import type { Invocation } from './matching.ts';

const group = 'admission.k8s.io';
const knownVersions: readonly string[] = ['v1', 'v1beta1'];

/** What a webhook answers (admission.k8s.io AdmissionResponse). */
export interface AdmissionResponse {
  readonly allowed: boolean;
  readonly status?: { readonly code?: number; readonly message?: string; readonly reason?: string; readonly details?: JsonObject };
  /** The text of a JSON patch; '' or absent: no change. */
  readonly patch?: string;
  readonly patchType?: string;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

const versionOf = (webhook: Webhook): string => webhook.admissionReviewVersions.find((version) => knownVersions.includes(version)) ?? 'v1';

interface KindName { readonly group: string; readonly version: string; readonly kind: string }

function kindOf(object: JsonObject | undefined, info: ResourceInfo): KindName {
  const { apiVersion, kind } = object ?? {};
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return { group: info.group, version: info.version, kind: info.kind };
  const [first = '', second] = apiVersion.split('/');
  return second === undefined ? { group: '', version: first, kind } : { group: first, version: second, kind };
}

/** An object of `from` in the version of `to`, which serves the same stored objects. */
export function inVersion(object: JsonObject, { from, to, request }: { readonly from: ResourceInfo; readonly to: ResourceInfo; readonly request: AdmissionRequest }): JsonObject {
  if (from === to) return object;
  if (convertsByWebhook(from, to)) return formOf(request, to, object);
  const stored = storageInfo(from) === from ? deepClone(object) : toStorage(from, object);
  const converted = storageInfo(to) === to ? stored : behaviourOf(to).fromStorage?.(stored) ?? stored;
  return { ...converted, kind: to.kind, apiVersion: to.group === '' ? to.version : `${to.group}/${to.version}` };
}

const optionKinds = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions', CONNECT: '' } as const;

function optionsOf({ operation, dryRun, options }: AdmissionRequest): JsonObject | null {
  const kind = optionKinds[operation];
  return kind === '' ? null : { kind, apiVersion: 'meta.k8s.io/v1', ...options, ...(dryRun ? { dryRun: ['All'] } : {}) };
}

/** What a webhook sees of an object: its Scale, or the object in the version of `info`; what is no object of the resource (a Binding) as it is. */
export function shownObject(object: JsonObject, request: AdmissionRequest, info: ResourceInfo): JsonObject {
  const { info: own, subresource } = request;
  if (object['kind'] !== own.kind) return object;
  return subresource === 'scale' ? (scaleOf(own, object as unknown as KubeObject) as unknown as JsonObject) : inVersion(object, { from: own, to: info, request });
}

const named = (field: string, text: string | undefined): JsonObject => (text === undefined || text === '' ? {} : { [field]: text });

/** What is told about a request besides its objects: as webhooks get it, and as expressions see it. */
export function requestAttributes(request: AdmissionRequest, info: ResourceInfo): JsonObject {
  const { subresource, operation, user, dryRun } = request;
  const own = request.info;
  const original = request.object ?? (request.old as unknown as JsonObject | undefined);
  const [kind, ownKind] = [info, own].map((one) => kindOf(original === undefined ? undefined : shownObject(original, request, one), one));
  const { group: apiGroup, version, resource } = info;
  return {
    kind,
    resource: { group: apiGroup, version, resource },
    ...named('subResource', subresource),
    requestKind: ownKind,
    requestResource: { group: own.group, version: own.version, resource: own.resource },
    ...named('requestSubResource', subresource),
    ...named('name', request.name),
    ...named('namespace', own.group === '' && own.resource === 'namespaces' ? request.name : request.namespace),
    operation,
    userInfo: { username: user.name, ...named('uid', user.uid), groups: user.groups, ...(user.extra === undefined ? {} : { extra: user.extra }) },
    dryRun,
    options: optionsOf(request),
  } as unknown as JsonObject;
}

/** The body of a call: an AdmissionReview in the newest version that the webhook knows. `uid` names the call. */
export function reviewBody({ hook, info }: Invocation, request: AdmissionRequest, uid: string): Uint8Array {
  const before = request.old as unknown as JsonObject | undefined;
  const [object, oldObject] = [request.object, before].map((one) => (one === undefined ? null : shownObject(one, request, info)));
  const { dryRun, options, ...attributes } = requestAttributes(request, info);
  return encodeJson({
    kind: 'AdmissionReview',
    apiVersion: `${group}/${versionOf(hook.webhook)}`,
    request: { uid, ...attributes, object, oldObject, dryRun, options },
  });
}

const isRecord = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
const textIn = (object: JsonObject, field: string): string | undefined => (typeof object[field] === 'string' ? object[field] : undefined);

function patchProblem(patch: string, type: string | undefined, mutating: boolean): string | undefined {
  if (!mutating) return patch !== '' ? 'validating webhook may not return response.patch' : type === undefined ? undefined : 'validating webhook may not return response.patchType';
  if (patch !== '' && type === undefined) return 'webhook returned response.patch but not response.patchType';
  if (patch === '' && type !== undefined) return 'webhook returned response.patchType but not response.patch';
  return type === '' ? 'webhook returned invalid response.patchType of ""' : undefined;
}

/** Reads an answer. A text says what is wrong with it. */
export function readReview(body: unknown, asked: { readonly uid: string; readonly webhook: Webhook; readonly mutating: boolean }): AdmissionResponse | string {
  const review = isRecord(body) ? body : {};
  const { response } = review;
  if (!isRecord(response)) return 'webhook response was absent';
  const version = versionOf(asked.webhook);
  const uid = textIn(response, 'uid') ?? '';
  const beta = version === 'v1beta1';
  if (!beta && uid !== asked.uid) return `expected response.uid=${JSON.stringify(asked.uid)}, got ${JSON.stringify(uid)}`;
  if (!beta && (review['apiVersion'] !== `${group}/v1` || review['kind'] !== 'AdmissionReview')) {
    return `expected webhook response of ${group}/v1, Kind=AdmissionReview, got ${textIn(review, 'apiVersion') ?? ''}, Kind=${textIn(review, 'kind') ?? ''}`;
  }
  const patch = textIn(response, 'patch') ?? '';
  const type = textIn(response, 'patchType') ?? (beta && patch !== '' ? 'JSONPatch' : undefined);
  const problem = patchProblem(patch, type, asked.mutating);
  if (problem !== undefined) return problem;
  return {
    allowed: response['allowed'] === true,
    ...(isRecord(response['status']) ? { status: response['status'] } : {}),
    ...(patch === '' ? {} : { patch: decodedPatch(patch) }),
    ...(type === undefined ? {} : { patchType: type }),
    warnings: Array.isArray(response['warnings']) ? response['warnings'].filter((text) => typeof text === 'string') : [],
    auditAnnotations: isRecord(response['auditAnnotations']) ? (response['auditAnnotations'] as Record<string, string>) : {},
  };
}

function decodedPatch(base64: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
  } catch {
    // What is no base64 is no patch either, and is refused as such.
    return base64;
  }
}

/** The refusal of a webhook as the client sees it: its own status, never one that says success. */
export function refusalOf(name: string, status: AdmissionResponse['status'] = {}): StatusError {
  const denied = `admission webhook ${JSON.stringify(name)} denied the request`;
  const { message = '', reason = '', code = 0, details } = status;
  const why = message !== '' ? `: ${message}` : reason !== '' ? `: ${reason}` : ' without explanation';
  return new StatusError(reason as StatusReason | '', `${denied}${why}`, { code: code < 400 ? 400 : code, ...(details === undefined ? {} : { details }) });
}
