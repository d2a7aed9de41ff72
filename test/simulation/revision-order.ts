/** The check that results fit the order of revisions. */
import type { KeyAction, Operation } from '../../src/histories/index.ts';
import type { LedgerChange } from './ledger.ts';

interface Span {
  /** The key holds this value from this revision on, until before `to`. */
  readonly from: number;
  to: number;
  readonly value: string | undefined;
}

/** What each key of a history held, and when. */
class Past {
  readonly #spans = new Map<string, Span[]>();
  readonly #changed: number[] = [0];

  constructor(changes: ReadonlyMap<number, readonly LedgerChange[]>, prefix: string) {
    for (const revision of [...changes.keys()].sort((a, b) => a - b)) {
      const own = (changes.get(revision) ?? []).filter(({ key }) => key.startsWith(prefix));
      if (own.length > 0) this.#changed.push(revision);
      for (const { type, key, value } of own) this.#set(key, revision, type === 'put' ? value : undefined);
    }
  }

  get keys(): Iterable<string> {
    return this.#spans.keys();
  }

  at(key: string, revision: number): Span {
    return (
      this.#spans.get(key)?.findLast(({ from }) => from <= revision) ?? {
        from: 0,
        to: Number.POSITIVE_INFINITY,
        value: undefined,
      }
    );
  }

  /** Revisions from `least` on at which something of these keys may differ from the one before. */
  from(least: number): readonly number[] {
    return [least, ...this.#changed.filter((revision) => revision > least)];
  }

  #set(key: string, revision: number, value: string | undefined): void {
    const spans = this.#spans.get(key) ?? [{ from: 0, to: Number.POSITIVE_INFINITY, value: undefined }];
    this.#spans.set(key, spans);
    const last = spans.at(-1);
    if (last !== undefined) last.to = revision;
    spans.push({ from: revision, to: Number.POSITIVE_INFINITY, value });
  }
}

/** Whether an operation that changed nothing can have seen the state of this revision. */
function fits(past: Past, action: KeyAction, revision: number): boolean {
  const held = (key: string): { readonly value: string | undefined; readonly revision: number } => {
    const { value, from } = past.at(key, revision);
    return { value, revision: value === undefined ? 0 : from };
  };
  if (action.type === 'read') return held(action.key).value === action.found?.value;
  if (action.type === 'list')
    return (
      [...past.keys].every((key) => held(key).value === action.found.get(key)?.value) &&
      [...action.found.keys()].every((key) => held(key).value !== undefined)
    );
  return !action.conditions.every((condition) =>
    condition.revision === undefined
      ? held(condition.key).value === condition.value
      : held(condition.key).revision === condition.revision,
  );
}

/**
 * Decides a history whose writes have known revisions, in one pass: those are their order, so each other operation
 * needs a revision whose state explains its result, no older than what was done before it was called. The smallest one
 * leaves the most room to what comes later. Returns the position of the first operation that has none; undefined when
 * all have one.
 */
export function misplacedByRevision(
  history: readonly Operation<KeyAction>[],
  changes: ReadonlyMap<number, readonly LedgerChange[]>,
  prefix: string,
): number | undefined {
  const past = new Past(changes, prefix);
  const calls = history
    .map((operation, position) => ({ operation, position }))
    .sort((a, b) => a.operation.calledAt - b.operation.calledAt);
  const done: { readonly returnedAt: number; readonly revision: number }[] = [];
  let least = 0;
  for (const {
    operation: { calledAt, returnedAt, action },
    position,
  } of calls) {
    for (let i = done.length - 1; i >= 0; i--) {
      const before = done[i];
      if (before === undefined || before.returnedAt >= calledAt) continue;
      least = Math.max(least, before.revision);
      done.splice(i, 1);
    }
    const changed = action.type === 'write' && action.committed;
    // A deletion of what is not there, or one without an answer, has no revision.
    if (changed && action.revision === undefined) continue;
    const revision = changed
      ? (action.revision ?? 0)
      : past.from(least).find((candidate) => fits(past, action, candidate));
    // What was done before it was called did not see its value.
    const news =
      changed &&
      action.changes.some(({ key, value }) => value !== undefined && past.at(key, revision ?? 0).value === value);
    if (revision === undefined || revision < least || (news && revision === least)) return position;
    if (returnedAt !== undefined) done.push({ returnedAt, revision });
  }
  return undefined;
}
