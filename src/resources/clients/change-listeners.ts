/** The listeners of a view. */
import type { GroupResource } from '../../api/index.ts';
import type { ObjectChange } from '../client.ts';

type Listener = (change: ObjectChange) => void;

interface Listening {
  readonly listener: Listener;
  /** The kinds that it hears of; absent: all. */
  readonly of: readonly GroupResource[] | undefined;
  open: boolean;
}

/** Who listens to a view. Most listen to a few kinds, so that a change is told to few. */
export class ChangeListeners {
  #all: readonly Listening[] = [];
  /** Who hears of a kind, found when it first changes. */
  #hearing = new Map<string, readonly Listening[]>();

  get count(): number {
    return this.#all.length;
  }

  add(listener: Listener, of?: readonly GroupResource[]): () => void {
    const listening: Listening = { listener, of, open: true };
    this.#replace([...this.#all, listening]);
    return () => {
      listening.open = false;
      this.#replace(this.#all.filter((other) => other !== listening));
    };
  }

  /** Calls each who hears of it, in the order in which they came; `failed` is told what one throws. */
  tell(change: ObjectChange, failed: (error: unknown) => void): void {
    for (const listening of this.#of(change.resource)) {
      if (!listening.open) continue;
      try {
        listening.listener(change);
      } catch (error) {
        failed(error);
      }
    }
  }

  #of({ group, resource }: GroupResource): readonly Listening[] {
    const key = `${group}/${resource}`;
    const known = this.#hearing.get(key);
    if (known !== undefined) return known;
    const made = this.#all.filter(
      ({ of }) => of === undefined || of.some((one) => one.resource === resource && one.group === group),
    );
    this.#hearing.set(key, made);
    return made;
  }

  #replace(all: readonly Listening[]): void {
    this.#all = all;
    this.#hearing = new Map();
  }
}
