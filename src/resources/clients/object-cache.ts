import { deepFreeze, type GroupResource, type KubeObject } from '../../api/index.ts';
import type { ObjectChange } from '../client.ts';

const keyOf = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`;

/** The objects of one query, kept up to date by what is put into it. Answers what changed, in the order it changed. */
export class ObjectCache {
  readonly resource: GroupResource;
  readonly #objects = new Map<string, KubeObject>();
  #sorted: readonly KubeObject[] | undefined;

  constructor(resource: GroupResource) {
    this.resource = resource;
  }

  get(namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(keyOf(namespace, name));
  }

  /** In the order of namespace and name. */
  list(namespace?: string): readonly KubeObject[] {
    this.#sorted ??= [...this.#objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
    return namespace === undefined
      ? this.#sorted
      : this.#sorted.filter(({ metadata }) => metadata.namespace === namespace);
  }

  put(object: KubeObject): ObjectChange | undefined {
    const key = keyOf(object.metadata.namespace, object.metadata.name ?? '');
    const previous = this.#objects.get(key);
    if (previous !== undefined && previous.metadata.resourceVersion === object.metadata.resourceVersion)
      return undefined;
    this.#objects.set(key, deepFreeze(object));
    this.#sorted = undefined;
    return { type: 'put', resource: this.resource, object, ...(previous === undefined ? {} : { previous }) };
  }

  remove(object: KubeObject): ObjectChange | undefined {
    const key = keyOf(object.metadata.namespace, object.metadata.name ?? '');
    const previous = this.#objects.get(key);
    if (previous === undefined) return undefined;
    this.#objects.delete(key);
    this.#sorted = undefined;
    return { type: 'delete', resource: this.resource, object: deepFreeze(object), previous };
  }

  /**
   * The whole state anew: what is gone is removed, what differs is put. An object under the same name with another UID
   * is both.
   */
  replace(objects: readonly KubeObject[]): ObjectChange[] {
    const present = new Map(
      objects.map((object) => [keyOf(object.metadata.namespace, object.metadata.name ?? ''), object.metadata.uid]),
    );
    const gone = [...this.#objects]
      .filter(([key, { metadata }]) => present.get(key) !== metadata.uid)
      .map(([, object]) => object);
    return [...gone.map((object) => this.remove(object)), ...objects.map((object) => this.put(object))].filter(
      (change) => change !== undefined,
    );
  }
}
