/** The claim on a member's name, so that two processes never serve under one. */
import { delay, errorMessage, type Logger, type Timers } from '../../base/index.ts';
import { type Bus, BusError, decode, encode, type Subjects } from '../../bus/index.ts';
import { AdministrationError } from '../administration.ts';

export interface NameClaimOptions {
  readonly bus: Bus;
  readonly subjects: Pick<Subjects, 'claim'>;
  readonly member: string;
  /** Drawn by each process. */
  readonly life: string;
  /** Where this process keeps its data, for the message about a conflict. */
  readonly folder: string;
  /** Wall-clock ms since 1970 when this process began. */
  readonly since: number;
  readonly timers: Timers;
  readonly log: Logger;
  /**
   * Another process has served under this name for longer: this one must end. Called once, and not while `claimName` is
   * still waiting.
   */
  readonly onLost: (error: AdministrationError) => void;
}

export interface NameClaim {
  close(): void;
}

/**
 * How long an objection may take, in how many claims (the servers may just be finding each other), and the pause
 * between two while this process serves.
 */
const objectionMs = 250;
const claimsAtStart = 5;
const repeatMs = 2_000;

interface Claim {
  readonly life: string;
  readonly folder: string;
  readonly since: number;
  /** It serves already; one that is only about to start gives way. */
  readonly serving: boolean;
  /** The life whose claim this answers: proof that the sender was alive after that one began. */
  readonly answers?: string | undefined;
}

function claimOf(payload: Uint8Array): Claim | undefined {
  try {
    const { life, folder, since, serving, answers } = decode(payload) as Record<string, unknown>;
    if (
      typeof life !== 'string' ||
      typeof folder !== 'string' ||
      typeof since !== 'number' ||
      typeof serving !== 'boolean'
    )
      return undefined;
    return { life, folder, since, serving, ...(typeof answers === 'string' ? { answers } : {}) };
  } catch {
    return undefined;
  }
}

/** Who serves stays; of two that serve, the one that began first. */
function yieldsTo(own: Claim, other: Claim): boolean {
  if (own.serving !== other.serving) return other.serving;
  if (own.since !== other.since) return other.since < own.since;
  return other.life < own.life;
}

/**
 * Takes a member's name for this process. Two homes that serve under one name would vote twice and answer for each
 * other, so the later one must not serve: it rejects with AdministrationError `name-taken`, or hears `onLost` when the
 * bus was cut meanwhile. Both claim on one subject, and a process that hears another's claim answers it; an answer
 * counts only when it names the life that it answers, so that a message of a dead process, however late, takes nobody's
 * name.
 */
export async function claimName(options: NameClaimOptions): Promise<NameClaim> {
  const claim = new BusNameClaim(options);
  for (let i = 0; i < claimsAtStart; i++) {
    claim.say();
    await delay(options.timers, objectionMs / claimsAtStart);
  }
  claim.serve();
  return claim;
}

class BusNameClaim implements NameClaim {
  readonly #options: NameClaimOptions;
  readonly #subscription: { close(): void };
  readonly #repeat: { cancel(): void };
  #serving = false;
  #lost: AdministrationError | undefined;

  constructor(options: NameClaimOptions) {
    this.#options = options;
    const { bus, subjects, member, timers } = options;
    this.#subscription = bus.subscribe(subjects.claim(member), ({ payload }) => {
      const claim = claimOf(payload);
      if (claim !== undefined && claim.life !== options.life) this.#hear(claim);
    });
    this.#repeat = timers.every(repeatMs, () => {
      this.say();
    });
  }

  say(): void {
    if (this.#lost === undefined) this.#publish();
  }

  /** From here on this process serves under the name. Throws AdministrationError `name-taken`. */
  serve(): void {
    if (this.#lost !== undefined) throw this.#lost;
    this.#serving = true;
  }

  close(): void {
    this.#repeat.cancel();
    this.#subscription.close();
  }

  get #own(): Claim {
    const { life, folder, since } = this.#options;
    return { life, folder, since, serving: this.#serving };
  }

  #hear(claim: Claim): void {
    const { life, member, log, onLost } = this.#options;
    if (claim.answers === undefined) {
      log.warn('another process claims the name of this member', { member, folder: claim.folder });
      this.#publish(claim.life);
    }
    if (claim.answers !== life || this.#lost !== undefined || !yieldsTo(this.#own, claim)) return;
    this.#lost = new AdministrationError(
      'name-taken',
      `another process serves as member ${member} already, with its data in ${claim.folder}: each member needs a ` +
        `name of its own; stop one of the two, or start this one (${this.#options.folder}) under another name`,
    );
    this.close();
    if (this.#serving) onLost(this.#lost);
  }

  #publish(answers?: string): void {
    const { bus, subjects, member, log } = this.#options;
    try {
      bus.publish(subjects.claim(member), encode({ ...this.#own, answers }));
    } catch (error) {
      // It is said again: nobody hears it at present anyway.
      if (!(error instanceof BusError)) throw error;
      log.debug('cannot claim the name of this member', { error: errorMessage(error) });
    }
  }
}
