/** Reads the folder of static pods, and keeps their mirrors. */
import { mirroredUid, type Node, type Pod, resources, sameResource, StatusError } from '../../api/index.ts';
import { type Clock, errorMessage, type Logger, type Timers } from '../../base/index.ts';
import type { ObjectRef, ResourceClient, ResourceView } from '../../resources/index.ts';
import { mirrorOf, staticPod } from './static-pod.ts';
import { StaticTable } from './static-table.ts';

interface StaticPodsOptions {
  readonly folder: string;
  readonly node: string;
  readonly files: {
    list(folder: string): Promise<readonly string[]>;
    readTail(path: string, bytesMax: number): Promise<string | undefined>;
  };
  readonly client: ResourceClient;
  readonly view: ResourceView;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

/** Static pods at work. */
interface StaticPods {
  /** What the actors of pods work with: static pods stand in it, their mirrors do not. */
  readonly view: ResourceView;
  /** Writes that name a static pod go to its mirror. */
  readonly client: ResourceClient;
  close(): void;
}

const periodMs = 2_000;
const bytesMax = 2 ** 20;

/** Resolves when the folder was read once. It is read again every two seconds. */
export async function startStaticPods(options: StaticPodsOptions): Promise<StaticPods> {
  const table = new StaticTable(options);
  const folder = new StaticFolder(options);
  const mirrors = new Mirrors(options, table);
  table.set(await folder.read());
  let busy = false;
  const timer = options.timers.every(periodMs, () => {
    if (busy) return;
    busy = true;
    void look(options, { table, folder, mirrors }).finally(() => {
      busy = false;
    });
  });
  const end = options.view.onChange(
    ({ object, resource }) => {
      if (!sameResource(resource, resources.pods) || !table.isMirror(object as Pod)) return;
      table.mirrorChanged(object as Pod);
      void mirrors.keep(`${object.metadata.namespace}/${object.metadata.name}`);
    },
    [resources.pods],
  );
  return {
    view: table.view,
    client: mirroredClient(options.client, table),
    close: () => {
      timer.cancel();
      end();
    },
  };
}

async function look(
  { log }: StaticPodsOptions,
  { table, folder, mirrors }: { readonly table: StaticTable; readonly folder: StaticFolder; readonly mirrors: Mirrors },
): Promise<void> {
  try {
    table.set(await folder.read());
  } catch (error) {
    log.warn('failed to read the folder of static pods; retrying', { error: errorMessage(error) });
  }
  await Promise.all(table.keys().map((key) => mirrors.keep(key)));
}

/** The files as they were read last. */
class StaticFolder {
  readonly #options: StaticPodsOptions;
  #files: ReadonlyMap<string, { readonly text: string; readonly pod: Pod | undefined }> = new Map();

  constructor(options: StaticPodsOptions) {
    this.#options = options;
  }

  /** A file that makes no sense leaves its pod as it was. */
  async read(): Promise<readonly Pod[]> {
    const { folder, files } = this.#options;
    const names = (await files.list(folder)).filter((name) => /^[^.].*\.(ya?ml|json)$/.test(name)).sort();
    const read = new Map<string, { readonly text: string; readonly pod: Pod | undefined }>();
    for (const name of names) {
      const text = await files.readTail(`${folder}/${name}`, bytesMax);
      if (text !== undefined) read.set(name, { text, pod: this.#podOf(name, text) });
    }
    this.#files = read;
    return [...read.values()].flatMap(({ pod }) => (pod === undefined ? [] : [pod]));
  }

  #podOf(file: string, text: string): Pod | undefined {
    const before = this.#files.get(file);
    if (before?.text === text) return before.pod;
    try {
      return staticPod(text, { node: this.#options.node, file });
    } catch (error) {
      this.#options.log.warn('a file of the folder of static pods describes no pod that can run; correct it', {
        file: `${this.#options.folder}/${file}`,
        error: errorMessage(error),
      });
      return before?.pod;
    }
  }
}

/** Makes the mirrors of static pods, and removes those of pods that are not any more. */
class Mirrors {
  readonly #options: StaticPodsOptions;
  readonly #table: StaticTable;
  readonly #busy = new Set<string>();

  constructor(options: StaticPodsOptions, table: StaticTable) {
    this.#options = options;
    this.#table = table;
  }

  /** Brings one mirror in line. Never rejects; what failed is tried again at the next look. */
  async keep(key: string): Promise<void> {
    if (this.#busy.has(key)) return;
    this.#busy.add(key);
    try {
      await this.#bringInLine(key);
    } catch (error) {
      this.#options.log.warn('failed to keep the mirror of a static pod; retrying', {
        pod: key,
        error: errorMessage(error),
      });
    } finally {
      this.#busy.delete(key);
    }
  }

  async #bringInLine(key: string): Promise<void> {
    const { client, view, node } = this.#options;
    const [wanted, shown] = [this.#table.living(key), this.#table.shown(key)];
    const [namespace = '', name = ''] = key.split('/');
    if (shown === undefined) {
      const uid = view.get<Node>(resources.nodes, undefined, node)?.metadata.uid;
      if (wanted !== undefined && uid !== undefined)
        await client.create({ ...resources.pods, namespace }, mirrorOf(wanted, { name: node, uid }));
      return;
    }
    if (!this.#table.isMirror(shown)) {
      if (wanted !== undefined) throw new Error('a pod of the API that is no mirror has its name; delete it');
      return;
    }
    const ending = this.#table.find(namespace, name);
    if (wanted === undefined && mirroredUid(shown) === ending?.metadata.uid) return;
    const fits = mirroredUid(shown) === wanted?.metadata.uid && shown.metadata.deletionTimestamp === undefined;
    if (!fits) await deleteMirror(client, { ...resources.pods, namespace, name }, shown);
  }
}

async function deleteMirror(client: ResourceClient, ref: ObjectRef, mirror: Pod): Promise<void> {
  try {
    await client.delete(ref, { gracePeriodSeconds: 0, uid: mirror.metadata.uid });
  } catch (error) {
    if (!(error instanceof StatusError) || (error.code !== 404 && error.code !== 409)) throw error;
  }
}

/** A pod that ends gets no mirror any more. */
const withoutMirror = ({ metadata }: Pod): StatusError =>
  metadata.deletionTimestamp === undefined
    ? new StatusError('ServiceUnavailable', 'the mirror of the static pod is not made yet')
    : new StatusError('NotFound', 'the static pod that ends has no mirror');

/** The client of the pods' actors. A static pod's status is its mirror's, and its end is not for the API to tell. */
function mirroredClient(client: ResourceClient, table: StaticTable): ResourceClient {
  const staticOf = (ref: ObjectRef): Pod | undefined =>
    sameResource(ref, resources.pods) ? table.find(ref.namespace, ref.name) : undefined;
  return {
    get: (ref, options) => client.get(ref, options),
    list: (query) => client.list(query),
    create: (ref, object, options) => client.create(ref, object, options),
    update: (ref, object, options) => client.update(ref, object, options),
    deleteCollection: (query, options) => client.deleteCollection(query, options),
    patch: (ref, patch, options) => {
      const own = staticOf(ref);
      if (own === undefined) return client.patch(ref, patch, options);
      const mirror = table.shown(`${ref.namespace}/${ref.name}`);
      if (mirror === undefined || mirroredUid(mirror) !== own.metadata.uid) return Promise.reject(withoutMirror(own));
      const body = { ...(patch.body as object), metadata: { uid: mirror.metadata.uid } };
      return client.patch(ref, { ...patch, body }, options);
    },
    delete: async (ref, options) => {
      const own = staticOf(ref);
      if (own === undefined) return client.delete(ref, options);
      const mirror = table.shown(`${ref.namespace}/${ref.name}`);
      if (mirror !== undefined && table.isMirror(mirror)) await deleteMirror(client, ref, mirror);
      table.ended(own);
    },
  };
}
