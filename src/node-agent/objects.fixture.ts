/** Objects of tests: what they leave out, nobody reads. */
import type { New } from '../api/index.ts';

/** A stored object, or a part of one, with the fields that the test needs. */
export function stored<T>(fields: New<T>): T {
  return fields as T;
}
