/** Warnings about deprecated volume sources. */

/** Sources of volumes that do nothing any more: since when each is deprecated, and since when it has no function. */
const deprecated: Readonly<Record<string, readonly [since: string, without: string]>> = {
  photonPersistentDisk: ['v1.11', 'v1.16'],
  scaleIO: ['v1.16', 'v1.22'],
  flocker: ['v1.22', 'v1.25'],
  storageos: ['v1.22', 'v1.25'],
  quobyte: ['v1.22', 'v1.25'],
  glusterfs: ['v1.25', 'v1.26'],
  cephfs: ['v1.28', 'v1.31'],
  rbd: ['v1.28', 'v1.31'],
};

/** As upstream's Go fields are called where that differs. */
const pathNames: Readonly<Record<string, string>> = { storageos: 'storageOS' };

/** Warnings about the source of a volume, in a pod or by itself. */
export function deprecatedVolumeWarnings(volume: object, path: string): string[] {
  const present = Object.entries(volume)
    .filter(([, source]) => source !== undefined)
    .map(([field]) => field);
  return present.flatMap((field) => {
    const at = `${path}.${pathNames[field] ?? field}`;
    if (field === 'gitRepo') return [`${at}: deprecated in v1.11, and disabled by default in v1.33+`];
    const facts = deprecated[field];
    return facts === undefined ? [] : [`${at}: deprecated in ${facts[0]}, non-functional in ${facts[1]}+`];
  });
}
