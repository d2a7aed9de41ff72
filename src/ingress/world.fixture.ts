/** For tests: a small API in memory with its view. */
import { type GroupResource, type KubeObject, mergePatch, type New, resources, StatusError } from '../api/index.ts';
import { ingressPortsAnnotation } from '../protocol/index.ts';
import {
  factsOf,
  type ObjectChange,
  type ObjectRef,
  type Patch,
  type ResourceClient,
  type ResourceView,
  type WriteOptions,
} from '../resources/index.ts';

/** A stored object, or a part of one, with the fields that the test needs. */
export function stored<T>(fields: New<T>): T {
  return fields as T;
}

const keyOf = ({ group, resource }: GroupResource, namespace: string | undefined, name: string): string =>
  `${group}/${resource}/${namespace ?? ''}/${name}`;

export class World {
  readonly objects = new Map<string, KubeObject>();
  readonly events: string[] = [];
  readonly writes: string[] = [];
  readonly #listeners = new Set<(change: ObjectChange) => void>();
  #revision = 0;

  readonly view: ResourceView = {
    get: <T>(resource: GroupResource, namespace: string | undefined, name: string) =>
      this.objects.get(keyOf(resource, namespace, name)) as T | undefined,
    list: <T>(resource: GroupResource, namespace?: string) => this.#list(resource, namespace) as readonly T[],
    facts: <T>(resource: GroupResource) => factsOf(resource, this.#list(resource) as readonly T[], {}),
    ownedBy: () => [],
    onChange: (listener) => {
      this.#listeners.add(listener);
      return () => {
        this.#listeners.delete(listener);
      };
    },
    synced: () => Promise.resolve(),
  };

  readonly client = {
    create: async <T>(ref: GroupResource, object: unknown) => {
      await Promise.resolve();
      this.writes.push(`create ${ref.resource}`);
      return this.put(ref, object as KubeObject) as T;
    },
    patch: async <T>(ref: ObjectRef, { body }: Patch, { fieldManager = '', subresource = '' }: WriteOptions = {}) => {
      await Promise.resolve();
      const current = this.objects.get(keyOf(ref, ref.namespace, ref.name));
      if (current === undefined) throw new StatusError('NotFound', `${ref.resource} "${ref.name}" not found`);
      this.writes.push(`patch ${ref.resource}/${ref.name}`);
      const patched = mergePatch(current as never, body as never) as unknown as KubeObject;
      const managedFields = [
        ...(current.metadata.managedFields ?? []).filter(({ manager }) => manager !== fieldManager),
        {
          manager: fieldManager,
          operation: 'Update' as const,
          subresource,
          apiVersion: '',
          fieldsType: 'FieldsV1' as const,
          fieldsV1: {},
        },
      ];
      return this.put(ref, { ...patched, metadata: { ...patched.metadata, managedFields } }) as T;
    },
  } as unknown as ResourceClient;

  put({ group, resource }: GroupResource, object: KubeObject): KubeObject {
    this.#revision += 1;
    const { name = `generated-${this.#revision}`, namespace } = object.metadata;
    const key = keyOf({ group, resource }, namespace, name);
    const previous = this.objects.get(key);
    const stored = {
      ...object,
      metadata: { uid: key, ...object.metadata, name, resourceVersion: String(this.#revision) },
    };
    this.objects.set(key, stored);
    this.#tell({
      type: 'put',
      resource: { group, resource },
      object: stored,
      ...(previous === undefined ? {} : { previous }),
    });
    return stored;
  }

  remove(resource: GroupResource, namespace: string | undefined, name: string): void {
    const key = keyOf(resource, namespace, name);
    const object = this.objects.get(key);
    this.objects.delete(key);
    if (object !== undefined) this.#tell({ type: 'delete', resource, object, previous: object });
  }

  /** A node that is ready, and says that it serves unless told otherwise. */
  node(
    name: string,
    address: string,
    { serves = true, ready = true }: { readonly serves?: boolean; readonly ready?: boolean } = {},
  ): void {
    this.put(resources.nodes, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, ...(serves ? { annotations: { [ingressPortsAnnotation]: '80,443' } } : {}) },
      status: {
        addresses: [{ type: 'InternalIP', address }],
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }],
      },
    });
  }

  ingressClass(name: string, controller: string, isDefault = false): void {
    this.put(resources.ingressClasses, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: {
        name,
        ...(isDefault ? { annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } } : {}),
      },
      spec: { controller },
    });
  }

  ingress(name: string, spec: object): void {
    this.put(resources.ingresses, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name, namespace: 'default' },
      spec: spec as never,
    });
  }

  #list({ group, resource }: GroupResource, namespace?: string): readonly KubeObject[] {
    return [...this.objects]
      .filter(([key]) => key.startsWith(`${group}/${resource}/${namespace === undefined ? '' : `${namespace}/`}`))
      .map(([, object]) => object);
  }

  #tell(change: ObjectChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
