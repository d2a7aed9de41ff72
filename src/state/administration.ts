/** What operators ask of members: the commands, their answers and their errors. */

/** Why an operator's command was not carried out. The state is untouched. */
export class AdministrationError extends Error {
  override readonly name = 'AdministrationError';
  readonly code:
    /** Another process has this folder open. */
    | 'in-use'
    /** No member of that name, or it is not in the role that the command needs. */
    | 'unknown-member'
    /** It must first have the newest state. */
    | 'not-caught-up'
    /** The membership needs at least one voter. */
    | 'last-voter'
    /** Not a name that members can have. */
    | 'bad-name'
    | 'timeout'
    | 'no-leader'
    /** The folder holds a store already. */
    | 'not-empty'
    /** The bytes are no whole backup, or were changed. */
    | 'damaged'
    /** Another version of this program wrote the bytes. */
    | 'newer-format'
    /** A member that has to take part is not heard. */
    | 'silent-member'
    /** No key of that id. */
    | 'unknown-key'
    /** Another process serves under this member's name. */
    | 'name-taken'
    /** The backup is of another cluster, or the member of another timeline. */
    | 'foreign'
    /** Several members must begin a timeline of one name. */
    | 'timeline'
    | 'compacted'
    /** The folder holds no store. */
    | 'empty';
  constructor(code: AdministrationError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
  /** Whether the same command may succeed later. */
  get retryable(): boolean {
    return (
      this.code === 'timeout' ||
      this.code === 'no-leader' ||
      this.code === 'not-caught-up' ||
      this.code === 'silent-member'
    );
  }
}

/** One member as the membership names it. */
export interface MemberRow {
  readonly name: string;
  /** A voter that is `leaving` counts until the change under way has ended. */
  readonly role: 'voter' | 'learner' | 'leaving';
  readonly leader: boolean;
}

/** What a member said of itself; `problem` stands in its place when it did not answer. */
export interface MemberReport {
  readonly name: string;
  readonly role: MemberRow['role'];
  readonly status?: Readonly<Record<string, unknown>> | undefined;
  readonly problem?: string | undefined;
}

/** The same revision's hash on each member. */
export interface HashComparison {
  readonly revision: number;
  /** By member; a text in place of a hash says why there is none. */
  readonly hashes: Readonly<Record<string, string>>;
  readonly unanswered: readonly string[];
  /**
   * Whether all hashes that came are the same, and so is what no revision names (sessions, the end of the past)
   * wherever two members passed the same entries.
   */
  readonly equal: boolean;
  /** The first entry after which the latter was not the same. */
  readonly differsAt?: number | undefined;
}

/**
 * Commands about the members. Each may be given at any member, and given twice does no harm. All reject with
 * AdministrationError.
 */
export interface StoreMembers {
  /** As this member knows it. */
  list(): readonly MemberRow[];
  /** Asks every member. */
  report(): Promise<readonly MemberReport[]>;
  /** Adds a member that follows without a vote. Its process may start before or after. */
  addLearner(member: string): Promise<void>;
  /** Gives a learner that has caught up its vote; `not-caught-up` else. */
  promote(member: string): Promise<void>;
  /** Removes a voter or a learner. */
  remove(member: string): Promise<void>;
  /** Hands the leadership to a voter. */
  transferLeadership(member: string): Promise<void>;
  /**
   * A hash of all that is readable at a revision, this member's newest by default; taken in steps beside the normal
   * work.
   */
  hash(revision?: number): Promise<{ readonly revision: number; readonly hash: string }>;
  /** Takes the hash of one revision on every member. */
  compareHashes(): Promise<HashComparison>;
}
