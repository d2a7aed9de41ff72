import type { Volume, VolumeProjection } from '../../types/volume.ts';

/** A file that a volume puts somewhere; `source` says for whom, where a volume has several. */
interface PlacedFile {
  readonly path: string;
  readonly source: string;
}

const text = ({ path, source }: PlacedFile): string => (source === '' ? `"${path}"` : `"${path}" (${source})`);

function filesOf(items: readonly { readonly path?: string }[] | undefined, source: string): PlacedFile[] {
  return (items ?? []).map((item) => ({ path: (item.path ?? '').replace(/\/+$/, ''), source }));
}

function projectedFiles(projection: VolumeProjection): PlacedFile[] {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle: bundle } = projection;
  if (configMap?.items !== undefined) return filesOf(configMap.items, `ConfigMap "${configMap.name ?? ''}"`);
  if (secret?.items !== undefined) return filesOf(secret.items, `Secret "${secret.name ?? ''}"`);
  if (downwardAPI?.items !== undefined) return filesOf(downwardAPI.items, 'DownwardAPI');
  if (serviceAccountToken !== undefined) return filesOf([serviceAccountToken], 'ServiceAccountToken');
  return bundle === undefined ? [] : filesOf([bundle], `ClusterTrustBundle "${bundle.name ?? bundle.signerName ?? ''}"`);
}

const isEmpty = (projection: VolumeProjection): boolean => Object.values(projection).every((source) => source === undefined);

/** One path is the other or a folder on its way. */
function overlap(one: string, other: string): boolean {
  return one !== '' && other !== '' && (`${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`));
}

function overlaps(files: readonly PlacedFile[]): string[] {
  return files.flatMap((file, index) => files.slice(0, index).filter((earlier) => overlap(earlier.path, file.path)).map((earlier) => `${text(file)} with ${text(earlier)}`));
}

/** Warnings about files of one volume that are in each other's way, and about projections of nothing. */
export function overlappingPathWarnings(volumes: readonly Volume[] | undefined): string[] {
  return (volumes ?? []).flatMap(({ name = '', configMap, secret, downwardAPI, projected }) => {
    const warn = (kind: string, files: readonly PlacedFile[]): string[] => overlaps(files).map((found) => `volume "${name}" (${kind}): overlapping paths: ${found}`);
    return [
      ...warn(`ConfigMap "${configMap?.name ?? ''}"`, filesOf(configMap?.items, '')),
      ...warn(`Secret "${secret?.secretName ?? ''}"`, filesOf(secret?.items, '')),
      ...warn('DownwardAPI', filesOf(downwardAPI?.items, '')),
      ...(projected?.sources ?? []).filter(isEmpty).map(() => `volume "${name}" (Projected) has no sources provided`),
      ...warn('Projected', (projected?.sources ?? []).flatMap(projectedFiles)),
    ];
  });
}
