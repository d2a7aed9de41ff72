/** The error of an ask without an answer. */

/** Why an ask got no answer. `unreachable`: no member owns the actor's shard at the moment. */
export class AskError extends Error {
  override readonly name = 'AskError';
  readonly code: 'timeout' | 'mailbox-full' | 'stopped' | 'crashed' | 'unreachable' | 'not-understood';
  constructor(code: AskError['code'], address: string, cause?: unknown) {
    super(`ask ${address}: ${code}`, { cause });
    this.code = code;
  }
  /** Whether the same question may be answered later. */
  get retryable(): boolean {
    return this.code !== 'not-understood';
  }
}
