/** Invariants: what must hold, and the error when it does not. */

/**
 * A broken invariant. The actor that meets one crashes and its supervisor decides what follows; it is never caught and
 * passed over.
 */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Throws an InvariantError when `condition` does not hold. `message` says which invariant was broken. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** For the end of an exhaustive switch: the compiler proves that it is not reached. */
export function unreachable(value: never, message = 'a value outside its type'): never {
  throw new InvariantError(`${message}: ${JSON.stringify(value)}`);
}
