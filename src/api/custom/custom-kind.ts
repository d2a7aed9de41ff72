/** What a custom resource adds to the facts of a served resource. */

import type { Steps } from '../../base/index.ts';
import type { JsonSchema, ScalePaths, WebhookClient } from '../custom-schema/index.ts';
import type { KindBehaviour } from '../kinds/index.ts';
import type { JsonObject } from '../object.ts';
import type { MergeNode } from '../patch/index.ts';
import type { ServedResource } from '../schema/index.ts';
import type { CustomBody } from './decoding.ts';

/** A webhook that converts objects (spec.conversion of a definition with the strategy Webhook). */
export interface ConversionWebhook {
  readonly clientConfig: WebhookClient;
  /** Versions of ConversionReview that it knows, the liked ones first. */
  readonly reviewVersions: readonly string[];
}

/**
 * What a custom resource brings along itself, where a built-in one has an entry in the tables: one version of its kind.
 */
export interface CustomKind {
  readonly behaviour: KindBehaviour;
  readonly schema: JsonSchema;
  /** Fields that field selectors reach beside those of the metadata (`spec.color`), as the definition orders them. */
  readonly selectableFields: readonly string[];
  /** How server-side apply merges its objects. */
  readonly node: MergeNode;
  readonly scale: ScalePaths | undefined;
  /** The definition is being deleted: no new objects. */
  readonly terminating: boolean;
  /** The webhook that converts objects between versions; undefined: only their apiVersion changes. */
  readonly conversion: ConversionWebhook | undefined;
  /** The version in which its objects are stored; it may not be served. */
  storage(): ResourceInfo;
  /** A request body as an object of the kind, in steps. Throws StatusError. */
  decode(body: CustomBody): Steps<{ readonly object: JsonObject; readonly warnings: readonly string[] }>;
  /** A parsed value as an object of the kind; `refuse` makes the error for what cannot be one. */
  conform(
    value: unknown,
    refuse: (problem: string) => Error,
  ): { readonly object: JsonObject; readonly strictErrors: readonly string[] };
  /** Fields that a write to the object itself ('') or to a subresource cannot set. */
  ignoredFields(subresource: string): readonly (readonly string[])[];
}

/** Everything that a door, the write path and discovery need to know of one served resource. */
export interface ResourceInfo extends ServedResource {
  /** Only for custom resources: what the tables and kinds/ hold of built-in ones. */
  readonly custom?: CustomKind;
}
