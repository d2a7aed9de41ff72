/** From whatever was thrown to a Status and its answer. */
import { BusError } from '../../bus/index.ts';
import {
  expired,
  internalError,
  serverTimeout,
  serviceUnavailable,
  StatusError,
  timeoutError,
  tooManyRequests,
} from '../../api/index.ts';
import { errorMessage, InvariantError } from '../../base/index.ts';
import { CompactedError, StoreError } from '../../state/index.ts';
import { type Negotiated, negotiate } from '../negotiation.ts';
import type { WholeResponse } from '../request.ts';
import { encoded } from './encode.ts';

/** Every failure as the Status that a client sees. Failures of the floors below are translated here, by their codes. */
export function statusOf(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  if (error instanceof CompactedError)
    return expired('The provided continue parameter is too old to display a consistent list result.');
  if (error instanceof StoreError) return ofStore(error);
  if (error instanceof BusError)
    return error.code === 'timeout' ? timeoutError(error.message) : serviceUnavailable(error.message);
  return internalError(errorMessage(error));
}

function ofStore(error: StoreError): StatusError {
  if (error.code === 'overloaded')
    return tooManyRequests('the store has too many writes under way, please try again later', 1);
  if (error.code === 'timeout') return serverTimeout({ group: '', resource: 'store' }, 'write', 1);
  if (error.code === 'no-leader') return serviceUnavailable('the store has no leader at the moment, please try again');
  if (error.code === 'disk-full')
    return serviceUnavailable(`the store's disk is full, writes are refused until space is free: ${error.message}`);
  return internalError(error.message);
}

/** Whether the failure is the server's own fault and belongs in its log. */
export function isDefect(error: unknown): boolean {
  return (
    error instanceof InvariantError ||
    !(
      error instanceof StatusError ||
      error instanceof CompactedError ||
      error instanceof StoreError ||
      error instanceof BusError
    )
  );
}

/** A Status is written in the encoding that the client accepts; JSON where it accepts none of ours. */
const statusRules = { table: false, partial: false, router: false };

function writing(accept: string | undefined): Negotiated {
  try {
    return negotiate(accept, statusRules);
  } catch {
    return negotiate(undefined, statusRules);
  }
}

export function failureResponse(error: StatusError, accept?: string): WholeResponse {
  const response = encoded(error.code, error.body(), { negotiated: writing(accept), pretty: false });
  const wait = error.details?.retryAfterSeconds;
  if (wait !== undefined && wait > 0 && (error.code === 429 || error.code >= 500))
    response.headers['retry-after'] = String(wait);
  return response;
}
