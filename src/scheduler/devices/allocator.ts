/** Finds devices for claims on one node: a bounded search with backtracking. */
import type { CostBudget, DeviceAttribute, DeviceConstraint, ResourceClaim } from '../../api/index.ts';
import type { Candidate, Reachable } from './pools.ts';
import { fulfils } from './selectors.ts';

/** One way to fulfil a request of a claim. */
export interface Wish {
  /** The request, with an alternative as `request/alternative`. */
  readonly request: string;
  /** The class of the devices. */
  readonly className: string;
  /** Of the class and of the request. */
  readonly expressions: readonly string[];
  /** Absent: all devices that fit. */
  readonly count?: number | undefined;
  /** The devices may be in use. */
  readonly admin: boolean;
}

/** A claim without devices: for each request the ways to fulfil it, the best first. */
export interface PendingClaim {
  readonly claim: ResourceClaim;
  readonly requests: readonly (readonly Wish[])[];
}

export interface Choice {
  readonly wish: Wish;
  readonly candidate: Candidate;
}

/** What is found for one claim. */
export interface ClaimChoice {
  readonly claim: ResourceClaim;
  readonly choices: readonly Choice[];
}

/** Looks at devices that the searches for a pod may still make, and what their expressions may still cost. */
export interface SearchBudget {
  left: number;
  readonly cost: CostBudget;
}

interface Search {
  readonly reachable: Reachable;
  isTaken(key: string): boolean;
  readonly budget: SearchBudget;
}

/** Devices that a claim can have, as the API bounds its status. */
const devicesMax = 32;

/** Devices for all of the claims, or why there are none. Does not change anything but the budget. */
export function allocate(
  claims: readonly PendingClaim[],
  search: Search,
): readonly ClaimChoice[] | { readonly reason: string } {
  const attempt = new Attempt(claims, search);
  if (attempt.run()) return attempt.chosen();
  return { reason: search.budget.left <= 0 ? 'the search for devices took too long' : attempt.reason };
}

class Attempt {
  reason = 'cannot allocate all claims';
  readonly #claims: readonly PendingClaim[];
  readonly #search: Search;
  readonly #taken = new Set<string>();
  readonly #choices: Choice[][];
  readonly #matching = new Map<Wish, readonly Candidate[]>();
  readonly #constraints: readonly (readonly Constraint[])[];

  constructor(claims: readonly PendingClaim[], search: Search) {
    this.#claims = claims;
    this.#search = search;
    this.#choices = claims.map(() => []);
    this.#constraints = claims.map(({ claim }) =>
      (claim.spec.devices?.constraints ?? []).map((constraint) => new Constraint(constraint)),
    );
  }

  run(): boolean {
    return this.#from(0, 0);
  }

  chosen(): readonly ClaimChoice[] {
    return this.#claims.map(({ claim }, index) => ({ claim, choices: this.#choices[index] ?? [] }));
  }

  /** Fulfils this request and all after it. */
  #from(claim: number, request: number): boolean {
    const pending = this.#claims[claim];
    if (pending === undefined) return true;
    const ways = pending.requests[request];
    if (ways === undefined) return this.#from(claim + 1, 0);
    const next = (): boolean => this.#from(claim, request + 1);
    return ways.some((wish) =>
      wish.count === undefined ? this.#takeAll(wish, claim, next) : this.#take({ wish, claim, next }, wish.count, 0),
    );
  }

  /** Takes so many more devices of those from `start` on. */
  #take(step: Step, count: number, start: number): boolean {
    if (count === 0) return step.next();
    const matching = this.#match(step.wish);
    for (let at = start; at + count <= matching.length; at++) {
      const candidate = matching[at];
      if (candidate === undefined || this.#search.budget.left <= 0) return false;
      this.#search.budget.left -= 1;
      if (!this.#add(step, candidate)) continue;
      if (this.#take(step, count - 1, at + 1)) return true;
      this.#undo(step);
    }
    return false;
  }

  #takeAll(wish: Wish, claim: number, next: () => boolean): boolean {
    if (this.#search.reachable.isUnfinished) {
      this.reason = 'a pool of devices is being published';
      return false;
    }
    const matching = this.#match(wish);
    const step = { wish, claim, next };
    let added = 0;
    this.#search.budget.left -= matching.length;
    while (added < matching.length && this.#add(step, matching[added] as Candidate)) added += 1;
    if (added > 0 && added === matching.length && next()) return true;
    for (; added > 0; added--) this.#undo(step);
    return false;
  }

  /** The devices that fulfil a wish, free or not. */
  #match(wish: Wish): readonly Candidate[] {
    const known = this.#matching.get(wish);
    if (known !== undefined) return known;
    const matching = this.#search.reachable.candidates.filter((candidate) => {
      const { budget } = this.#search;
      if (budget.left <= 0) return false;
      const answer = fulfils(candidate, wish.expressions, budget.cost);
      if (answer === 'too dear') budget.left = 0;
      if (answer === 'too dear') return false;
      if (typeof answer === 'boolean') return answer;
      this.reason = `request ${wish.request}: ${answer.problem}`;
      return false;
    });
    this.#matching.set(wish, matching);
    return matching;
  }

  #add({ wish, claim }: Step, candidate: Candidate): boolean {
    const choices = this.#choices[claim] as Choice[];
    if (choices.length >= devicesMax) return false;
    const isTaken = this.#taken.has(candidate.key) || (!wish.admin && this.#search.isTaken(candidate.key));
    if (isTaken) return false;
    const constraints = (this.#constraints[claim] ?? []).filter((constraint) => constraint.isAbout(wish.request));
    if (!constraints.every((constraint) => constraint.allows(candidate))) return false;
    for (const constraint of constraints) constraint.add(candidate);
    this.#taken.add(candidate.key);
    choices.push({ wish, candidate });
    return true;
  }

  #undo({ wish, claim }: Step): void {
    const choice = this.#choices[claim]?.pop();
    if (choice === undefined) return;
    this.#taken.delete(choice.candidate.key);
    for (const constraint of this.#constraints[claim] ?? []) if (constraint.isAbout(wish.request)) constraint.remove();
  }
}

interface Step {
  readonly wish: Wish;
  readonly claim: number;
  readonly next: () => boolean;
}

/** An attribute that must be the same in several devices. */
class Constraint {
  readonly #attribute: string;
  readonly #requests: readonly string[];
  #value: string | undefined;
  #count = 0;

  constructor({ matchAttribute = '', requests = [] }: DeviceConstraint) {
    this.#attribute = matchAttribute;
    this.#requests = requests;
  }

  /** A constraint on a request is one on all of its alternatives. */
  isAbout(request: string): boolean {
    const [name = ''] = request.split('/');
    return this.#requests.length === 0 || this.#requests.includes(request) || this.#requests.includes(name);
  }

  allows(candidate: Candidate): boolean {
    const value = attributeText(candidate, this.#attribute);
    return value !== undefined && (this.#count === 0 || value === this.#value);
  }

  add(candidate: Candidate): void {
    this.#value = attributeText(candidate, this.#attribute);
    this.#count += 1;
  }

  remove(): void {
    this.#count -= 1;
  }
}

/** An attribute by its full name; those of the driver's own domain may be published without it. */
function attributeText({ driver, device }: Candidate, fullName: string): string | undefined {
  const attributes = device.basic?.attributes ?? {};
  const own = fullName.startsWith(`${driver}/`) ? attributes[fullName.slice(driver.length + 1)] : undefined;
  const found: DeviceAttribute | undefined = attributes[fullName] ?? own;
  if (found === undefined) return undefined;
  const { int, bool, string, version } = found;
  return JSON.stringify([int, bool, string, version]);
}
