/** The message of a Status that an agent sent. */
import { textOf, utf8 } from '../request.ts';

/** The message of a Status that an agent sent; what is none stays as it is. */
export function messageOf(data: Uint8Array): Uint8Array {
  try {
    return utf8((JSON.parse(textOf(data)) as { readonly message?: string | undefined }).message ?? '');
  } catch {
    return data;
  }
}
