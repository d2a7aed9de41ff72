/** Admission plug-in PersistentVolumeClaimResize. */
import {
  compareQuantity,
  forbiddenError,
  type JsonObject,
  type KubeObject,
  parseQuantity,
  type Quantity,
  resources,
} from '../../../api/index.ts';
import { textOf } from '../../writing/metadata.ts';
import type { AdmissionPlugin } from '../../ports.ts';
import { readObject } from '../../stored/reading.ts';
import { betaClass } from './default-storage-class.ts';
import { annotationsOf, specOf } from '../pods/pod-spec.ts';
import { isAbout } from '../request.ts';

interface StorageClassObject extends KubeObject {
  readonly allowVolumeExpansion?: boolean | undefined;
}

const claims = resources.persistentVolumeClaims;
const classes = resources.storageClasses;

/** A claim grows when it is bound and its class says that its volumes can. */
export const claimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  validate(request, { store }) {
    const { operation, object, old } = request;
    if (operation !== 'UPDATE' || object === undefined || old === undefined || !isAbout(request, '', claims.resource))
      return;
    const before = old as JsonObject;
    if (compareQuantity(sizeOf(object), sizeOf(before)) <= 0) return;
    if ((old.status as { readonly phase?: string | undefined } | undefined)?.phase !== 'Bound')
      throw forbiddenError(claims, request.name, 'Only bound persistent volume claims can be expanded');
    const name = classOf(object);
    const found =
      name !== '' && name === classOf(before)
        ? readObject<StorageClassObject>(store, classes, undefined, name)
        : undefined;
    if (found?.allowVolumeExpansion !== true) {
      throw forbiddenError(
        claims,
        request.name,
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must ' +
          'support resize',
      );
    }
  },
};

function sizeOf(claim: JsonObject): Quantity {
  const { requests } = (specOf(claim)['resources'] ?? {}) as {
    readonly requests?: Readonly<Record<string, string>> | undefined;
  };
  return parseQuantity(requests?.['storage'] ?? '0');
}

const classOf = (claim: JsonObject): string =>
  annotationsOf(claim)[betaClass] ?? textOf(specOf(claim)['storageClassName']);
