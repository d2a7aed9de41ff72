/** How a stream ended: the Statuses on its error channel, whole or, for older protocols, as their message alone. */
import { textOf, utf8 } from '../request.ts';

/** The message of a Status that an agent sent; what is none stays as it is. */
export function messageOf(data: Uint8Array): Uint8Array {
  try {
    return utf8((JSON.parse(textOf(data)) as { readonly message?: string }).message ?? '');
  } catch {
    return data;
  }
}

/** The Status of a stream that failed before its end. */
export function failureStatus(message: string): Uint8Array {
  return utf8(JSON.stringify({ metadata: {}, status: 'Failure', message, reason: 'InternalError', code: 500 }));
}
