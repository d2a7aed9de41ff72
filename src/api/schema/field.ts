/** The shape of types and their fields: all that the tables say of them. */

import type { Json } from '../object.ts';

/**
 * What one value (or each element of a list or map) is. `object` with a `ref` is a struct of the tables; without one,
 * an open object.
 */
export type FieldType =
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'object'
  | 'any'
  | 'bytes'
  | 'quantity'
  | 'int-or-string'
  | 'time'
  | 'micro-time';

/** One field of a struct: its wire facts in JSON and in protobuf, and how patches merge it. */
export interface FieldSchema {
  readonly name: string;
  /** What `kubectl explain` shows. */
  readonly description?: string | undefined;
  /** Type of the value; of each element where `list`, of each entry's value where `map`. */
  readonly type: FieldType;
  readonly list: boolean;
  /** A map from strings. With `list` as well, each entry's value is a list. */
  readonly map: boolean;
  /** Schema type name of a struct, such as `core/v1.PodSpec`. Present only when `type` is `object`. */
  readonly ref?: string | undefined;
  /** Required by the published schema. */
  readonly required: boolean;
  /**
   * Upstream's encoder leaves the field out when it holds its empty value. False also for structs and times held by
   * value, which it always writes.
   */
  readonly omitEmpty: boolean;
  /**
   * A given empty value (false, 0, '') differs from an absent one and is kept (upstream holds the field by pointer).
   */
  readonly keepsEmpty: boolean;
  /**
   * `int32`, `int64`, `double`, `date-time`, `byte` … as OpenAPI names it. For `any`: `schema-or-bool`,
   * `schema-or-array`, `schema-or-strings` (a JSONSchemaProps or something simpler). For an open object: `fields-v1`.
   */
  readonly format?: string | undefined;
  readonly enum?: readonly string[] | undefined;
  readonly listType?: 'atomic' | 'set' | 'map' | undefined;
  readonly mapKeys?: readonly string[] | undefined;
  /** How a map or a struct is owned; `granular` overrides an atomic type that the field refers to. */
  readonly mapType?: 'atomic' | 'granular' | undefined;
  /** Comma separated, as upstream writes it: `merge`, `replace`, `retainKeys`, `merge,retainKeys`. */
  readonly patchStrategy?: string | undefined;
  readonly patchMergeKey?: string | undefined;
  /** Field number in the protobuf encoding; 0 where the field has none. */
  readonly protobuf: number;
  /**
   * Numbers of the embedded messages, outermost first, that hold this field in protobuf while JSON has it inline;
   * absent when there are none.
   */
  readonly protobufInside?: readonly number[] | undefined;
  /** In protobuf the strings of this list are wrapped in a message (ExtraValue, Verbs). */
  readonly protobufWrapped?: boolean | undefined;
  /** Default that the published schema states, where it is not the empty value. */
  readonly default?: Json | undefined;
}

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** One struct. Its fields stand in the order in which upstream encodes them. */
export interface TypeSchema {
  /**
   * `core/v1.Pod`; `meta/v1.ObjectMeta`. The group is shortened as in upstream's package names (`apps`, `rbac`,
   * `networking` …).
   */
  readonly name: string;
  /** What `kubectl explain` shows. */
  readonly description?: string | undefined;
  readonly fields: ReadonlyMap<string, FieldSchema>;
  /** Only for types that stand by themselves in a request or an answer. */
  readonly groupVersionKind?: GroupVersionKind | undefined;
  /** The whole struct is owned by one manager at a time. */
  readonly mapType?: 'atomic' | undefined;
}
