/** Small objects with a version, as every orchestrator has them: what clients of a run create, read and change. */

/** What a client was told of one request. */
export type Answer<T> =
  | { readonly type: 'done'; readonly value: T }
  /** The object was at another version than the request said. */
  | { readonly type: 'conflict' }
  /** For sure not carried out. */
  | { readonly type: 'refused'; readonly why: string }
  /** It may have been carried out, or may yet be. */
  | { readonly type: 'unknown'; readonly why: string };

/** An object that was made or changed. */
export interface Written {
  readonly name: string;
  /** Absent: the answer does not tell it; it is greater than the version before. */
  readonly version?: number | undefined;
}

export interface Stored {
  readonly value: string;
  readonly version: number;
}

/** Where a client asks: its remainder by the number of members. */
interface Turn {
  readonly turn: number;
}

interface Swap extends Turn {
  readonly name: string;
  readonly value: string;
  /** The object as the client read it; the request is to fail if it has changed since. */
  readonly from: Stored;
}

/** Port to one kind of such objects; values and ids are words without spaces. */
export interface VersionedObjects {
  /** What they are called where they are: `ConfigMaps`. */
  readonly kind: string;
  /** Makes an object of this name, on a cluster that is well. */
  make(name: string, value: string): Promise<Written>;
  /** One request for an object that holds the id, under a name of its own. */
  create(id: string, turn: number): Promise<Answer<Written>>;
  read(name: string, turn: number): Promise<Answer<Stored>>;
  /** One compare-and-set. */
  swap(swap: Swap): Promise<Answer<Written>>;
  /** The ids that creates have left, each as often as it is there. */
  created(): Promise<readonly string[]>;
}
