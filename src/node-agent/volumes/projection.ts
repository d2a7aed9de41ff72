/** What projected volumes show, as files. */
import { fieldText, type PodFacts, resourceText } from '../container/index.ts';
import {
  allContainers,
  type ConfigMapProjection,
  type DownwardAPIVolumeFile,
  type KeyToPath,
  type Pod,
  type SecretProjection,
  type Volume,
  type VolumeProjection,
} from '../../api/index.ts';
import type { ConfigData } from './config-reader.ts';
import { type ProjectedFile, VolumeSetupError } from './volume-files.ts';

/** Where the contents of a projected volume come from. */
export interface ProjectionSources {
  configMap(name: string): Promise<ConfigData | undefined>;
  secret(name: string): Promise<ConfigData | undefined>;
  token(request: { readonly audience: string; readonly expirationSeconds: number }): Promise<string>;
}

const defaultMode = 0o644;
const tokenSeconds = 3600;

/** Whether the volume's contents come from the API, so that they must be kept up to date. */
export function isProjected(volume: Volume): boolean {
  return (
    volume.configMap !== undefined ||
    volume.secret !== undefined ||
    volume.downwardAPI !== undefined ||
    volume.projected !== undefined
  );
}

/** The files of a configMap, secret, downwardAPI or projected volume. Rejects with VolumeSetupError. */
export async function projectedFiles(
  facts: PodFacts,
  volume: Volume,
  sources: ProjectionSources,
): Promise<ReadonlyMap<string, ProjectedFile>> {
  if (volume.configMap !== undefined)
    return configMapFiles(volume.configMap, volume.configMap.defaultMode ?? defaultMode, sources);
  if (volume.secret !== undefined) {
    const { secretName: name, defaultMode: mode = defaultMode, ...secret } = volume.secret;
    return secretFiles({ ...secret, name }, mode, sources);
  }
  if (volume.downwardAPI !== undefined)
    return downwardFiles(facts, volume.downwardAPI.items ?? [], volume.downwardAPI.defaultMode ?? defaultMode);
  const mode = volume.projected?.defaultMode ?? defaultMode;
  const files = new Map<string, ProjectedFile>();
  for (const source of volume.projected?.sources ?? [])
    for (const [path, file] of await sourceFiles(facts, source, { mode, sources })) files.set(path, file);
  return files;
}

async function sourceFiles(
  facts: PodFacts,
  source: VolumeProjection,
  options: { readonly mode: number; readonly sources: ProjectionSources },
): Promise<ReadonlyMap<string, ProjectedFile>> {
  const { mode, sources } = options;
  if (source.configMap !== undefined) return configMapFiles(source.configMap, mode, sources);
  if (source.secret !== undefined) return secretFiles(source.secret, mode, sources);
  if (source.downwardAPI !== undefined) return downwardFiles(facts, source.downwardAPI.items ?? [], mode);
  if (source.serviceAccountToken === undefined) return new Map();
  const { audience = '', expirationSeconds = tokenSeconds, path } = source.serviceAccountToken;
  const text = await sources.token({ audience, expirationSeconds });
  // A group that may read it (fsGroup) widens the mode where the file is written.
  const user = userOfAll(facts.pod);
  const narrow = user !== undefined || facts.pod.spec.securityContext?.fsGroup !== undefined;
  return new Map([[path, { data: Buffer.from(text), mode: narrow ? 0o600 : mode, user }]]);
}

/** The user that all containers of a pod run as, where its spec says so. */
function userOfAll(pod: Pod): number | undefined {
  const users = new Set(
    allContainers(pod).map(({ securityContext }) => securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser),
  );
  return users.size === 1 ? [...users][0] : undefined;
}

async function configMapFiles(
  source: ConfigMapProjection,
  mode: number,
  sources: ProjectionSources,
): Promise<ReadonlyMap<string, ProjectedFile>> {
  const data = await sources.configMap(source.name ?? '');
  if (data === undefined && source.optional !== true)
    throw new VolumeSetupError(`configmap "${source.name}" not found`);
  return keyFiles(data ?? {}, source.items, { mode, optional: source.optional === true, kind: 'config' });
}

async function secretFiles(
  source: SecretProjection,
  mode: number,
  sources: ProjectionSources,
): Promise<ReadonlyMap<string, ProjectedFile>> {
  const data = await sources.secret(source.name ?? '');
  if (data === undefined && source.optional !== true) throw new VolumeSetupError(`secret "${source.name}" not found`);
  return keyFiles(data ?? {}, source.items, { mode, optional: source.optional === true, kind: 'secret' });
}

function keyFiles(
  data: ConfigData,
  items: readonly KeyToPath[] | undefined,
  options: { readonly mode: number; readonly optional: boolean; readonly kind: 'config' | 'secret' },
): ReadonlyMap<string, ProjectedFile> {
  const files = new Map<string, ProjectedFile>();
  if (items === undefined || items.length === 0) {
    for (const [key, bytes] of Object.entries(data)) files.set(key, { data: bytes, mode: options.mode });
    return files;
  }
  for (const item of items) {
    const bytes = data[item.key];
    if (bytes !== undefined) files.set(item.path, { data: bytes, mode: item.mode ?? options.mode });
    else if (!options.optional)
      throw new VolumeSetupError(
        options.kind === 'config'
          ? `configmap references non-existent config key: ${item.key}`
          : `references non-existent secret key: ${item.key}`,
      );
  }
  return files;
}

function downwardFiles(
  facts: PodFacts,
  items: readonly DownwardAPIVolumeFile[],
  mode: number,
): ReadonlyMap<string, ProjectedFile> {
  const files = new Map<string, ProjectedFile>();
  for (const item of items) {
    const text =
      item.fieldRef !== undefined
        ? fieldText(facts, item.fieldRef)
        : item.resourceFieldRef !== undefined
          ? resourceText(facts, item.resourceFieldRef, allContainers(facts.pod)[0])
          : undefined;
    files.set(item.path, { data: Buffer.from(text ?? ''), mode: item.mode ?? mode });
  }
  return files;
}
