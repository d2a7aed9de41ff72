import { AskError } from './actor.ts';
import type { ActorEnvironment } from './environment.ts';

/** What an ask needs of the asked actor. */
interface Asked<Message> {
  readonly address: string;
  readonly stopped: boolean;
  tell(message: Message): boolean;
}

/** Tells a message that carries the way back, and awaits the answer until the deadline. Rejects with AskError. */
export function ask<Message, Answer>(
  cell: Asked<Message>,
  build: (reply: (answer: Answer) => void) => Message,
  options: { environment: ActorEnvironment; deadlineMs: number },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = options.environment.timers.after(options.deadlineMs, () => { reject(new AskError('timeout', cell.address)); });
    const accepted = cell.tell(build((answer) => { timer.cancel(); resolve(answer); }));
    if (accepted) return;
    timer.cancel();
    reject(new AskError(cell.stopped ? 'stopped' : 'mailbox-full', cell.address));
  });
}
