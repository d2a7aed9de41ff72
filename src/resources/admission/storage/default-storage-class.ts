/** Admission plug-in DefaultStorageClass. */
import { isDefaultClass, metadataOf, resources, volumeAnnotations } from '../../../api/index.ts';
import type { KubeObject } from '../../../api/index.ts';
import { readObjects } from '../../stored/reading.ts';
import type { AdmissionPlugin } from '../../ports.ts';
import { isAbout } from '../request.ts';
import { annotationsOf, specOf } from '../pods/pod-spec.ts';

/** Where claims named their class before there was a field for it. */
export const { betaClass } = volumeAnnotations;

/** A claim that names no class gets the default one: the newest, when there are several. */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  admit(request, { store }) {
    if (
      request.operation !== 'CREATE' ||
      !isAbout(request, '', 'persistentvolumeclaims') ||
      request.object === undefined
    )
      return;
    metadataOf(request.object);
    const spec = specOf(request.object);
    if (spec['storageClassName'] !== undefined || annotationsOf(request.object)[betaClass] !== undefined) return;
    const classes = readObjects(store, resources.storageClasses).filter(isDefaultClass).sort(newestFirst);
    if (classes[0] !== undefined) spec['storageClassName'] = classes[0].metadata.name;
  },
};

function newestFirst(left: KubeObject, right: KubeObject): number {
  const [a, b] = [left.metadata.creationTimestamp ?? '', right.metadata.creationTimestamp ?? ''];
  if (a !== b) return a < b ? 1 : -1;
  return (left.metadata.name ?? '') < (right.metadata.name ?? '') ? -1 : 1;
}
