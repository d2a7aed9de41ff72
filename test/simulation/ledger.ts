/** The ledger of a run: what every member did, checked at once. */
import { createHash } from 'node:crypto';
import { limits } from '../../src/base/index.ts';
import type { Entry, Message, Raft, Ready } from '../../src/raft/core/index.ts';
import type { StoredRecord, StoreEvent } from '../../src/state/index.ts';
import type { KeptKey } from './state-check.ts';
import type { StoreMessage } from './system.ts';

/** How a run ended badly. `crash`: a member or the simulator broke one of its invariants. */
export interface Violation {
  readonly type: 'safety' | 'liveness' | 'crash';
  /** The check that failed. */
  readonly check: string;
  readonly detail: string;
}

/** One change as clients name it. */
export interface LedgerChange {
  readonly type: 'put' | 'delete';
  readonly key: string;
  /** The value's text without the revision in it; that of the removed record for a deletion. */
  readonly value: string;
  readonly previousRevision: number;
  readonly createRevision: number;
}

interface Committed {
  readonly term: number;
  readonly type: Entry['type'];
  readonly data: Uint8Array;
  /** The term of the member that said so: leaders of later terms must have it. */
  readonly knownIn: number;
}

const sameBytes = (one: Uint8Array, two: Uint8Array): boolean => one === two || Buffer.compare(one, two) === 0;

/**
 * Everything that is true in the whole world, gathered from what members send, commit and show. Each addition is a
 * check.
 */
export class Ledger {
  violation: Violation | undefined;
  /** By revision, from 2 on. */
  readonly changes = new Map<number, readonly LedgerChange[]>();
  newestRevision = 1;
  committedIndex = 0;
  readonly leaders = new Map<number, string>();
  readonly #backups: {
    readonly member: string;
    readonly revision: number;
    readonly state: ReadonlyMap<string, string>;
  }[] = [];
  /** Set by `close`. */
  closed = false;
  readonly #votes = new Map<string, string>();
  readonly #entries = new Map<string, { readonly data: Uint8Array; readonly previousTerm: number }>();
  readonly #committed = new Map<number, Committed>();
  readonly #appliedBy = new WeakMap<Raft, number>();
  readonly #hashes = new Map<number, { readonly hash: string; readonly member: string }>();

  /** What members do from here on is not looked at: they begin another history. */
  close(): void {
    this.closed = true;
  }

  fail(check: string, detail: string, type: Violation['type'] = 'safety'): void {
    this.violation ??= { type, check, detail };
  }

  /** A message leaves a member: who leads, whom it voted for and what its log holds are in it. */
  onMessage(message: StoreMessage): void {
    if (message.type === 'snapshot-chunk' && message.data.length > limits.pieceBytesMax)
      this.fail('piece', `${message.from} sends a piece of ${message.data.length} bytes`);
    if (this.closed || !('term' in message)) return;
    const { from, term } = message;
    if (message.type === 'append' || message.type === 'heartbeat' || message.type === 'snapshot')
      this.#leads(from, term);
    if (message.type === 'append') this.#sees(message);
    if (message.type === 'vote-response' && message.granted && !message.pre) this.#noteVote(from, term, message.to);
    if (message.type === 'vote' && !message.pre) this.#noteVote(from, term, from);
  }

  /** What one member's core hands out: committed entries are the same everywhere, in order and without a gap. */
  onReady(raft: Raft, { persist, committed }: Ready): void {
    if (this.closed) return;
    if (persist?.snapshot !== undefined) this.#appliedBy.delete(raft);
    for (const entry of committed) {
      const before = this.#appliedBy.get(raft);
      if (before !== undefined && entry.index !== before + 1)
        this.fail('state-machine-safety', `entry ${entry.index} is applied after ${before}`);
      this.#appliedBy.set(raft, entry.index);
      this.#commits(entry, raft.term);
    }
  }

  /** Changes of one revision, as a member shows them: the same on every member, and after every restart. */
  onChanges(member: string, revision: number, events: readonly StoreEvent[]): void {
    if (this.closed) return;
    const contents = events.map(({ record }) => contentOf(record.bytes));
    const changes = events.map((event, i) => changeOf(event, contents[i] as Content));
    for (const [i, { record }] of events.entries()) {
      const said = contents[i]?.metadata.resourceVersion;
      if (said !== String(record.revision))
        this.fail('revision-in-bytes', `on ${member} ${record.key}@${record.revision} says ${said}`);
    }
    const known = this.changes.get(revision);
    if (known === undefined) {
      this.changes.set(revision, changes);
      this.newestRevision = Math.max(this.newestRevision, revision);
    } else if (!sameChanges(known, changes)) {
      this.fail(
        'equal-changes',
        `revision ${revision} is ${JSON.stringify(changes)} on ${member}, elsewhere ${JSON.stringify(known)}`,
      );
    }
  }

  /** What the changes up to a revision make; undefined where some of them are not known. */
  stateAt(revision: number): ReadonlyMap<string, KeptKey> | undefined {
    const state = new Map<string, KeptKey>();
    for (let at = 2; at <= revision; at++) {
      const changes = this.changes.get(at);
      if (changes === undefined) return undefined;
      for (const { type, key, value, createRevision: created } of changes) {
        if (type === 'put') state.set(key, { value, revision: at, created });
        else state.delete(key);
      }
    }
    return state;
  }

  /** The whole state of one member at a revision. */
  onState(member: string, revision: number, records: readonly StoredRecord[]): void {
    if (this.closed) return;
    const parts = records.map(
      ({ key, revision: written, createRevision, bytes, index }) =>
        `${key}@${written}/${createRevision}+${JSON.stringify(index)}=${textOf(bytes)}`,
    );
    const hash = createHash('sha1').update(parts.join('')).digest('hex');
    const known = this.#hashes.get(revision);
    if (known === undefined) this.#hashes.set(revision, { hash, member });
    else if (known.hash !== hash)
      this.fail('equal-state', `at revision ${revision} ${member} has ${hash}, ${known.member} has ${known.hash}`);
  }

  /** What a store that was restored from a backup holds. */
  onBackup(member: string, revision: number, state: ReadonlyMap<string, string>): void {
    this.#backups.push({ member, revision, state });
  }

  get backups(): number {
    return this.#backups.length;
  }

  /** Each backup is the state of its revision. Those from before what any member showed cannot be checked. */
  checkBackups(): void {
    const state = new Map<string, string>();
    let at = 1;
    for (const backup of [...this.#backups].sort((a, b) => a.revision - b.revision)) {
      for (; at < backup.revision; at++) {
        const changes = this.changes.get(at + 1);
        if (changes === undefined) return;
        for (const { type, key, value } of changes) {
          if (type === 'put') state.set(key, value);
          else state.delete(key);
        }
      }
      const same =
        state.size === backup.state.size && [...state].every(([key, value]) => backup.state.get(key) === value);
      if (!same)
        this.fail(
          'backup',
          `the backup of ${backup.member} at revision ${backup.revision} is not the state of that revision`,
        );
    }
  }

  /** What was refused did not happen. */
  checkRefused(values: ReadonlySet<string>): void {
    for (const [revision, changes] of this.changes)
      for (const { type, value } of changes)
        if (type === 'put' && values.has(value))
          this.fail('refused-happened', `${value} was refused, and is revision ${revision}`);
  }

  /** What each change says of the one before it is true, and who owns a key is found by its owner. */
  checkChanges(): void {
    const held = new Map<string, { readonly revision: number; readonly created: number; readonly value: string }>();
    for (const revision of [...this.changes.keys()].sort((a, b) => a - b)) {
      // A gap, which a snapshot led over: nothing is known of what stood before.
      if (!this.changes.has(revision - 1) && revision > 2) return;
      for (const { type, key, value, previousRevision, createRevision } of this.changes.get(revision) ?? []) {
        const before = held.get(key);
        const created = before?.created ?? revision;
        if (previousRevision !== (before?.revision ?? 0) || createRevision !== created)
          this.fail(
            'true-changes',
            `revision ${revision} says that ${key} was created at ${createRevision} and was at ${previousRevision}, ` +
              `it was created at ${created} and was at ${before?.revision ?? 0}`,
          );
        if (type === 'put') held.set(key, { revision, created, value });
        else held.delete(key);
      }
    }
  }

  #leads(from: string, term: number): void {
    const known = this.leaders.get(term);
    if (known === undefined) this.leaders.set(term, from);
    else if (known !== from) this.fail('election-safety', `${known} and ${from} both lead term ${term}`);
  }

  #noteVote(voter: string, term: number, candidate: string): void {
    const known = this.#votes.get(`${voter}/${term}`);
    if (known === undefined) this.#votes.set(`${voter}/${term}`, candidate);
    else if (known !== candidate)
      this.fail('one-vote-a-term', `${voter} votes for ${known} and ${candidate} in term ${term}`);
  }

  #sees(message: Message & { readonly type: 'append' }): void {
    let previousTerm: number = message.previousTerm;
    this.#complete(message.previousIndex, message.previousTerm, message);
    for (const entry of message.entries) {
      const key = `${entry.index}/${entry.term}`;
      const known = this.#entries.get(key);
      if (known === undefined) this.#entries.set(key, { data: entry.data, previousTerm });
      else if (known.previousTerm !== previousTerm || !sameBytes(known.data, entry.data))
        this.fail('log-matching', `entry ${key} differs between two logs`);
      this.#complete(entry.index, entry.term, message);
      previousTerm = entry.term;
    }
  }

  /** A leader's log holds every entry that was committed before its term. */
  #complete(index: number, term: number, { from, term: leaderTerm }: Message): void {
    const committed = this.#committed.get(index);
    if (committed === undefined || leaderTerm < committed.knownIn || committed.term === term) return;
    this.fail(
      'leader-completeness',
      `${from}, leader of term ${leaderTerm}, has entry ${index} of term ${term}, committed was the one of term ` +
        `${committed.term}`,
    );
  }

  #commits(entry: Entry, knownIn: number): void {
    const known = this.#committed.get(entry.index);
    if (known === undefined) {
      this.#committed.set(entry.index, { term: entry.term, type: entry.type, data: entry.data, knownIn });
      this.committedIndex = Math.max(this.committedIndex, entry.index);
    } else if (known.term !== entry.term || known.type !== entry.type || !sameBytes(known.data, entry.data)) {
      this.fail(
        'state-machine-safety',
        `entry ${entry.index} was committed in term ${known.term} and again, different, in term ${entry.term}`,
      );
    }
  }
}

/** What a record's JSON says: what a client wrote, and the revision that it got. */
interface Content {
  readonly value: string;
  readonly metadata: { readonly resourceVersion: string };
}

/** Each byte is a character: different bytes are different texts. */
const textOf = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('latin1');

function contentOf({ buffer, byteOffset, length }: Uint8Array): Content {
  return JSON.parse(Buffer.from(buffer, byteOffset, length).toString('utf8')) as Content;
}

/** The value that a client wrote, out of the record's JSON. */
export const valueIn = (bytes: Uint8Array): string => contentOf(bytes).value;

/** The revision that stands in a record's JSON. */
export const revisionIn = (bytes: Uint8Array): string => contentOf(bytes).metadata.resourceVersion;

function sameChanges(one: readonly LedgerChange[], two: readonly LedgerChange[]): boolean {
  return (
    one.length === two.length &&
    one.every((change, i) => {
      const other = two[i] as LedgerChange;
      return (
        change.type === other.type &&
        change.key === other.key &&
        change.value === other.value &&
        change.previousRevision === other.previousRevision &&
        change.createRevision === other.createRevision
      );
    })
  );
}

function changeOf(event: StoreEvent, { value }: Content): LedgerChange {
  return {
    type: event.type,
    key: event.record.key,
    value,
    previousRevision: event.previous?.revision ?? 0,
    createRevision: event.record.createRevision,
  };
}
