/** The resources that a member serves. */
import {
  allResources,
  type CustomResourceDefinition,
  customResources,
  findKind,
  findResource,
  knownResource,
  optionalResources,
  preferredResource,
  type ResourceInfo,
  resources,
} from '../api/index.ts';
import type { Store } from '../state/index.ts';
import { collectionPrefix } from './stored/key.ts';
import { readRecords } from './stored/reading.ts';

/** The resources that a member serves at the moment: the built-in ones, then those that stored definitions add. */
export interface ResourceCatalogue {
  all(): readonly ResourceInfo[];
  /** The resource of this plural name. */
  find(group: string, version: string, resource: string): ResourceInfo | undefined;
  findKind(group: string, version: string, kind: string): ResourceInfo | undefined;
  /** The resource in the version that the group prefers. */
  preferred(group: string, resource: string): ResourceInfo | undefined;
  /** Changes whenever `all` does: for what is made from it and kept. */
  edition(): number;
}

/** The built-in resources alone; those by name too that are served only where the settings ask for them. */
export const builtInCatalogue: ResourceCatalogue = {
  all: allResources,
  find: (group, version, resource) => knownResource({ group, resource }, version),
  findKind,
  preferred: (group, resource) => knownResource({ group, resource }, undefined),
  edition: () => 0,
};

interface Remembered {
  readonly revision: number;
  readonly infos: readonly ResourceInfo[];
}

interface Layer {
  readonly infos: readonly ResourceInfo[];
  readonly byResource: ReadonlyMap<string, ResourceInfo>;
  readonly byKind: ReadonlyMap<string, ResourceInfo>;
}

const definitions = resources.customResourceDefinitions;
const keyOf = (group: string, version: string, name: string): string => `${group}/${version}/${name}`;

/**
 * The catalogue of a member: custom resources follow the definitions in its replica. `optional`: group versions that
 * are served beside those that always are. `close` ends the listening.
 */
export function storeCatalogue(store: Store, optional: readonly string[]): ResourceCatalogue & { close(): void } {
  const asked = layerOf(optionalResources(optional));
  const remembered = new Map<string, Remembered>();
  let layer: Layer | undefined;
  let everything: readonly ResourceInfo[] | undefined;
  let edition = 0;
  const prefix = collectionPrefix(definitions);
  const watch = store.onApplied((events) => {
    if (!events.some(({ record }) => record.key.startsWith(prefix))) return;
    layer = undefined;
    everything = undefined;
    edition += 1;
  });
  const custom = (): Layer => (layer ??= readLayer(store, remembered));
  return {
    all: () => (everything ??= [...allResources(), ...asked.infos, ...custom().infos]),
    find: (group, version, resource) =>
      findResource(group, version, resource) ??
      asked.byResource.get(keyOf(group, version, resource)) ??
      custom().byResource.get(keyOf(group, version, resource)),
    findKind: (group, version, kind) =>
      findKind(group, version, kind) ??
      asked.byKind.get(keyOf(group, version, kind)) ??
      custom().byKind.get(keyOf(group, version, kind)),
    preferred: (group, resource) =>
      preferredResource(group, resource) ??
      [...asked.infos, ...custom().infos].find((info) => info.group === group && info.resource === resource),
    edition: () => edition,
    close: () => {
      watch.close();
    },
  };
}

/** Reads all definitions; what one of them adds is made again only when it has changed. */
function readLayer(store: Store, remembered: Map<string, Remembered>): Layer {
  const records = readRecords(store, definitions);
  const present = new Set(records.map(({ key }) => key));
  for (const key of remembered.keys()) if (!present.has(key)) remembered.delete(key);
  const infos = records.flatMap((record) => {
    const known = remembered.get(record.key);
    if (known?.revision === record.revision) return known.infos;
    const made = customResources(record.object<CustomResourceDefinition>());
    remembered.set(record.key, { revision: record.revision, infos: made });
    return made;
  });
  return layerOf(infos);
}

function layerOf(infos: readonly ResourceInfo[]): Layer {
  return {
    infos,
    byResource: new Map(infos.map((info) => [keyOf(info.group, info.version, info.resource), info])),
    byKind: new Map(infos.map((info) => [keyOf(info.group, info.version, info.kind), info])),
  };
}
