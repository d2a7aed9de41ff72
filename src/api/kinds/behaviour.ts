/** The contract of a kind with the generic write path. */

import type { Steps } from '../../base/index.ts';
import type { JsonObject, KubeObject } from '../object.ts';
import type { FieldError, IpFamily } from '../machinery/index.ts';
import type { QuotaRules } from './quota.ts';

/**
 * One column of a Table answer (meta.k8s.io/v1 TableColumnDefinition). `priority` 0 is shown always, others with `-o
 * wide`.
 */
export interface TableColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

/** One cell of a row; null where upstream prints nothing. */
export type TableCell = string | number | boolean | null;

/** A mark of a row of a Table. */
export interface RowCondition {
  readonly type: 'Completed';
  readonly status: 'True';
  readonly reason: string;
  readonly message: string;
}

/** Who writes, as far as some kinds record it. */
export interface Requester {
  readonly name: string;
  readonly uid?: string | undefined;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/**
 * How often upstream checks the metadata of an update with the kind, besides once for every kind. It reports what is
 * wrong as often.
 */
export interface MetadataChecks {
  /** As a change. */
  readonly changes: number;
  /** As it does at creation. */
  readonly wholes: number;
}

/** A first request to delete an object that is deleted in two steps. */
export interface BeginningDeletion {
  /** RFC 3339. */
  readonly now: string;
  readonly propagation: 'Background' | 'Foreground' | 'Orphan' | undefined;
}

/**
 * What differs for one subresource that writes the parent object (`status`, `resize`, `ephemeralcontainers`, `approval`
 * …).
 */
export interface SubresourceBehaviour {
  /** Puts back what this way of writing may not change. `now` is RFC 3339. */
  prepareForUpdate?(object: JsonObject, old: KubeObject, now?: string): void;
  /** All errors of the write; object metadata is checked by the caller. */
  validateUpdate?(object: KubeObject, old: KubeObject): readonly FieldError[];
  /** Absent: once as a change. */
  readonly metadataChecks?: MetadataChecks | undefined;
  /** Texts of Warning headers, when the write is otherwise good. */
  warnings?(object: KubeObject, old: KubeObject): readonly string[];
}

/**
 * All that one kind adds to the generic write path: pure functions over objects of the request's version. `defaults`,
 * the prepare functions and the conversions may change `object`; `old` is a stored, frozen object.
 *
 * Order of a create: defaults, admission, system metadata (uid, creationTimestamp), prepareForCreate, beginAllocation,
 * metadata checks (by the caller, with `nameCheck`), validate, toStorage. Order of an update: defaults, admission,
 * prepareForUpdate, beginAllocation, metadata checks, validateUpdate (or, absent, validate), toStorage. The caller
 * keeps the metadata that the system owns (uid, creationTimestamp, deletionTimestamp, …) by itself.
 */
export interface KindBehaviour {
  /** Why an object that decodes well cannot be read after all: a field of old that lives on as an annotation, say. */
  unreadable?(object: JsonObject): string | undefined;
  /** Fills in upstream's defaults. Idempotent; also run over what a patch made. */
  defaults?(object: JsonObject): void;
  /**
   * Removes what a client may not set at creation (status) and sets `metadata.generation` where the kind counts it. May
   * answer texts of Warning headers about what was made of the object.
   */
  prepareForCreate?(object: JsonObject, requester?: Requester): readonly string[] | void;
  /**
   * Puts back what this way of writing may not change (status) and increments `metadata.generation` when the
   * spec changed.
   */
  prepareForUpdate?(object: JsonObject, old: KubeObject): void;
  /**
   * Completes what upstream completes when it allocates what an object needs, by the cluster's address families (the
   * first is the default one), and answers the errors that it finds there: with one of them it looks at nothing else.
   * `old` is absent at creation.
   */
  beginAllocation?(object: JsonObject, families: readonly IpFamily[], old?: KubeObject): readonly FieldError[];
  /** Errors of a new object, without those of its metadata. */
  validate?(object: KubeObject): readonly FieldError[];
  /** Errors of an update, including what of `validate` still holds. */
  validateUpdate?(object: KubeObject, old: KubeObject): readonly FieldError[];
  /** What `validate` says, or with `old` `validateUpdate`, in steps: for kinds of which that is much work. */
  validationSteps?(object: KubeObject, old?: KubeObject): Steps<readonly FieldError[]>;
  /** Absent: once as a change. */
  readonly metadataChecks?: MetadataChecks | undefined;
  /** Finalizers need no domain. */
  readonly plainFinalizers?: boolean | undefined;
  /** Texts of Warning headers, when the write is otherwise good. `old` is absent at creation. */
  warnings?(object: KubeObject, old?: KubeObject): readonly string[];
  /** Text of a Warning header that goes with every answer about this kind, reads and failures too. */
  readonly deprecation?: string | undefined;
  /** Texts of Warning headers of a deletion; `propagation` is that of the delete options, if any. */
  deletionWarnings?(object: KubeObject, propagation?: string): readonly string[];
  /** Why the object of this name cannot be deleted by itself; with its collection it can. */
  deletionRefusal?(name: string): string | undefined;
  /** DELETE answers the object as it last was; absent: a Status that names it. */
  readonly deletionAnswersObject?: boolean | undefined;
  /**
   * What happens to dependents when the delete options have no propagation policy; absent: Background. `None`: objects
   * of this kind never own others, so that no policy applies.
   */
  readonly defaultPropagation?: 'Background' | 'Orphan' | 'None' | undefined;
  /**
   * Only for kinds that are deleted in two steps, because their contents are removed first (Namespace,
   * CustomResourceDefinition): turns a copy of the stored object into what the first DELETE writes. Later ones change
   * nothing while `isHeld`.
   */
  beginDeletion?(object: JsonObject, deletion: BeginningDeletion): void;
  /** Whether anything besides metadata.finalizers keeps an object that is being deleted (spec.finalizers). */
  isHeld?(object: KubeObject): boolean;
  /** Objects expire when the server's time for Events has passed since their last write. */
  readonly expires?: boolean | undefined;
  /** What is allocated to an object in the transaction that writes it. */
  readonly allocates?: 'service-addresses' | 'pod-ranges' | undefined;
  /** How quotas count objects of this kind besides `count/<resource>.<group>`. */
  readonly quota?: QuotaRules | undefined;
  /** spec.selector is a plain map of labels, not a LabelSelector. */
  readonly plainSelector?: boolean | undefined;
  readonly subresources?: Readonly<Record<string, SubresourceBehaviour>> | undefined;
  /**
   * Fields for field selectors besides `metadata.name` and `metadata.namespace`. A field that the kind knows is always
   * present, possibly ''.
   */
  selectableFields?(object: KubeObject): Readonly<Record<string, string>>;
  readonly columns: readonly TableColumn[];
  /** The cells of `columns`. `now` in milliseconds since the epoch. */
  row(object: KubeObject, now: number): readonly TableCell[];
  /** Marks of a row (meta.k8s.io/v1 TableRowCondition), such as that the object is done. */
  rowConditions?(object: KubeObject): readonly RowCondition[];
  /** The order of rows in a Table where it is not that of the names. */
  compareRows?(left: KubeObject, right: KubeObject): number;
  /**
   * Annotations that stand for fields which the API machinery has by itself: metadata that is shown without its object
   * lacks them.
   */
  readonly fieldAnnotations?: readonly string[] | undefined;
  /** Messages about a bad name; absent: a DNS subdomain. `prefix`: the name will get a suffix (generateName). */
  nameCheck?(name: string, prefix?: boolean): readonly string[];
  /** PUT of an unknown name creates it. */
  readonly allowCreateOnUpdate?: boolean | undefined;
  /** PUT without metadata.resourceVersion is taken; absent: true. */
  readonly allowUnconditionalUpdate?: boolean | undefined;
  /** Seconds between a deletion and its end; absent or 0: at once. `requested` is that of the delete options. */
  gracePeriodSeconds?(object: KubeObject, requested?: number): number;
  /** Finalizers that every new object gets. */
  readonly finalizersOnCreate?: readonly string[] | undefined;
  /** Turns an object of this version into one of the storage version and kind; absent: they are the same. */
  toStorage?(object: JsonObject): JsonObject;
  /** The way back of `toStorage`. */
  fromStorage?(object: JsonObject): JsonObject;
}
