/** A view of a few objects, which authorization and the streams look up. */
import type { KubeObject } from '../../api/index.ts';
import { factsOf, type FactsQuery, type ObjectFacts, type ResourceView } from '../../resources/index.ts';

export class FakeView implements ResourceView {
  readonly objects = new Map<string, KubeObject>();
  readonly #listeners = new Set<Parameters<ResourceView['onChange']>[0]>();
  #key(
    resource: { readonly group: string; readonly resource: string },
    namespace: string | undefined,
    name: string,
  ): string {
    return `${resource.group}/${resource.resource}/${namespace ?? ''}/${name}`;
  }
  put(group: string, resource: string, object: KubeObject): void {
    const key = this.#key({ group, resource }, object.metadata.namespace, object.metadata.name ?? '');
    const previous = this.objects.get(key);
    this.objects.set(key, object);
    for (const listener of this.#listeners)
      listener({ type: 'put', resource: { group, resource }, object, ...(previous === undefined ? {} : { previous }) });
  }
  get<T>(
    resource: { readonly group: string; readonly resource: string },
    namespace: string | undefined,
    name: string,
  ): T | undefined {
    return this.objects.get(this.#key(resource, namespace, name)) as T | undefined;
  }
  list<T>(resource: { readonly group: string; readonly resource: string }, namespace?: string): readonly T[] {
    const prefix = `${resource.group}/${resource.resource}/${namespace === undefined ? '' : `${namespace}/`}`;
    return [...this.objects].filter(([key]) => key.startsWith(prefix)).map(([, object]) => object as T);
  }
  facts<T>(
    resource: { readonly group: string; readonly resource: string },
    query: FactsQuery = {},
  ): readonly ObjectFacts<T>[] {
    return factsOf(resource, this.list<T>(resource, query.namespace), query);
  }
  ownedBy<T>(): readonly T[] {
    return [];
  }
  onChange(listener: Parameters<ResourceView['onChange']>[0]): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
  async synced(): Promise<void> {
    await Promise.resolve();
  }
}
