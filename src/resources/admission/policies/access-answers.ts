/** Answers what CEL expressions ask of the authorizers. */
import type { AccessAnswer, AccessQuestion, AskAccess } from '../../../api/index.ts';
import type { WritePorts } from '../../ports.ts';

const unanswered: AccessAnswer = { allowed: false, reason: '' };

/** What the authorizers said while expressions about one request were evaluated. */
class AccessAnswers {
  readonly #authorize: WritePorts['authorize'];
  readonly #known = new Map<string, AccessAnswer>();
  #waiting: Promise<void>[] = [];

  constructor(authorize: WritePorts['authorize']) {
    this.#authorize = authorize;
  }

  readonly ask: AskAccess = (question: AccessQuestion) => {
    const key = JSON.stringify(question);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const answer = this.#authorize?.(question) ?? unanswered;
    if (answer instanceof Promise) {
      this.#waiting.push(
        answer.then((later) => {
          this.#known.set(key, later);
        }),
      );
      return unanswered;
    }
    this.#known.set(key, answer);
    return answer;
  };

  /** Resolves when all that was asked is answered; undefined: it is. */
  waited(): Promise<unknown> | undefined {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting.length === 0 ? undefined : Promise.all(waiting);
  }
}

/**
 * The outcome of an evaluation that may ask the authorizers. Expressions run to their end at once: where an answer has
 * to be waited for, the outcome is thrown away and `evaluate`, which must change nothing, runs anew with the answer at
 * hand.
 */
export function settled<T>(ports: Pick<WritePorts, 'authorize'>, evaluate: (ask: AskAccess) => T): T | Promise<T> {
  const answers = new AccessAnswers(ports.authorize);
  const run = (): T | Promise<T> => {
    const outcome = evaluate(answers.ask);
    const waited = answers.waited();
    return waited === undefined ? outcome : waited.then(run);
  };
  return run();
}
