/** What makes a request too much work, and where its refusal says so. */

/** What is bounded: an encoding, a kind of patch, or a part of the query. */
export type BoundedInput =
  | 'json'
  | 'yaml'
  | 'protobuf'
  | 'msgpack'
  | 'json-patch'
  | 'label-selector'
  | 'field-selector'
  | 'query'
  | 'body';

/** Which bound an input is over. */
export type ExcessReason = 'bytes' | 'depth' | 'values' | 'operations' | 'copies' | 'moves' | 'time' | 'waiting';

/** The cause of an error that refuses a request because it is too much work. */
export class ExcessError extends Error {
  override readonly name = 'ExcessError';
  readonly input: BoundedInput;
  readonly reason: ExcessReason;

  constructor(input: BoundedInput, reason: ExcessReason, message = '') {
    super(message);
    this.input = input;
    this.reason = reason;
  }
}

/** The excess among the causes of an error; undefined when it refuses for another reason. */
export function excessOf(error: unknown): ExcessError | undefined {
  let at = error;
  for (let depth = 0; depth < 5 && at instanceof Error; depth += 1) {
    if (at instanceof ExcessError) return at;
    at = at.cause;
  }
  return undefined;
}
