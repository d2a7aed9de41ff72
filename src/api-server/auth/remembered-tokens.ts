/** Tokens that held, until what they hang on goes. */
import type { Clock, Timers } from '../../base/index.ts';
import type { Requester, ResourceView } from '../../resources/index.ts';
import { followRights, tiesOf } from './rights-changes.ts';
import type { Withdrawals } from './withdrawals.ts';

/** Then their objects are looked up again, whatever was heard of them. */
const rememberMs = 10_000;
const rememberedMax = 20_000;
/** Longer ones, whose audiences a client chose, are verified each time. */
const rememberedLengthMax = 4 * 1024;

interface RememberedPorts {
  readonly view: Pick<ResourceView, 'onChange'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly withdrawals: Withdrawals;
}

interface Remembered {
  readonly user: Requester;
  /** Monotonic ms. */
  readonly until: number;
}

/**
 * The users of tokens that were verified. A token is forgotten soon after its account, the pod or node that it is bound
 * to, or a Secret with a token goes, and at once when credentials are withdrawn.
 */
export class RememberedTokens {
  readonly #clock: Clock;
  readonly #byToken = new Map<string, Remembered>();
  /** The tokens that end with an object, by its UID. */
  readonly #tied = new Map<string, Set<string>>();

  constructor(ports: RememberedPorts) {
    this.#clock = ports.clock;
    ports.withdrawals.onWithdrawn(() => {
      this.#forgetAll();
    });
    followRights(ports, {
      isTie: (uid) => this.#tied.has(uid),
      changed: ({ deleted, secrets }) => {
        if (secrets) this.#forgetAll();
        for (const uid of deleted) {
          for (const token of this.#tied.get(uid) ?? []) this.#byToken.delete(token);
          this.#tied.delete(uid);
        }
      },
    });
  }

  userOf(token: string): Requester | undefined {
    const known = this.#byToken.get(token);
    return known !== undefined && known.until > this.#clock.monotonic() ? known.user : undefined;
  }

  remember(token: string, user: Requester): void {
    if (token.length > rememberedLengthMax) return;
    if (this.#byToken.size >= rememberedMax) this.#forgetAll();
    this.#byToken.set(token, { user, until: this.#clock.monotonic() + rememberMs });
    for (const uid of tiesOf(user)) {
      const tied = this.#tied.get(uid) ?? new Set();
      this.#tied.set(uid, tied.add(token));
    }
  }

  #forgetAll(): void {
    this.#byToken.clear();
    this.#tied.clear();
  }
}
