/** What each core's log may do: it grows in agreement, commits what was shown to agree, and forgets nothing durable. */
import type { Entry, Message, Raft, Ready } from '../../src/raft/core/index.ts';
import type { Ledger } from './ledger.ts';

/** What a core looked like before a call. */
export interface Before {
  readonly role: string;
  readonly term: number;
  readonly commit: number;
  readonly applied: number;
}

export const lookAt = ({ role, term, commitIndex, appliedIndex }: Raft): Before => ({
  role,
  term,
  commit: commitIndex,
  applied: appliedIndex,
});

/** The end of a member's log and its newest term, as its disk confirmed them. */
export interface DurableEnd {
  readonly incarnation: string;
  readonly term: number;
  readonly vote: string;
  readonly last: number;
}

/** Follows the logs of all cores of a run. */
export class LogWatch {
  readonly #ledger: Ledger;
  /** By index: the term of the entry that a leader committed. */
  readonly #chosen = new Map<number, number>();
  /** By term: the log of its leader, as what it sent shows it. */
  readonly #sent = new Map<number, Map<number, number>>();
  /** Up to where the leader of a member's term has shown it its log. */
  readonly #shown = new WeakMap<Raft, { readonly term: number; readonly end: number }>();
  /** By index and term: the data. */
  readonly #written = new Map<string, Uint8Array>();
  /** By member: what its disk confirmed last. */
  readonly #ends = new Map<string, DurableEnd>();
  /** Cores whose disk lost what they may have acknowledged. */
  readonly #owing = new WeakSet<Raft>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** The term of the entry that a leader committed at an index; undefined while none did. */
  chosenAt(index: number): number | undefined {
    return this.#chosen.get(index);
  }

  /** A call of a core is over. `message`: what it was told. */
  onCall(raft: Raft, before: Before, message: Message | undefined): void {
    const { identity, term, commitIndex, appliedIndex } = raft;
    if (term < before.term || commitIndex < before.commit || appliedIndex < before.applied)
      this.#ledger.fail(
        'falls-back',
        `${identity.member} goes from term ${before.term}, commit ${before.commit}, applied ${before.applied} to ` +
          `${term}, ${commitIndex}, ${appliedIndex}`,
      );
    if (raft.owed !== undefined) this.#owing.add(raft);
    else if (this.#owing.delete(raft)) this.#owesNothing(raft);
    if (commitIndex > before.commit) this.#commits(raft, before, message);
    if (message !== undefined && message.term === term) this.#shows(raft, message);
  }

  /** What its disk lost is there again, or was never committed: no later life of it must begin with more. */
  #owesNothing({ identity: { member }, lastIndex }: Raft): void {
    const end = this.#ends.get(member);
    if (end !== undefined) this.#ends.set(member, { ...end, last: Math.min(end.last, lastIndex) });
  }

  /** What the leader of this term has shown a member of its log. */
  #shows(raft: Raft, message: Message): void {
    const end =
      message.type === 'append'
        ? message.previousIndex + message.entries.length
        : message.type === 'snapshot'
          ? message.snapshot.index
          : 0;
    const known = this.#shown.get(raft);
    const before = known?.term === message.term ? known.end : 0;
    this.#shown.set(raft, { term: message.term, end: Math.max(before, end) });
  }

  onReady(raft: Raft, { persist, messages }: Ready): void {
    if (persist !== undefined) this.#replaces(raft, persist);
    for (const entry of persist?.entries ?? []) this.#writes(raft, entry);
    for (const message of messages) {
      if (message.type === 'append') this.#sends(message);
      else if (message.type === 'append-response' && !message.refused) this.#claims(raft, message);
    }
  }

  /** A member's disk confirmed that its log ends here. */
  onDurable({ identity: { member, incarnation } }: Raft, end: Omit<DurableEnd, 'incarnation'>): void {
    this.#ends.set(member, { incarnation, ...end });
  }

  /** A life begins: what the disk had confirmed is there, or the core knows that it is not. */
  onLife(raft: Raft, mayHaveLost: boolean): void {
    const { member, incarnation } = raft.identity;
    const end = this.#ends.get(member);
    if (end === undefined || end.incarnation !== incarnation) return;
    if (raft.lastIndex < end.last && (raft.owed === undefined || !mayHaveLost))
      this.#ledger.fail(
        'forgotten-entries',
        `${member} begins with a log that ends at ${raft.lastIndex}, its disk had confirmed ${end.last}`,
      );
    if (raft.term < end.term)
      this.#ledger.fail('forgotten-term', `${member} begins in term ${raft.term}, its disk had confirmed ${end.term}`);
    if (raft.term === end.term && end.vote !== '' && raft.vote !== end.vote && !mayHaveLost)
      this.#ledger.fail(
        'forgotten-vote',
        `${member} begins with a vote for ${raft.vote || 'nobody'} in term ${end.term}, its disk had confirmed ` +
          `one for ${end.vote}`,
      );
  }

  /** A write begins: whether what it replaces is still there is not known before it ends. */
  #replaces({ identity: { member } }: Raft, { entries, snapshot }: NonNullable<Ready['persist']>): void {
    const end = this.#ends.get(member);
    if (end === undefined) return;
    const kept = Math.min(end.last, snapshot?.index ?? end.last, (entries[0]?.index ?? end.last + 1) - 1);
    this.#ends.set(member, { ...end, last: kept });
  }

  #commits(raft: Raft, before: Before, message: Message | undefined): void {
    const entries = raft.unapplied.filter(({ index }) => index > before.commit && index <= raft.commitIndex);
    const counts = raft.role === 'leader' || (before.role === 'leader' && message === undefined);
    if (counts && message?.type !== 'vote-response') {
      for (const { index, term } of entries) this.#chosen.set(index, term);
      return;
    }
    const shown = Math.max(before.commit, shownBy(message));
    if (raft.commitIndex > shown)
      this.#ledger.fail(
        'commit-beyond-what-was-shown',
        `${raft.identity.member} commits ${raft.commitIndex}, a ${message?.type} showed ${shown}`,
      );
    for (const { index, term } of entries) {
      const chosen = this.#chosen.get(index);
      if (chosen !== term)
        this.#ledger.fail(
          'commit-of-another-entry',
          `${raft.identity.member} commits entry ${index} of term ${term}; a leader committed ` +
            (chosen === undefined ? 'none' : `that of term ${chosen}`),
        );
    }
  }

  #writes({ identity }: Raft, { index, term, data }: Entry): void {
    const key = `${index}/${term}`;
    const known = this.#written.get(key);
    if (known === undefined) this.#written.set(key, data);
    else if (known !== data && Buffer.compare(known, data) !== 0)
      this.#ledger.fail('log-matching', `entry ${key} of ${identity.member} differs from that of another log`);
  }

  #sends({ term, previousIndex, previousTerm, entries }: Message & { readonly type: 'append' }): void {
    const log = this.#sent.get(term) ?? new Map<number, number>();
    this.#sent.set(term, log);
    log.set(previousIndex, previousTerm);
    for (const entry of entries) log.set(entry.index, entry.term);
  }

  /** Who says that its log agrees up to an entry holds the very entry that the leader of this term sent. */
  #claims(raft: Raft, { from, to, term, index }: Message & { readonly type: 'append-response' }): void {
    if (raft.term !== term || index <= raft.commitIndex) return;
    const own = raft.unapplied.find((entry) => entry.index === index)?.term;
    const sent = this.#sent.get(term)?.get(index);
    const shown = this.#shown.get(raft);
    if (own !== undefined && own === sent && shown?.term === term && index <= shown.end) return;
    this.#ledger.fail(
      'claims-too-much',
      `${from} says that it agrees with ${to} up to ${index}, where it has term ${own}; the leader sent term ${sent} ` +
        `there, and showed it entries up to ${shown?.end}`,
    );
  }
}

/** Up to where a message shows that the log of who takes it is committed and agrees. */
function shownBy(message: Message | undefined): number {
  switch (message?.type) {
    case 'append':
      return Math.min(message.commit, message.previousIndex + message.entries.length);
    case 'heartbeat':
      return message.commit;
    case 'snapshot':
      return message.snapshot.index;
    case 'vote-response':
      return message.committed?.index ?? 0;
    default:
      return 0;
  }
}
