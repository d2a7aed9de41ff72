/** What the API has set on every object that it stores. */
import type { KubeObject } from '../object.ts';
import type { ObjectMeta } from './generated/meta-v1.ts';

/** Metadata of a stored object. */
export interface StoredMeta extends ObjectMeta {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
}

/** A stored object of any kind; the kinds without a namespace extend it. */
export interface StoredObject extends KubeObject {
  readonly metadata: StoredMeta;
}

/** A stored object of a namespaced kind. */
export interface NamespacedObject extends StoredObject {
  readonly metadata: StoredMeta & { readonly namespace: string };
}
