/** The AdmissionReview that a webhook is sent, and the one that it answers. */
import { isObject } from '../../../base/index.ts';
import { type JsonObject, StatusError, type StatusReason } from '../../../api/index.ts';
import { encodeJson } from '../../stored/encoding.ts';
import type { AdmissionRequest } from '../request.ts';
import { requestAttributes, shownObject } from '../request-attributes.ts';
import type { Webhook } from './hook.ts';
import type { Invocation } from './matching.ts';

const group = 'admission.k8s.io';
const knownVersions: readonly string[] = ['v1', 'v1beta1'];

/** What a webhook answers (admission.k8s.io AdmissionResponse). */
export interface AdmissionResponse {
  readonly allowed: boolean;
  readonly status?: {
    readonly code?: number | undefined;
    readonly message?: string | undefined;
    readonly reason?: string | undefined;
    readonly details?: JsonObject | undefined;
  };
  /** The text of a JSON patch; '' or absent: no change. */
  readonly patch?: string | undefined;
  readonly patchType?: string | undefined;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

const versionOf = (webhook: Webhook): string =>
  webhook.admissionReviewVersions.find((version) => knownVersions.includes(version)) ?? 'v1';

/** The body of a call: an AdmissionReview in the newest version that the webhook knows. `uid` names the call. */
export function reviewBody({ hook, info }: Invocation, request: AdmissionRequest, uid: string): Uint8Array {
  const before = request.old as JsonObject | undefined;
  const [object, oldObject] = [request.object, before].map((one) =>
    one === undefined ? null : shownObject(one, request, info),
  );
  const { dryRun, options, ...attributes } = requestAttributes(request, info);
  return encodeJson({
    kind: 'AdmissionReview',
    apiVersion: `${group}/${versionOf(hook.webhook)}`,
    request: { uid, ...attributes, object, oldObject, dryRun, options },
  });
}
const textIn = (object: JsonObject, field: string): string | undefined =>
  typeof object[field] === 'string' ? object[field] : undefined;

function patchProblem(patch: string, type: string | undefined, mutating: boolean): string | undefined {
  if (!mutating)
    return patch !== ''
      ? 'validating webhook may not return response.patch'
      : type === undefined
        ? undefined
        : 'validating webhook may not return response.patchType';
  if (patch !== '' && type === undefined) return 'webhook returned response.patch but not response.patchType';
  if (patch === '' && type !== undefined) return 'webhook returned response.patchType but not response.patch';
  return type === '' ? 'webhook returned invalid response.patchType of ""' : undefined;
}

/** Reads an answer. A text says what is wrong with it. */
export function readReview(
  body: unknown,
  asked: { readonly uid: string; readonly webhook: Webhook; readonly mutating: boolean },
): AdmissionResponse | string {
  const review = isObject(body) ? body : {};
  const { response } = review;
  if (!isObject(response)) return 'webhook response was absent';
  const version = versionOf(asked.webhook);
  const uid = textIn(response, 'uid') ?? '';
  const beta = version === 'v1beta1';
  if (!beta && uid !== asked.uid)
    return `expected response.uid=${JSON.stringify(asked.uid)}, got ${JSON.stringify(uid)}`;
  if (!beta && (review['apiVersion'] !== `${group}/v1` || review['kind'] !== 'AdmissionReview')) {
    return (
      `expected webhook response of ${group}/v1, Kind=AdmissionReview, got ` +
      `${textIn(review, 'apiVersion') ?? ''}, Kind=${textIn(review, 'kind') ?? ''}`
    );
  }
  const patch = textIn(response, 'patch') ?? '';
  const type = textIn(response, 'patchType') ?? (beta && patch !== '' ? 'JSONPatch' : undefined);
  const problem = patchProblem(patch, type, asked.mutating);
  if (problem !== undefined) return problem;
  return {
    allowed: response['allowed'] === true,
    ...(isObject(response['status']) ? { status: response['status'] } : {}),
    ...(patch === '' ? {} : { patch: decodedPatch(patch) }),
    patchType: type,
    warnings: Array.isArray(response['warnings'])
      ? response['warnings'].filter((text) => typeof text === 'string')
      : [],
    auditAnnotations: isObject(response['auditAnnotations'])
      ? (response['auditAnnotations'] as Record<string, string>)
      : {},
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
  return new StatusError(reason as StatusReason | '', `${denied}${why}`, {
    code: code < 400 ? 400 : code,
    details,
  });
}
