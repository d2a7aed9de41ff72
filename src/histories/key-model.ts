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

interface KeyState {
  readonly keys: ReadonlyMap<string, Held>;
  /** The last revision given: those that follow are greater. */
  readonly revision: number;
}

const agrees = (one: Held | undefined, two: Held | undefined): boolean =>
  one?.value === two?.value &&
  (one === undefined || two === undefined || one.revision === 0 || two.revision === 0 || one.revision === two.revision);

function holds(state: KeyState, condition: KeyCondition): boolean {
  const held = state.keys.get(condition.key);
  if (condition.revision !== undefined)
    return held?.revision === 0 ? condition.revision > 0 : (held?.revision ?? 0) === condition.revision;
  return held?.value === condition.value;
}

function write(state: KeyState, action: KeyAction & { readonly type: 'write' }): KeyState | undefined {
  const { conditions, changes, committed, revision = 0 } = action;
  if (conditions.every((condition) => holds(state, condition)) !== committed) return undefined;
  const changing = changes.some(({ key, value }) => value !== undefined || state.keys.has(key));
  if (!committed || !changing) return state;
  if (revision !== 0 && revision <= state.revision) return undefined;
  const keys = new Map(state.keys);
  for (const { key, value } of changes) {
    if (value === undefined) keys.delete(key);
    else keys.set(key, { value, revision });
  }
  return { keys, revision: Math.max(revision, state.revision) };
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
        return agrees(state.keys.get(action.key), action.found) ? state : undefined;
      case 'list': {
        if (action.found.size !== state.keys.size) return undefined;
        for (const [key, held] of action.found)
          if (!state.keys.has(key) || !agrees(state.keys.get(key), held)) return undefined;
        return state;
      }
      default:
        return action satisfies never;
    }
  },
  fingerprint: ({ keys, revision }) =>
    `${revision};${[...keys]
      .map(([key, held]) => `${key}=${held.value}@${held.revision}`)
      .sort()
      .join(';')}`,
};
