/** The static pods of a node, and the pods of the API with them in place of their mirrors. */
import { podGraceSeconds, mirroredUid, type Pod, resources, sameResource, timeText } from '../../api/index.ts';
import type { ObjectChange, ResourceView } from '../../resources/index.ts';

interface Entry {
  readonly pod: Pod;
  /** It ends; `next` begins then. */
  readonly ending: boolean;
  readonly next?: Pod | undefined;
}

interface TablePorts {
  readonly view: ResourceView;
  readonly node: string;
  readonly clock: { now(): number };
}

const keyOf = (pod: Pod): string => `${pod.metadata.namespace}/${pod.metadata.name}`;

/** Which static pods there are, and which of them are ending. */
export class StaticTable {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<(change: ObjectChange) => void>();
  readonly #ports: TablePorts;
  /** What the actors of pods read: the static pods with the statuses of their mirrors, and no mirrors. */
  readonly view: ResourceView;

  constructor(ports: TablePorts) {
    this.#ports = ports;
    this.view = this.#layered(ports.view);
  }

  /** The static pod of a name that runs or is to run; undefined: none, or it ends. */
  living(key: string): Pod | undefined {
    const entry = this.#entries.get(key);
    return entry?.ending === false ? entry.pod : undefined;
  }

  /** Also one that ends. */
  find(namespace: string | undefined, name: string): Pod | undefined {
    return this.#entries.get(`${namespace}/${name}`)?.pod;
  }

  /** The pod of the API in the place of a static one's mirror. */
  shown(key: string): Pod | undefined {
    const [namespace = '', name = ''] = key.split('/');
    return this.#ports.view.get<Pod>(resources.pods, namespace, name);
  }

  /** A pod of the API that stands for a static pod of this node, of now or of before. */
  isMirror(pod: Pod): boolean {
    return pod.spec.nodeName === this.#ports.node && mirroredUid(pod) !== undefined;
  }

  /** The names of all static pods, and of all mirrors. */
  keys(): readonly string[] {
    const mirrors = this.#ports.view.list<Pod>(resources.pods).filter((pod) => this.isMirror(pod));
    return [...new Set([...this.#entries.keys(), ...mirrors.map(keyOf)])].sort();
  }

  /** From now on these are wanted: what is not ends; what is another by now begins when the old one is gone. */
  set(wanted: readonly Pod[]): void {
    const byKey = new Map(wanted.map((pod) => [keyOf(pod), pod]));
    for (const [key, pod] of byKey) if (!this.#entries.has(key)) this.#begin(key, pod);
    for (const [key, entry] of this.#entries) {
      const next = byKey.get(key);
      if (!entry.ending && next?.metadata.uid === entry.pod.metadata.uid) continue;
      if (entry.ending) this.#entries.set(key, { ...entry, next });
      else this.#end(key, entry.pod, next);
    }
  }

  /** Nothing of a static pod is left on the node. */
  ended({ metadata: { namespace, name } }: Pod): void {
    const key = `${namespace}/${name}`;
    const next = this.#entries.get(key)?.next;
    this.#entries.delete(key);
    if (next !== undefined) this.#begin(key, next);
  }

  /** A mirror changed: its pod has another status to show. */
  mirrorChanged(pod: Pod): void {
    const entry = this.#entries.get(keyOf(pod));
    if (entry !== undefined && mirroredUid(pod) === entry.pod.metadata.uid) this.#tell(entry.pod);
  }

  #begin(key: string, pod: Pod): void {
    this.#entries.set(key, { pod, ending: false });
    this.#tell(pod);
  }

  #end(key: string, pod: Pod, next: Pod | undefined): void {
    const graceSeconds = podGraceSeconds(pod);
    const deletion = {
      deletionTimestamp: timeText(this.#ports.clock.now() + graceSeconds * 1000),
      deletionGracePeriodSeconds: graceSeconds,
    };
    const ending = { ...pod, metadata: { ...pod.metadata, ...deletion } };
    this.#entries.set(key, { pod: ending, ending: true, next });
    this.#tell(ending);
  }

  #tell(pod: Pod): void {
    for (const listener of this.#listeners)
      listener({ type: 'put', resource: resources.pods, object: this.#withStatus(pod) });
  }

  #withStatus(pod: Pod): Pod {
    const mirror = this.shown(keyOf(pod));
    const own = mirror !== undefined && mirroredUid(mirror) === pod.metadata.uid ? mirror : undefined;
    return {
      ...pod,
      metadata: { ...pod.metadata, resourceVersion: own?.metadata.resourceVersion ?? '0' },
      status: own?.status ?? {},
    };
  }

  #get(namespace: string | undefined, name: string): Pod | undefined {
    const entry = this.#entries.get(`${namespace}/${name}`);
    if (entry !== undefined) return this.#withStatus(entry.pod);
    const pod = this.#ports.view.get<Pod>(resources.pods, namespace, name);
    return pod === undefined || this.isMirror(pod) ? undefined : pod;
  }

  #list(namespace: string | undefined): readonly Pod[] {
    const own = [...this.#entries.values()].map(({ pod }) => this.#withStatus(pod));
    return [
      ...this.#ports.view.list<Pod>(resources.pods, namespace).filter((pod) => !this.isMirror(pod)),
      ...own.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
    ];
  }

  #layered(view: ResourceView): ResourceView {
    return {
      get: (resource, namespace, name) =>
        sameResource(resource, resources.pods)
          ? (this.#get(namespace, name) as never)
          : view.get(resource, namespace, name),
      list: (resource, namespace) =>
        sameResource(resource, resources.pods) ? (this.#list(namespace) as never) : view.list(resource, namespace),
      facts: (resource, query) => view.facts(resource, query),
      ownedBy: (resource, uid) => view.ownedBy(resource, uid),
      synced: () => view.synced(),
      onChange: (listener, of) => {
        this.#listeners.add(listener);
        const end = view.onChange((change) => {
          const isPod = sameResource(change.resource, resources.pods);
          if (!isPod || !this.isMirror(change.object as Pod)) listener(change);
        }, of);
        return () => {
          this.#listeners.delete(listener);
          end();
        };
      },
    };
  }
}
