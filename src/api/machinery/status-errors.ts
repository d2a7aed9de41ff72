/** The failures of the API, with reason, code and message as Kubernetes has them. */
import type { GroupResource } from '../object.ts';
import { goQuote } from './field-error.ts';
import { type StatusCause, type StatusDetails, StatusError } from './status.ts';

/** `deployments.apps`, or `pods` of the core group. */
function qualifiedResource(resource: GroupResource): string {
  return resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`;
}

function detailsOf(resource: GroupResource, name: string, more: StatusDetails = {}): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(resource.group === '' ? {} : { group: resource.group }),
    ...(resource.resource === '' ? {} : { kind: resource.resource }),
    ...more,
  };
}

/** The object does not exist. */
export function notFound(resource: GroupResource, name: string): StatusError {
  return new StatusError('NotFound', `${qualifiedResource(resource)} ${goQuote(name)} not found`, {
    details: detailsOf(resource, name),
  });
}

/** The path leads nowhere: no such group, version, resource or subresource. */
export function pathNotFound(): StatusError {
  return new StatusError('NotFound', 'the server could not find the requested resource', { details: {} });
}

export function alreadyExists(resource: GroupResource, name: string): StatusError {
  return new StatusError('AlreadyExists', `${qualifiedResource(resource)} ${goQuote(name)} already exists`, {
    details: detailsOf(resource, name),
  });
}

/** Names were made from generateName until the tries were used up. */
export function generateNameConflict(resource: GroupResource, name: string): StatusError {
  const message =
    `${qualifiedResource(resource)} ${goQuote(name)} already exists, the server was not able to ` +
    'generate a unique name for the object';
  return new StatusError('AlreadyExists', message, { details: detailsOf(resource, name, { retryAfterSeconds: 1 }) });
}

const modifiedText = 'the object has been modified; please apply your changes to the latest version and try again';

/** A write that rests on a state that is no longer the current one. `reason` follows the name in the message. */
export function conflict(resource: GroupResource, name: string, reason: string = modifiedText): StatusError {
  const message = `Operation cannot be fulfilled on ${qualifiedResource(resource)} ${goQuote(name)}: ${reason}`;
  return new StatusError('Conflict', message, { details: detailsOf(resource, name) });
}

/** Server-side apply met fields that others own. */
export function applyConflict(message: string, causes: readonly StatusCause[]): StatusError {
  return new StatusError('Conflict', message, { details: { causes } });
}

/** 403. `name` may be '', and so may the resource (a request that is about none). */
export function forbiddenError(resource: GroupResource, name: string, reason: string): StatusError {
  const about = resource.resource === '' ? '' : qualifiedResource(resource);
  const message =
    about === ''
      ? `forbidden: ${reason}`
      : name === ''
        ? `${about} is forbidden: ${reason}`
        : `${about} ${goQuote(name)} is forbidden: ${reason}`;
  return new StatusError('Forbidden', message, { details: detailsOf(resource, name) });
}

export function unauthorized(message = 'Unauthorized'): StatusError {
  return new StatusError('Unauthorized', message);
}

export function badRequest(message: string, cause?: unknown): StatusError {
  return new StatusError('BadRequest', message, { cause });
}

/** The resource exists but does not know this verb. */
export function methodNotSupported(resource: GroupResource, verb: string): StatusError {
  return new StatusError(
    'MethodNotAllowed',
    `${verb} is not supported on resources of kind ${goQuote(qualifiedResource(resource))}`,
    { details: detailsOf(resource, '') },
  );
}

/** The path exists but does not take this HTTP method. */
export function methodNotAllowed(): StatusError {
  return new StatusError('MethodNotAllowed', 'the server does not allow this method on the requested resource', {
    details: {},
  });
}

export function notAcceptable(acceptable: readonly string[]): StatusError {
  return new StatusError('NotAcceptable', `only the following media types are accepted: ${acceptable.join(', ')}`);
}

export function unsupportedMediaType(acceptable: readonly string[]): StatusError {
  return new StatusError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${acceptable.join(', ')}`,
  );
}

/** A patch that cannot be carried out on the object as it is. */
export function unprocessablePatch(cause?: unknown): StatusError {
  const message = 'the server rejected our request due to an error in our request';
  return new StatusError('Invalid', message, { details: {}, cause });
}

/** History that was compacted. `continueToken` lets an interrupted list go on from now. */
export function expired(message: string, continueToken?: string): StatusError {
  return new StatusError('Expired', message, continueToken === undefined ? {} : { continueToken });
}

export function resourceVersionTooLarge(asked: string | number, current: string | number): StatusError {
  return new StatusError('Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
}

export function timeoutError(message: string, retryAfterSeconds = 0): StatusError {
  return new StatusError('Timeout', `Timeout: ${message}`, {
    details: retryAfterSeconds === 0 ? {} : { retryAfterSeconds },
  });
}

export function serverTimeout(resource: GroupResource, operation: string, retryAfterSeconds = 0): StatusError {
  const message =
    `The ${operation} operation against ${qualifiedResource(resource)} could not be completed at ` +
    'this time, please try again.';
  return new StatusError('ServerTimeout', message, {
    details: detailsOf(resource, operation, retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
  });
}

/** The body is larger than the server takes. */
export function tooLarge(message: string, cause?: unknown): StatusError {
  return new StatusError('RequestEntityTooLarge', `Request entity too large: ${message}`, { cause });
}

export function tooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError('TooManyRequests', message, { details: retryAfterSeconds === 0 ? {} : { retryAfterSeconds } });
}

export function serviceUnavailable(message: string, retryAfterSeconds = 0): StatusError {
  return new StatusError(
    'ServiceUnavailable',
    message,
    retryAfterSeconds === 0 ? {} : { details: { retryAfterSeconds } },
  );
}

/** A failure of the server's own. */
export function internalError(message: string): StatusError {
  return new StatusError('InternalError', `Internal error occurred: ${message}`, {
    details: { causes: [{ message }] },
  });
}
