/** Warns about volume sources that write to the same path. */
import type { Sent, Volume, VolumeProjection } from '../../../objects/index.ts';

/** A file that a volume puts somewhere; `source` says for whom, where a volume has several. */
interface PlacedFile {
  readonly path: string;
  readonly source: string;
}

const text = ({ path, source }: PlacedFile): string => (source === '' ? `"${path}"` : `"${path}" (${source})`);

function filesOf(items: readonly { readonly path?: string }[] | undefined, source: string): PlacedFile[] {
  return (items ?? []).map((item) => ({ path: (item.path ?? '').replace(/\/+$/, ''), source }));
}

function projectedFiles(projection: Sent<VolumeProjection>): PlacedFile[] {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle: bundle } = projection;
  if (configMap?.items !== undefined) return filesOf(configMap.items, `ConfigMap "${configMap.name ?? ''}"`);
  if (secret?.items !== undefined) return filesOf(secret.items, `Secret "${secret.name ?? ''}"`);
  if (downwardAPI?.items !== undefined) return filesOf(downwardAPI.items, 'DownwardAPI');
  if (serviceAccountToken !== undefined) return filesOf([serviceAccountToken], 'ServiceAccountToken');
  return bundle === undefined
    ? []
    : filesOf([bundle], `ClusterTrustBundle "${bundle.name ?? bundle.signerName ?? ''}"`);
}

const isEmpty = (projection: Sent<VolumeProjection>): boolean =>
  Object.values(projection).every((source) => source === undefined);

/** More than these no answer carries. */
const pairsMax = 1000;

/**
 * Pairs of files of which one is the other or a folder on its way. In the order of their paths what lies in a folder
 * follows it, so that many files are soon looked through.
 */
function overlaps(files: readonly PlacedFile[]): string[] {
  const sorted = files
    .map((file, index) => ({ file, index, key: `${file.path}/` }))
    .filter(({ file }) => file.path !== '');
  sorted.sort((a, b) => (a.key === b.key ? a.index - b.index : a.key < b.key ? -1 : 1));
  const pairs: { readonly later: (typeof sorted)[number]; readonly earlier: (typeof sorted)[number] }[] = [];
  const around: typeof sorted = [];
  for (const item of sorted) {
    while (around.length > 0 && !item.key.startsWith(around.at(-1)?.key ?? '')) around.pop();
    pairs.push(
      ...around
        .slice(0, pairsMax - pairs.length)
        .map((other) => (other.index < item.index ? { later: item, earlier: other } : { later: other, earlier: item })),
    );
    around.push(item);
  }
  pairs.sort((a, b) => a.later.index - b.later.index || a.earlier.index - b.earlier.index);
  return pairs.map(({ later, earlier }) => `${text(later.file)} with ${text(earlier.file)}`);
}

/** Warnings about files of one volume that are in each other's way, and about projections of nothing. */
export function overlappingPathWarnings(volumes: readonly Sent<Volume>[] | undefined): string[] {
  return (volumes ?? []).flatMap(({ name = '', configMap, secret, downwardAPI, projected }) => {
    const warn = (kind: string, files: readonly PlacedFile[]): string[] =>
      overlaps(files).map((found) => `volume "${name}" (${kind}): overlapping paths: ${found}`);
    return [
      ...warn(`ConfigMap "${configMap?.name ?? ''}"`, filesOf(configMap?.items, '')),
      ...warn(`Secret "${secret?.secretName ?? ''}"`, filesOf(secret?.items, '')),
      ...warn('DownwardAPI', filesOf(downwardAPI?.items, '')),
      ...(projected?.sources ?? []).filter(isEmpty).map(() => `volume "${name}" (Projected) has no sources provided`),
      ...warn('Projected', (projected?.sources ?? []).flatMap(projectedFiles)),
    ];
  });
}
