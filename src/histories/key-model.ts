/** The sequential model of a few keys. */
import type { Model } from './linearisability.ts';

/** What a key holds. The revision is 0 where a history does not tell it. */
export interface Held {
  readonly value: string;
  readonly revision: number;
}

/** A precondition of a write: the revision (0: absent), or the value, that the key must have. */
export interface KeyCondition {
  readonly key: string;
  readonly revision?: number;
  readonly value?: string | undefined;
}

export interface Change {
  readonly key: string;
  /** Absent: the key is deleted. */
  readonly value?: string;
}

/** What a client did to a few keys, with the result it saw. */
export type KeyAction =
  | {
      readonly type: 'write';
      readonly conditions: readonly KeyCondition[];
      readonly changes: readonly Change[];
      readonly committed: boolean;
      /** The new revision, where it is known. */ readonly revision?: number;
    }
  | { readonly type: 'read'; readonly key: string; readonly found: Held | undefined }
  | { readonly type: 'list'; readonly found: ReadonlyMap<string, Held> };

/** What the model knows of a key: a revision that nobody told is greater than `above`. */
interface Kept extends Held {
  readonly above: number;
}

interface KeyState {
  readonly keys: ReadonlyMap<string, Kept>;
  /** The last revision that is known: those that follow are greater. */
  readonly revision: number;
}

/** Undefined: it may hold or not, since nobody told the revision yet. */
function holds(state: KeyState, condition: KeyCondition): boolean | undefined {
  const kept = state.keys.get(condition.key);
  if (condition.revision === undefined) return kept?.value === condition.value;
  if (kept?.revision === 0) return condition.revision > kept.above ? undefined : false;
  return (kept?.revision ?? 0) === condition.revision;
}

function write(state: KeyState, action: KeyAction & { readonly type: 'write' }): KeyState | undefined {
  const { conditions, changes, committed, revision = 0 } = action;
  const held = conditions.map((condition) => holds(state, condition));
  if (committed ? held.includes(false) : held.every((each) => each === true)) return undefined;
  const changing = changes.some(({ key, value }) => value !== undefined || state.keys.has(key));
  if (!committed || !changing) return state;
  const above = Math.max(state.revision, ...conditions.map((condition) => condition.revision ?? 0));
  if (revision !== 0 && revision <= above) return undefined;
  const keys = new Map(state.keys);
  for (const { key, value } of changes) {
    if (value === undefined) keys.delete(key);
    else keys.set(key, { value, revision, above });
  }
  return { keys, revision: Math.max(revision, above) };
}

/** The state after somebody saw this of a key, with the revision that it told; undefined if it cannot be so. */
function seen(state: KeyState, key: string, found: Held | undefined): KeyState | undefined {
  const kept = state.keys.get(key);
  if (kept?.value !== found?.value) return undefined;
  if (kept === undefined || found === undefined || found.revision === 0) return state;
  if (kept.revision !== 0) return kept.revision === found.revision ? state : undefined;
  if (found.revision <= kept.above) return undefined;
  const told = { ...kept, revision: found.revision };
  return { keys: new Map(state.keys).set(key, told), revision: Math.max(state.revision, found.revision) };
}

/**
 * A handful of keys under transactions: registers when one key is used at a time, a set when keys come and go under
 * lists.
 */
export const keyModel: Model<KeyState, KeyAction> = {
  initial: { keys: new Map(), revision: 0 },
  step(state, action) {
    switch (action.type) {
      case 'write':
        return write(state, action);
      case 'read':
        return seen(state, action.key, action.found);
      case 'list': {
        if (action.found.size !== state.keys.size) return undefined;
        let after: KeyState | undefined = state;
        for (const [key, found] of action.found) after &&= seen(after, key, found);
        return after;
      }
      default:
        return action satisfies never;
    }
  },
  fingerprint: ({ keys, revision }) =>
    `${revision};${[...keys]
      .map(([key, { value, revision: own, above }]) => `${key}=${value}@${own === 0 ? `>${above}` : own}`)
      .sort()
      .join(';')}`,
};
