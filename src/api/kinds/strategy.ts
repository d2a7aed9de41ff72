/** The common strategy of create and update: what a client may set, and the generation. */

import type { JsonObject, KubeObject } from '../object.ts';
import { storedEqual } from '../machinery/index.ts';
import type { KindBehaviour, SubresourceBehaviour } from './behaviour.ts';

/** The metadata of an object that is being prepared. */
export function metadataOf(object: JsonObject): JsonObject {
  const metadata = object['metadata'];
  if (typeof metadata === 'object' && metadata !== null) return metadata as JsonObject;
  const made: JsonObject = {};
  object['metadata'] = made;
  return made;
}

/** Makes `object[field]` what `old` has, absent included. */
export function keepField(object: JsonObject, old: KubeObject, field: string): void {
  const value = old[field];
  if (value === undefined) delete object[field];
  else object[field] = value;
}

/** The same for a metadata field. */
export function keepMetadata(object: JsonObject, old: KubeObject, field: string): void {
  const metadata = metadataOf(object);
  const value = (old.metadata as JsonObject)[field];
  if (value === undefined) delete metadata[field];
  else metadata[field] = value;
}

/** Sets the generation of a new object, which a client cannot choose. */
export function firstGeneration(object: JsonObject): void {
  metadataOf(object)['generation'] = 1;
}

function wish(object: Readonly<Record<string, unknown>>, hasStatus: boolean): JsonObject {
  const { metadata: _metadata, apiVersion: _apiVersion, kind: _kind, ...others } = object;
  const rest: JsonObject = others;
  if (hasStatus) delete rest['status'];
  return rest;
}

/**
 * Carries the generation over and counts it up when anything but metadata (and status, where it has its own way in)
 * changed.
 */
function nextGeneration(object: JsonObject, old: KubeObject, hasStatus: boolean): void {
  keepMetadata(object, old, 'generation');
  if (storedEqual(wish(object, hasStatus), wish(old, hasStatus))) return;
  metadataOf(object)['generation'] = (old.metadata.generation ?? 0) + 1;
}

interface StrategyOptions {
  /** The kind counts `metadata.generation`. */
  readonly generation: boolean;
  /** The kind has a status that only /status writes. */
  readonly status: boolean;
}

/**
 * The /status subresource as most kinds have it: everything but the status and the metadata stays as it was, and of the
 * metadata the generation and `keptMetadata`.
 */
export function statusSubresource(keptMetadata: readonly string[] = []): SubresourceBehaviour {
  return {
    prepareForUpdate(object, old) {
      for (const field of new Set([...Object.keys(object), ...Object.keys(old)])) {
        if (field !== 'status' && field !== 'metadata' && field !== 'apiVersion' && field !== 'kind')
          keepField(object, old, field);
      }
      for (const field of ['generation', ...keptMetadata]) keepMetadata(object, old, field);
    },
    validateUpdate: () => [],
  };
}

/** The same, where fields of the spec live on as annotations: those stay as they were, too. */
export function keepingAnnotations(way: SubresourceBehaviour, names: readonly string[]): SubresourceBehaviour {
  return {
    ...way,
    prepareForUpdate(object, old, now) {
      way.prepareForUpdate?.(object, old, now);
      const metadata = metadataOf(object);
      const kept = Object.fromEntries(
        Object.entries(old.metadata.annotations ?? {}).filter(([name]) => names.includes(name)),
      );
      const own = Object.fromEntries(
        Object.entries((metadata['annotations'] ?? {}) as Record<string, string>).filter(
          ([name]) => !names.includes(name),
        ),
      );
      const annotations = { ...own, ...kept };
      if (Object.keys(annotations).length === 0) delete metadata['annotations'];
      else metadata['annotations'] = annotations;
    },
  };
}

type Strategy = Required<Pick<KindBehaviour, 'prepareForCreate' | 'prepareForUpdate' | 'subresources'>>;

/** The prepare functions that most kinds share; a kind spreads them and overrides what is its own. */
export function strategy(options: StrategyOptions): Strategy {
  return {
    prepareForCreate(object) {
      if (options.status) delete object['status'];
      // Kinds that count no generations keep what a client says of one, as in Kubernetes.
      if (options.generation) firstGeneration(object);
    },
    prepareForUpdate(object, old) {
      if (options.status) keepField(object, old, 'status');
      if (options.generation) nextGeneration(object, old, options.status);
      else keepMetadata(object, old, 'generation');
    },
    subresources: options.status ? { status: statusSubresource() } : {},
  };
}
