/** How a job that runs beside an actor's mailbox ends: its result comes back as a message. */
import { errorMessage, type Logger } from '../../base/index.ts';

export interface Pipe<Result> {
  /** Names the job in the log. */
  readonly job: string;
  readonly log: Logger;
  /** Fields for the log. */
  readonly about: Readonly<Record<string, unknown>>;
  readonly tell: (result: Result) => void;
}

/**
 * Tells what a job resolves with, unless that is undefined. A job turns the failures that it expects into results; any
 * other is logged, and the pod goes on with whatever happens next.
 */
export function pipe<Result>({ job, log, about, tell }: Pipe<Result>, result: Promise<Result | undefined>): void {
  result.then(
    (value) => {
      if (value !== undefined) tell(value);
    },
    (error: unknown) => {
      log.warn('a job of a pod failed', { ...about, job, error: errorMessage(error) });
    },
  );
}
