/** How a ResourceQuota counts the objects of a kind (pkg/quota/v1/evaluator/core), besides their number. */

import type { JsonObject, KubeObject } from '../object.ts';
import type { ResourceAmounts } from '../objects/index.ts';

/** A stored object, or one that is being written. */
export type CountedObject = JsonObject | KubeObject;

export interface ScopeRequirement {
  readonly scopeName: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

export interface QuotaRules {
  /** Objects are counted under the plain name of their resource too (`services`, not only `count/services`). */
  readonly plainCount?: boolean | undefined;
  /** Whether this name in a quota's `hard` counts objects of the kind by `usage`. */
  counts?(name: string): boolean;
  /** What an object uses, by the names that a quota's `hard` has. Throws QuantityError. */
  usage?(object: CountedObject): ResourceAmounts;
  /** What a new object fails to say though one of the names in `hard` counts it (`limits.memory for: c; …`), or ''. */
  missing?(object: CountedObject, names: readonly string[]): string;
  /** Whether an object is inside a scope; absent: a quota with scopes does not count the kind. */
  inScope?(object: CountedObject, requirement: ScopeRequirement): boolean;
  /** An update is not charged. */
  readonly freeUpdates?: boolean | undefined;
}
