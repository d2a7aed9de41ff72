/** Members of another timeline: nothing of theirs is believed, and operators hear of them. */
import type { Clock, Logger } from '../../base/index.ts';
import { type Identity, timelineOf } from '../../raft/core/index.ts';
import type { StoreAlarm } from '../store.ts';
import type { Answer, StoreMessage } from '../transport/index.ts';

/** A foreign member that was silent for so long is no alarm any more. */
const forgottenMs = 60_000;
/** So many are remembered: whoever may send at all may have many names. */
const foreignersMax = 64;

interface Foreigner {
  readonly timeline: string;
  heardAt: number;
}

interface ForeignersHost {
  readonly member: string;
  readonly log: Logger;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly identity: () => Identity;
  readonly answer: (to: string, id: string, body: Answer) => void;
}

/** Two timelines meet when a member starts with the folder of before a restore or a recovery. */
export class Foreigners {
  readonly #host: ForeignersHost;
  readonly #heard = new Map<string, Foreigner>();

  constructor(host: ForeignersHost) {
    this.#host = host;
  }

  /** True when the message is to be ignored. Questions and answers of a member without a timeline are heard. */
  refuses(message: StoreMessage): boolean {
    const { timeline: own } = this.#host.identity();
    const timeline = timelineOf(message);
    if (own === '' || timeline === own) return false;
    if (timeline === '') return message.type !== 'question' && message.type !== 'answer';
    this.#note(message.from, timeline);
    // An operator who asks shall read why there is no answer.
    if (message.type === 'question')
      this.#host.answer(message.from, message.id, {
        type: 'failed',
        code: 'foreign',
        message: `${this.#host.member} is of timeline ${own}, and ${message.from} of ${timeline}`,
      });
    return !(message.type === 'answer' && message.body.type === 'failed');
  }

  alarms(): readonly StoreAlarm[] {
    const since = this.#host.clock.monotonic() - forgottenMs;
    return [...this.#heard]
      .filter(([, { heardAt }]) => heardAt >= since)
      .map(([name, { timeline }]) => ({ type: 'foreign-member', message: this.#textOf(name, timeline) }));
  }

  #note(from: string, timeline: string): void {
    const known = this.#heard.get(from);
    const heardAt = this.#host.clock.monotonic();
    if (known?.timeline === timeline && heardAt - known.heardAt < forgottenMs) {
      known.heardAt = heardAt;
      return;
    }
    this.#heard.delete(from);
    this.#heard.set(from, { timeline, heardAt });
    for (const oldest of this.#heard.keys()) if (this.#heard.size > foreignersMax) this.#heard.delete(oldest);
    this.#host.log.error('refusing a member of another timeline', { reason: this.#textOf(from, timeline) });
  }

  #textOf(from: string, timeline: string): string {
    const { member, identity } = this.#host;
    return (
      `${from} is of timeline ${timeline}, and ${member} of ${identity().timeline}: one of them has the data of ` +
      'before a restore or a recovery, or runs an older version. Neither takes anything from the other. Move the old ' +
      'data away and let that member join again, or upgrade it'
    );
  }
}
