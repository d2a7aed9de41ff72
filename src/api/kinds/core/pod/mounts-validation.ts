/** Validates the volume mounts and devices of a container. */

import type { Container, Sent, Volume, VolumeDevice, VolumeMount } from '../../../objects/index.ts';
import {
  type FieldError,
  fieldNotFound,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../machinery/index.ts';
import { choice, each, isSet, requiredText } from '../../checks.ts';
import { localDescendingPath } from '../../paths.ts';

type Volumes = ReadonlyMap<string, Sent<Volume>>;

// The paths without an index are upstream's.
function propagationErrors(mount: Sent<VolumeMount>, container: Sent<Container>, path: string): FieldError[] {
  const mode = mount.mountPropagation;
  const errors = choice(path, mode, ['Bidirectional', 'HostToContainer', 'None']);
  if (mode === 'Bidirectional' && container.securityContext?.privileged !== true) {
    errors.push(forbidden(path, 'Bidirectional mount propagation is available only to privileged containers'));
  }
  return errors;
}

function recursiveReadOnlyErrors(mount: Sent<VolumeMount>, path: string): FieldError[] {
  const value = mount.recursiveReadOnly;
  if (value === undefined || value === 'Disabled') return [];
  if (value !== 'Enabled' && value !== 'IfPossible')
    return [notSupported(path, value, ['Disabled', 'Enabled', 'IfPossible'])];
  const errors: FieldError[] = [];
  if (mount.readOnly !== true) errors.push(forbidden(path, 'may only be specified when readOnly is true'));
  if (mount.mountPropagation !== undefined && mount.mountPropagation !== 'None') {
    errors.push(forbidden(path, 'may only be specified when mountPropagation is None or not specified'));
  }
  return errors;
}

/** `at` is the mount's path; of sub paths themselves upstream says only that they are in the list. */
function subPathErrors(mount: Sent<VolumeMount>, at: string, volume: Sent<Volume> | undefined): FieldError[] {
  const listPath = at.slice(0, at.lastIndexOf('['));
  const errors: FieldError[] = [];
  const { subPath, subPathExpr } = mount;
  if (volume?.image !== undefined) {
    if (isSet(subPath)) errors.push(invalid(`${at}.subPath`, subPath, 'not allowed in image volume sources'));
    if (isSet(subPathExpr))
      errors.push(invalid(`${at}.subPathExpr`, subPathExpr, 'not allowed in image volume sources'));
  }
  if (isSet(subPath)) errors.push(...localDescendingPath(`${listPath}.subPath`, subPath));
  if (!isSet(subPathExpr)) return errors;
  if (isSet(subPath))
    errors.push(invalid(`${at}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
  return [...errors, ...localDescendingPath(`${listPath}.subPathExpr`, subPathExpr)];
}

/** Checks a container's mounts against the pod's volumes and its own block devices. */
export function mountErrors(container: Sent<Container>, path: string, volumes: Volumes): FieldError[] {
  const devices = container.volumeDevices ?? [];
  const seen = new Set<string>();
  return each(path, container.volumeMounts, (mount, at) => {
    const name = mount.name ?? '';
    const mountPath = mount.mountPath ?? '';
    const errors = [...requiredText(`${at}.name`, name)];
    if (!volumes.has(name)) errors.push(fieldNotFound(`${at}.name`, name));
    errors.push(...requiredText(`${at}.mountPath`, mountPath));
    if (seen.has(mountPath)) errors.push(invalid(`${at}.mountPath`, mountPath, 'must be unique'));
    seen.add(mountPath);
    if (devices.some((device) => device.name === name))
      errors.push(invalid(`${at}.name`, name, 'must not already exist in volumeDevices'));
    if (devices.some((device) => device.devicePath === mountPath))
      errors.push(invalid(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'));
    errors.push(...subPathErrors(mount, at, volumes.get(name)));
    if (mount.mountPropagation !== undefined)
      errors.push(...propagationErrors(mount, container, `${path}.mountPropagation`));
    return [...errors, ...recursiveReadOnlyErrors(mount, `${path}.recursiveReadOnly`)];
  });
}

function deviceNameErrors(device: Sent<VolumeDevice>, at: string, volumes: Volumes): FieldError[] {
  const name = device.name ?? '';
  const volume = volumes.get(name);
  if (volume === undefined) return [fieldNotFound(`${at}.name`, name)];
  if (volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined) return [];
  return [
    invalid(`${at}.name`, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'),
  ];
}

/** Checks a container's block devices. */
export function deviceErrors(container: Sent<Container>, path: string, volumes: Volumes): FieldError[] {
  const mounts = container.volumeMounts ?? [];
  const names = new Set<string>();
  const paths = new Set<string>();
  return each(path, container.volumeDevices, (device, at) => {
    const name = device.name ?? '';
    const devicePath = device.devicePath ?? '';
    const errors: FieldError[] = name === '' ? [required(`${at}.name`)] : [];
    if (names.has(name)) errors.push(invalid(`${at}.name`, name, 'must be unique'));
    errors.push(...deviceNameErrors(device, at, volumes), ...requiredText(`${at}.devicePath`, devicePath));
    if (paths.has(devicePath)) errors.push(invalid(`${at}.devicePath`, devicePath, 'must be unique'));
    if (devicePath.split('/').includes('..'))
      errors.push(invalid(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name))
      errors.push(invalid(`${at}.name`, name, 'must not already exist in volumeMounts'));
    if (mounts.some((mount) => mount.mountPath === devicePath))
      errors.push(invalid(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'));
    if (name !== '') names.add(name);
    return errors;
  });
}
