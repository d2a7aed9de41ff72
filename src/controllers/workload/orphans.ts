/** The pods that no controller manages, kept from change to change. */
import { controllerOf, type Pod, resources } from '../../api/index.ts';
import type { ObjectChange, ResourceView } from '../../resources/index.ts';
import { isOf } from '../runtime/index.ts';

/**
 * The pods without a controller, kept from change to change: a controller that looks for pods to adopt need not go
 * through all pods of a namespace each time. It is filled at the first question and must be told every change from then
 * on.
 */
export class OrphanPods {
  #names: Map<string, Set<string>> | undefined;

  note(change: ObjectChange): void {
    if (this.#names === undefined || !isOf(change, resources.pods)) return;
    const { namespace = '', name = '' } = change.object.metadata;
    const known = this.#names.get(namespace) ?? new Set<string>();
    if (change.type === 'put' && controllerOf(change.object) === undefined) known.add(name);
    else known.delete(name);
    if (known.size === 0) this.#names.delete(namespace);
    else this.#names.set(namespace, known);
  }

  /** After changes were missed: the next question fills it again. */
  reset(): void {
    this.#names = undefined;
  }

  list(view: ResourceView, namespace: string | undefined): readonly Pod[] {
    this.#names ??= fill(view);
    return [...(this.#names.get(namespace ?? '') ?? [])].flatMap((name) => {
      const pod = view.get<Pod>(resources.pods, namespace, name);
      return pod === undefined || controllerOf(pod) !== undefined ? [] : [pod];
    });
  }
}

function fill(view: ResourceView): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const pod of view.facts(resources.pods)) {
    if (pod.index.owners.length > 0 && controllerOf(pod.object()) !== undefined) continue;
    const { 'metadata.namespace': namespace = '', 'metadata.name': name = '' } = pod.index.fields;
    names.set(namespace, (names.get(namespace) ?? new Set()).add(name));
  }
  return names;
}
