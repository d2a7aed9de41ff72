/** What members whose disks lost entries may do: no debt is forgotten that counts, and what others say binds them. */
import { type LogEnd, type Message, noEntry, type Raft, reaches, type Ready } from '../../src/raft/core/index.ts';
import type { Ledger } from './ledger.ts';

interface Debt {
  readonly incarnation: string;
  readonly end: LogEnd;
}

/** Where the log of a core ends. */
function endOf(raft: Raft): LogEnd {
  const { index, term } = raft.unapplied.at(-1) ?? raft.appliedMark;
  return { index, term };
}

/** Follows the debts of all members of a run. */
export class OwedWatch {
  readonly #ledger: Ledger;
  /** The term of the entry that a leader committed there; undefined while none did. */
  readonly #chosen: (index: number) => number | undefined;
  /** By core: what it owes as of its last call. */
  readonly #owing = new WeakMap<Raft, LogEnd>();
  /** By member: what its newest life owed last. */
  readonly #debts = new Map<string, Debt>();
  /** By member: the newest end of a log that its disk has confirmed. */
  readonly #confirmed = new Map<string, LogEnd>();
  /** By its number: the term that a question speaks of. */
  readonly #asked = new Map<number, number>();

  constructor(ledger: Ledger, chosen: (index: number) => number | undefined) {
    this.#ledger = ledger;
    this.#chosen = chosen;
  }

  /** A disk has confirmed a log up to there. */
  onConfirmed({ identity: { member } }: Raft, end: LogEnd): void {
    if (reaches(end, this.#confirmed.get(member) ?? noEntry)) this.#confirmed.set(member, end);
  }

  /**
   * A life begins: what the one before it owed, it owes, or has. A write that a crash tore makes a debt, too, but no
   * disk had confirmed it: should the disk lose what says so, nothing is lost.
   */
  onLife(raft: Raft): void {
    const { identity, owed } = raft;
    const debt = this.#debts.get(identity.member);
    if (debt === undefined || debt.incarnation !== identity.incarnation || reaches(owed ?? endOf(raft), debt.end))
      return;
    if (!reaches(this.#confirmed.get(identity.member) ?? noEntry, debt.end)) return;
    this.#ledger.fail(
      'forgotten-debt',
      `${identity.member} owed entries up to ${debt.end.index} of term ${debt.end.term}, and begins as if it did not`,
    );
  }

  /** A call of a core is over. */
  onCall(raft: Raft): void {
    const { identity, owed } = raft;
    const before = this.#owing.get(raft);
    if (owed === before) return;
    if (owed === undefined) {
      this.#owing.delete(raft);
      this.#debts.delete(identity.member);
    } else {
      this.#owing.set(raft, owed);
      this.#debts.set(identity.member, { incarnation: identity.incarnation, end: owed });
    }
    if (before === undefined || reaches(owed ?? endOf(raft), before)) return;
    if (this.#chosen(before.index) === before.term)
      this.#ledger.fail(
        'committed-debt',
        `${identity.member} forgets that it owed entry ${before.index} of term ${before.term}, which was committed`,
      );
  }

  /** Who says where its log ends has left the terms in which the one who asks may have acknowledged what it lost. */
  onReady(messages: Ready['messages']): void {
    for (const message of messages) {
      if (message.type === 'vote' && message.inquiry !== undefined) this.#asked.set(message.inquiry, message.term);
      if (message.type === 'vote-response' && message.inquiry !== undefined) this.#answers(message, message.inquiry);
    }
  }

  #answers({ from, to, term, testimony }: Message & { readonly type: 'vote-response' }, inquiry: number): void {
    const asked = this.#asked.get(inquiry) ?? 0;
    if (testimony?.type !== 'damaged' && term <= asked)
      this.#ledger.fail(
        'loose-testimony',
        `${from} tells ${to} in term ${term} what it has, and may take more from a leader of term ${asked}`,
      );
  }
}
