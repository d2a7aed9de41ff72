/** What JSON calls an object. */

/** Whether a value has members by name: it is neither null nor an array, nor anything plain. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
