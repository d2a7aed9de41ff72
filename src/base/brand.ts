/**
 * A number or string that the compiler keeps apart from its look-alikes: a Term is never passed where a LogIndex is
 * due.
 */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };

/** A Raft term: grows at each election. */
export type Term = Brand<number, 'Term'>;
/** A position in the Raft log; the first entry has index 1. */
export type LogIndex = Brand<number, 'LogIndex'>;
/**
 * The store's commit counter, which Kubernetes calls resourceVersion. Grows by one for each applied transaction that
 * wrote.
 */
export type Revision = Brand<number, 'Revision'>;
/** How often a shard has changed its owner; a write under an older epoch is refused. */
export type Epoch = Brand<number, 'Epoch'>;
/** A slice of the resource space. */
export type ShardId = Brand<number, 'ShardId'>;
