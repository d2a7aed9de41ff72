/** Validates the volume sources that pods and PersistentVolumes share. */

import type { HostPathVolumeSource, PersistentVolumeSpec, Sent } from '../../objects/index.ts';
import {
  byteLength,
  dns1123Label,
  dns1123Subdomain,
  type FieldError,
  inRange,
  invalid,
  nameIsDnsSubdomain,
  notSupported,
  required,
  tooLong,
} from '../../machinery/index.ts';
import { invalids, isSet, optionalName, requiredName, requiredText } from '../checks.ts';
import { noBacksteps } from '../paths.ts';
import { hostPathTypeErrors } from './pod/volume-files-validation.ts';

type Source<Name extends keyof Sent<PersistentVolumeSpec>> = NonNullable<Sent<PersistentVolumeSpec>[Name]>;

export function hostPathErrors(source: Sent<HostPathVolumeSource>, path: string): FieldError[] {
  if (!isSet(source.path)) return [required(`${path}.path`)];
  return [...noBacksteps(`${path}.path`, source.path), ...hostPathTypeErrors(source.type, `${path}.type`)];
}

export function nfsErrors(source: Source<'nfs'>, path: string): FieldError[] {
  const absolute = (source.path ?? '').startsWith('/')
    ? []
    : [invalid(`${path}.path`, source.path ?? '', 'must be an absolute path')];
  return [...requiredText(`${path}.server`, source.server), ...requiredText(`${path}.path`, source.path), ...absolute];
}

/** CSI driver names: required, at most 63 bytes, a DNS subdomain in either case. */
export function csiDriverNameErrors(path: string, name: string | undefined): FieldError[] {
  const value = name ?? '';
  const length = byteLength(value) > 63 ? [tooLong(path, '', 63)] : [];
  return [...requiredText(path, value), ...length, ...invalids(path, value, dns1123Subdomain(value.toLowerCase()))];
}

const iscsiPatterns: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([A-Za-z0-9\-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[A-Za-z0-9]{16}$/,
  naa: /^naa.[A-Za-z0-9]{32}$/,
};

const iscsiStarts = 'must be valid format starting with iqn, eui, or naa';
const iscsiFormat = 'must be valid format';

function iscsiNameErrors(path: string, name: string, unknown: string): FieldError[] {
  const pattern = iscsiPatterns[name.slice(0, 3)];
  if (pattern === undefined) return [invalid(path, name, unknown)];
  return pattern.test(name) ? [] : [invalid(path, name, iscsiFormat)];
}

/** `unknown`: what is said of a name that begins with none of the known formats. */
export function iscsiErrors(source: Source<'iscsi'>, path: string, unknown = iscsiStarts): FieldError[] {
  const errors = requiredText(`${path}.targetPortal`, source.targetPortal);
  if (!isSet(source.iqn)) errors.push(required(`${path}.iqn`));
  else errors.push(...iscsiNameErrors(`${path}.iqn`, source.iqn, unknown));
  errors.push(...invalids(`${path}.lun`, source.lun ?? 0, inRange(source.lun ?? 0, 0, 255)));
  const chap = source.chapAuthDiscovery === true || source.chapAuthSession === true;
  if (chap && source.secretRef === undefined) errors.push(required(`${path}.secretRef`));
  if (source.initiatorName !== undefined)
    errors.push(...iscsiNameErrors(`${path}.initiatorname`, source.initiatorName, unknown));
  return errors;
}

/** The same in a persistent volume, where the secret is checked too and upstream says less of names. */
export function persistentIscsiErrors(source: Source<'iscsi'>, path: string): FieldError[] {
  return [
    ...iscsiErrors(source, path, iscsiFormat),
    ...secretReferenceErrors(`${path}.secretRef`, source.secretRef, { namespaced: false }),
  ];
}

/** The name of a volume and the portal together must fit what initiators take. */
export function isLongForIscsi(volumeName: string | undefined, source: Source<'iscsi'> | undefined): boolean {
  return source?.initiatorName !== undefined && byteLength(`${volumeName ?? ''}:${source.targetPortal ?? ''}`) > 64;
}
export const longForIscsiText =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';

export function fcErrors(source: Source<'fc'>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const targets = source.targetWWNs?.length ?? 0;
  const ids = source.wwids?.length ?? 0;
  if (targets === 0 && ids === 0)
    errors.push(required(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'));
  if (targets > 0 && ids > 0)
    errors.push(
      invalid(`${path}.targetWWNs`, source.targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'),
    );
  if (targets === 0) return errors;
  if (source.lun === undefined) errors.push(required(`${path}.lun`, 'lun is required if targetWWNs is specified'));
  else errors.push(...invalids(`${path}.lun`, source.lun, inRange(source.lun, 0, 255)));
  return errors;
}

function diskErrors(
  path: string,
  nameField: string,
  source: { readonly name: string | undefined; readonly partition: number | undefined },
): FieldError[] {
  const partition = source.partition ?? 0;
  const range =
    partition < 0 || partition > 255
      ? [invalid(`${path}.partition`, partition, 'must be between 1 and 255, inclusive')]
      : [];
  return [...requiredText(`${path}.${nameField}`, source.name), ...range];
}

export const gceDiskErrors = (source: Source<'gcePersistentDisk'>, path: string): FieldError[] =>
  diskErrors(path, 'pdName', { name: source.pdName, partition: source.partition });
export const awsDiskErrors = (source: Source<'awsElasticBlockStore'>, path: string): FieldError[] =>
  diskErrors(path, 'volumeID', { name: source.volumeID, partition: source.partition });

export function quobyteErrors(source: Source<'quobyte'>, path: string): FieldError[] {
  const pairs = 'must be a host:port pair or multiple pairs separated by commas';
  const errors: FieldError[] = [];
  if (!isSet(source.registry)) errors.push(required(`${path}.registry`, pairs));
  else if ((source.tenant ?? '').length >= 65)
    errors.push(required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'));
  else {
    const bad = source.registry.split(',').filter((pair) => !/^(?:[^:[\]]*|\[[^\]]*\]):[^:]*$/.test(pair));
    errors.push(...bad.map(() => invalid(`${path}.registry`, source.registry, pairs)));
  }
  return [...errors, ...requiredText(`${path}.volume`, source.volume)];
}

export function flockerErrors(source: Source<'flocker'>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const named = isSet(source.datasetName);
  if (!named && !isSet(source.datasetUUID))
    errors.push(required(path, 'one of datasetName and datasetUUID is required'));
  if (named && isSet(source.datasetUUID))
    errors.push(invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
  if (source.datasetName?.includes('/') === true)
    errors.push(invalid(`${path}.datasetName`, source.datasetName, "must not contain '/'"));
  return errors;
}

export function flexErrors(source: Source<'flexVolume'>, path: string): FieldError[] {
  const reserved = Object.keys(source.options ?? {}).filter((key) =>
    /\.(kubernetes|k8s)\.io$/.test(`.${(key.includes('/') ? key.slice(0, key.indexOf('/')) : key).toLowerCase()}`),
  );
  return [
    ...requiredText(`${path}.driver`, source.driver),
    ...reserved.map((key) =>
      invalid(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'),
    ),
  ];
}

export function azureDiskErrors(source: Source<'azureDisk'>, path: string): FieldError[] {
  const errors = [
    ...requiredText(`${path}.diskName`, source.diskName),
    ...requiredText(`${path}.diskURI`, source.diskURI),
  ];
  const caching = ['None', 'ReadOnly', 'ReadWrite'];
  const kinds = ['Dedicated', 'Managed', 'Shared'];
  const uri = source.diskURI ?? '';
  if (source.cachingMode !== undefined && !caching.includes(source.cachingMode))
    errors.push(notSupported(`${path}.cachingMode`, source.cachingMode, caching));
  if (source.kind === undefined) return errors;
  if (!kinds.includes(source.kind)) errors.push(notSupported(`${path}.kind`, source.kind, kinds));
  const managed = source.kind === 'Managed';
  const wanted = managed
    ? '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
    : 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';
  if (!uri.startsWith(managed ? '/subscriptions/' : 'https://'))
    errors.push(notSupported(`${path}.diskURI`, uri, [wanted]));
  return errors;
}

interface NamedSecret {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
}

/** `namespaced`: persistent volumes must say where the secret is. */
export function secretReferenceErrors(
  path: string,
  secret: NamedSecret | undefined,
  options: { readonly namespaced: boolean },
): FieldError[] {
  if (secret === undefined) return [];
  return [
    ...requiredText(`${path}.name`, secret.name),
    ...(options.namespaced ? requiredText(`${path}.namespace`, secret.namespace) : []),
  ];
}

interface StorageOsSource {
  volumeName?: string;
  volumeNamespace?: string;
  secretRef?: NamedSecret;
}

export function storageOsErrors(
  source: StorageOsSource,
  path: string,
  options: { readonly namespaced: boolean },
): FieldError[] {
  return [
    ...requiredName(`${path}.volumeName`, source.volumeName, dns1123Label),
    ...optionalName(`${path}.volumeNamespace`, source.volumeNamespace, dns1123Label),
    ...secretReferenceErrors(`${path}.secretRef`, source.secretRef, options),
  ];
}

/** Fields that must be filled, under their paths. */
export function requiredFields(
  path: string,
  fields: Readonly<Record<string, string | readonly string[] | null | undefined>>,
): FieldError[] {
  return Object.entries(fields).flatMap(([field, value]) =>
    (value ?? '').length === 0 ? [required(`${path}.${field}`)] : [],
  );
}

/** The secret of a CSI volume: a full reference with checked names. */
export function csiSecretErrors(path: string, secret: NamedSecret | undefined): FieldError[] {
  if (secret === undefined) return [];
  return [
    ...requiredName(`${path}.name`, secret.name, (name) => nameIsDnsSubdomain(name, false)),
    ...requiredName(`${path}.namespace`, secret.namespace, dns1123Label),
  ];
}
