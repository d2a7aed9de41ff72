/** What all reviews share: decoding, checks, and the shape of an answer. */
import { atOnce, isObject, limits } from '../../base/index.ts';
import {
  ExcessError,
  type FieldError,
  invalid,
  type JsonObject,
  type KubeObject,
  type ResourceInfo,
  StatusError,
  tooLarge,
  fieldErrorCauses,
  fieldErrorText,
  aggregateText,
} from '../../api/index.ts';
import {
  resourceSteps,
  type RequestBody,
  settleNamespace,
  type Requester,
  wipeSystemMetadata,
  type WriteContext,
} from '../../resources/index.ts';
import type { AuthenticationPorts, Authorizer, Rbac } from '../auth/index.ts';

/** What answers reviews. */
export interface ReviewPorts {
  readonly authorize: Authorizer;
  readonly rbac: Rbac;
  /** Authorisers beside RBAC that cannot tell what rules they hold. */
  readonly unresolvable: readonly string[];
  readonly authentication: AuthenticationPorts;
  /** RFC 3339, now. */
  readonly timestamp: () => string;
}

export interface ReviewRequest {
  readonly info: ResourceInfo;
  readonly namespace: string | undefined;
  readonly body: RequestBody;
  readonly user: Requester;
  readonly options: WriteContext;
}

/** The posted review, decoded against its schema. Throws 413 for a long one: it is read in one go. */
export function decodedReview(request: ReviewRequest): { readonly metadata: JsonObject; readonly spec: JsonObject } {
  if (request.body.bytes.byteLength > limits.reviewBytesMax)
    throw tooLarge(`the limit for reviews is ${limits.reviewBytesMax} bytes`, new ExcessError('body', 'bytes'));
  const object = atOnce(resourceSteps(request.body, request.info, request.options));
  settleNamespace(request.info, request.namespace, object);
  wipeSystemMetadata(recordOf(object['metadata']));
  return { metadata: recordOf(object['metadata']), spec: recordOf(object['spec']) };
}

/** A review has no name nor anything else that stored objects have; a local one has its namespace. */
export function metadataErrors(metadata: JsonObject, local = false): readonly FieldError[] {
  const told = Object.entries(metadata).filter(
    ([field, value]) =>
      field !== 'managedFields' &&
      !(local && field === 'namespace') &&
      value !== null &&
      value !== '' &&
      !isEmptyRecord(value),
  );
  return told.length === 0
    ? []
    : [invalid('metadata', metadata, local ? 'must be empty except for namespace' : 'must be empty')];
}

const isEmptyRecord = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

interface ReviewParts {
  readonly metadata?: object | undefined;
  readonly spec?: object | undefined;
  readonly status: object;
}

/** An answered review: nothing is stored, so its creationTimestamp is null unless the kind sets one. */
export function reviewObject(info: ResourceInfo, parts: ReviewParts): KubeObject {
  return {
    kind: info.kind,
    apiVersion: `${info.group}/${info.version}`,
    metadata: { creationTimestamp: null, ...parts.metadata },
    spec: parts.spec,
    status: parts.status,
  };
}

/** The 422 of a review: Kubernetes names the group alone. */
export function reviewInvalid(group: string, errors: readonly FieldError[]): StatusError {
  const texts = errors.map((error) => `${error.field}: ${fieldErrorText(error)}`);
  return new StatusError('Invalid', `.${group} "" is invalid: ${aggregateText(texts)}`, {
    details: { group, causes: fieldErrorCauses(errors) },
  });
}

export function recordOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

export function textIn(value: JsonObject, field: string): string {
  const found = value[field];
  return typeof found === 'string' ? found : '';
}

export function textsIn(value: JsonObject, field: string): readonly string[] {
  const found = value[field];
  return Array.isArray(found) ? found.filter((item) => typeof item === 'string') : [];
}
