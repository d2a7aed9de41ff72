import { decodeObject, type FieldError, type JsonObject, type KubeObject, type ResourceInfo, StatusError, fieldErrorCauses, fieldErrorText, aggregateText } from '../../api/index.ts';
import type { RequestBody, UserInfo } from '../../resources/index.ts';
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
  readonly user: UserInfo;
}

/** The posted review, decoded against its schema. */
export function decodedReview(request: ReviewRequest): { readonly metadata: JsonObject; readonly spec: JsonObject } {
  const { object } = decodeObject({ bytes: request.body.bytes, contentType: request.body.contentType, type: request.info.type, fieldValidation: 'Ignore' });
  return { metadata: recordOf(object['metadata']), spec: recordOf(object['spec']) };
}

/** An answered review: nothing is stored, so its creationTimestamp is null unless the kind sets one. */
export function reviewObject(info: ResourceInfo, parts: { readonly metadata?: object; readonly spec?: object; readonly status: object }): KubeObject {
  return {
    kind: info.kind,
    apiVersion: `${info.group}/${info.version}`,
    metadata: { creationTimestamp: null, ...parts.metadata },
    ...(parts.spec === undefined ? {} : { spec: parts.spec }),
    status: parts.status,
  };
}

/** The 422 of a review: upstream names the group alone. */
export function reviewInvalid(group: string, errors: readonly FieldError[]): StatusError {
  const texts = errors.map((error) => `${error.field}: ${fieldErrorText(error)}`);
  return new StatusError('Invalid', `.${group} "" is invalid: ${aggregateText(texts)}`, { details: { group, causes: fieldErrorCauses(errors) } });
}

export function recordOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as JsonObject : {};
}

export function textIn(value: JsonObject, field: string): string {
  const found = value[field];
  return typeof found === 'string' ? found : '';
}

export function textsIn(value: JsonObject, field: string): readonly string[] {
  const found = value[field];
  return Array.isArray(found) ? found.filter((item) => typeof item === 'string') : [];
}
