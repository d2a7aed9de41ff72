/** Questions between members, repeated until answered. */
import { errorMessage, type Timers } from '../../base/index.ts';
import { AdministrationError } from '../administration.ts';
import type { Answer, MemberAnswer, MemberQuestion, Question, StoreMessage } from '../transport/index.ts';

/** A question without an answer is sent again after this long: messages may be lost. */
const repeatMs = 500;

interface QuestionsHost {
  readonly member: string;
  readonly timers: Timers;
  readonly send: (to: string, message: StoreMessage) => void;
  readonly name: () => string;
  readonly answer: (question: Question) => Promise<unknown>;
}

/** At least once on the wire, so what is asked must do no harm when it is done twice. */
export class Questions {
  readonly #host: QuestionsHost;
  readonly #open = new Map<string, (answer: Answer) => void>();
  #closed = false;

  constructor(host: QuestionsHost) {
    this.#host = host;
  }

  /** Resolves with the answer; rejects with AdministrationError, `timeout` when none comes. */
  async ask(to: string, body: Question, deadlineMs: number): Promise<unknown> {
    const { member, timers, send, name } = this.#host;
    if (to === member) return this.#host.answer(body);
    const id = name();
    const answer = await new Promise<Answer>((resolve) => {
      const ask = (): void => {
        send(to, { type: 'question', from: member, to, id, body });
      };
      const repeat = timers.every(repeatMs, ask);
      const finish = (outcome: Answer): void => {
        this.#open.delete(id);
        repeat.cancel();
        late.cancel();
        resolve(outcome);
      };
      const late = timers.after(deadlineMs, () => {
        finish({ type: 'failed', code: 'timeout', message: `${to} did not answer within ${deadlineMs} ms` });
      });
      this.#open.set(id, finish);
      if (this.#closed) finish({ type: 'failed', code: 'timeout', message: 'the store is closed' });
      else ask();
    });
    if (answer.type === 'ok') return answer.value;
    throw new AdministrationError(answer.code as AdministrationError['code'], answer.message);
  }

  onAnswer({ id, body }: MemberAnswer): void {
    this.#open.get(id)?.(body);
  }

  onQuestion({ from, id, body }: MemberQuestion): void {
    const reply = (answer: Answer): void => {
      this.#host.send(from, { type: 'answer', from: this.#host.member, to: from, id, body: answer });
    };
    this.#host.answer(body).then(
      (value) => {
        reply({ type: 'ok', value });
      },
      (error: unknown) => {
        reply({
          type: 'failed',
          code: error instanceof AdministrationError ? error.code : 'timeout',
          message: errorMessage(error),
        });
      },
    );
  }

  close(): void {
    this.#closed = true;
    for (const finish of [...this.#open.values()])
      finish({ type: 'failed', code: 'timeout', message: 'the store is closed' });
  }
}
