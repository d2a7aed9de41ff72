/** Admission plug-in DefaultStorageClass. */
import { metadataOf, resources } from '../../../api/index.ts';
import type { KubeObject } from '../../../api/index.ts';
import { readObjects } from '../../stored/reading.ts';
import type { AdmissionPlugin } from '../../ports.ts';
import { isAbout } from '../request.ts';
import { annotationsOf, specOf } from '../pods/pod-spec.ts';

/** Where claims named their class before there was a field for it. */
export const betaClass = 'volume.beta.kubernetes.io/storage-class';
const defaultMarks = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

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
    const classes = readObjects(store, resources.storageClasses).filter(isDefault).sort(newestFirst);
    if (classes[0] !== undefined) spec['storageClassName'] = classes[0].metadata.name;
  },
};

function isDefault({ metadata }: KubeObject): boolean {
  return defaultMarks.some((mark) => metadata.annotations?.[mark] === 'true');
}

function newestFirst(left: KubeObject, right: KubeObject): number {
  const [a, b] = [left.metadata.creationTimestamp ?? '', right.metadata.creationTimestamp ?? ''];
  if (a !== b) return a < b ? 1 : -1;
  return (left.metadata.name ?? '') < (right.metadata.name ?? '') ? -1 : 1;
}
