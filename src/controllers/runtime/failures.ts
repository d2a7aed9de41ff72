/** What a failed write means to a controller. */
import { StatusError } from '../../api/index.ts';

/** The failure's reason, when it is one of the API. */
function hasReason(error: unknown, reason: string): boolean {
  return error instanceof StatusError && error.reason === reason;
}

export const isConflict = (error: unknown): boolean => hasReason(error, 'Conflict');
export const isNotFound = (error: unknown): boolean => hasReason(error, 'NotFound');
export const isAlreadyExists = (error: unknown): boolean => hasReason(error, 'AlreadyExists');

/**
 * Whether nothing can be created because the namespace is going away: then there is nothing to report and nothing to
 * retry.
 */
export function isNamespaceTerminating(error: unknown): boolean {
  return (
    error instanceof StatusError &&
    (error.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false)
  );
}

/**
 * Whether the API refused the request for what it says (quota, validation, rights): trying at once again cannot help.
 */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof StatusError && error.code >= 400 && error.code < 500 && error.code !== 409 && error.code !== 429
  );
}

/** Waits for a deletion or removal; the object being gone already is the wished state. */
export async function unlessGone(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
