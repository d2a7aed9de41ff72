/** The error of every failed request. */

/** A request that failed: what the API answered, or that no answer came. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** As over HTTP: 404, 409, 403 …; 503 when no answer came. */
  readonly status: number;
  /** Kubernetes' reason: NotFound, Conflict, AlreadyExists … */
  readonly reason: string;
  /** The whole Status, if one was answered. */
  readonly body: unknown;

  constructor(status: number, body: unknown, message?: string) {
    const told = (typeof body === 'object' && body !== null ? body : {}) as {
      readonly message?: unknown;
      readonly reason?: unknown;
    };
    super(message ?? (typeof told.message === 'string' ? told.message : `the API answered ${status}`));
    this.status = status;
    this.reason = typeof told.reason === 'string' ? told.reason : '';
    this.body = body;
  }

  /** Whether the same request may succeed later. A write without an answer may have happened all the same. */
  get retryable(): boolean {
    return this.status === 429 || this.status === 503 || this.status === 504;
  }
}
