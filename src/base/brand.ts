/** Numbers that the compiler keeps apart from their look-alikes. */

/** A Term is never passed where a LogIndex is due. */
type Brand<T, Name extends string> = T & { readonly __brand: Name };

/** A Raft term: grows at each election. */
export type Term = Brand<number, 'Term'>;
/** A position in the Raft log; the first entry has index 1. */
export type LogIndex = Brand<number, 'LogIndex'>;
/**
 * The store's commit counter, which Kubernetes calls resourceVersion. Grows by one for each applied transaction that
 * wrote.
 */
export type Revision = Brand<number, 'Revision'>;
