/** Runs mutating plug-ins a second time after one of them changed the object. */
import { deepClone, deepEqual } from '../../api/index.ts';
import type { AdmissionRequest } from './request.ts';

/**
 * Mutating plug-ins may want a second look at a request: when one of those that change objects by rules of the
 * cluster's users (webhooks, policies) changed it, all plug-ins run once more; of a plug-in's hooks only those that ask
 * for it (`reinvocationPolicy: IfNeeded`) and after whose turn something changed. Follows upstream's reinvocation
 * contexts.
 */
interface Round {
  again: boolean;
  wanted: boolean;
}

const rounds = new WeakMap<AdmissionRequest, Round>();

function roundOf(request: AdmissionRequest): Round {
  const known = rounds.get(request);
  if (known !== undefined) return known;
  const made = { again: false, wanted: false };
  rounds.set(request, made);
  return made;
}

/** Whether the plug-ins run for the second time. */
export const isAgain = (request: AdmissionRequest): boolean => rounds.get(request)?.again === true;

/** Begins the second round, if one is wanted. */
export function beginsAgain(request: AdmissionRequest): boolean {
  const round = rounds.get(request);
  if (round === undefined || round.again || !round.wanted) return false;
  round.again = true;
  return true;
}

/** Which of a plug-in's hooks are to look at one request. */
export class Turns {
  /** Hooks that want to look again when something changes after them. */
  readonly #mayLookAgain = new Set<string>();
  /** Those of them after whose turn something did change. */
  readonly #lookAgain = new Set<string>();
  readonly #request: AdmissionRequest;
  /** What the plug-in made of the object. */
  #left: unknown;

  constructor(request: AdmissionRequest) {
    this.#request = request;
  }

  begin(): void {
    if (isAgain(this.#request) && !deepEqual(this.#left, this.#request.object)) this.#wake();
  }

  has(hook: string): boolean {
    return !isAgain(this.#request) || this.#lookAgain.has(hook);
  }

  /** A hook has had its turn. */
  took(hook: string, { changed, mayAgain }: { readonly changed: boolean; readonly mayAgain: boolean }): void {
    if (changed) {
      this.#wake();
      roundOf(this.#request).wanted = true;
    }
    if (mayAgain) this.#mayLookAgain.add(hook);
  }

  end(): void {
    this.#left = deepClone(this.#request.object);
  }

  #wake(): void {
    for (const hook of this.#mayLookAgain) this.#lookAgain.add(hook);
    this.#mayLookAgain.clear();
  }
}

/** Remembers the turns of one plug-in's hooks for as long as the request lives. */
export function turnsByRequest(): (request: AdmissionRequest) => Turns {
  const known = new WeakMap<AdmissionRequest, Turns>();
  return (request) => {
    const turns = known.get(request) ?? new Turns(request);
    known.set(request, turns);
    return turns;
  };
}
