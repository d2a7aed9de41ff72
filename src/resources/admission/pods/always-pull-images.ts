/** Admission plug-in AlwaysPullImages: who may not pull an image cannot use it because another pod has pulled it. */
import { forbiddenError, type JsonObject, type KubeObject } from '../../../api/index.ts';
import type { AdmissionPlugin } from '../../ports.ts';
import { resourceOf } from '../../writing/metadata.ts';
import { type AdmissionRequest, isAbout } from '../request.ts';
import { listOf } from './pod-spec.ts';

/** Something with an image, and where it is in the pod. */
interface Pulled {
  readonly place: string;
  readonly field: 'imagePullPolicy' | 'pullPolicy';
  /** The container, or the image volume's source. */
  readonly holder: JsonObject;
  readonly image: unknown;
}

const containerLists = ['initContainers', 'containers', 'ephemeralContainers'];

/** Off unless the operator switches it on. Changes of a pod that bring no new image are left alone. */
export const alwaysPullImages: AdmissionPlugin = {
  name: 'AlwaysPullImages',
  admit(request) {
    for (const { holder, field } of pulledAnew(request)) holder[field] = 'Always';
  },
  validate(request) {
    const other = pulledAnew(request).find(({ holder, field }) => holder[field] !== 'Always');
    if (other === undefined) return;
    const value = JSON.stringify(other.holder[other.field] ?? '');
    const reason = `${other.place}.${other.field}: Unsupported value: ${value}: supported values: "Always"`;
    throw forbiddenError(resourceOf(request.info), request.name, reason);
  },
};

function pulledAnew(request: AdmissionRequest): readonly Pulled[] {
  const { operation, object, old } = request;
  if (object === undefined || !isAbout(request, '', 'pods')) return [];
  if (operation === 'CREATE') return pulledBy(object);
  if (operation !== 'UPDATE' || old === undefined) return [];
  const before = new Set(pulledBy(old).map(({ image }) => image));
  const all = pulledBy(object);
  return all.every(({ image }) => before.has(image)) ? [] : all;
}

function pulledBy(pod: JsonObject | KubeObject): readonly Pulled[] {
  const spec = (pod['spec'] ?? {}) as JsonObject;
  const containers = containerLists.flatMap((list) =>
    listOf(spec, list).map((holder, at): Pulled => {
      return { place: `spec.${list}[${String(at)}]`, field: 'imagePullPolicy', holder, image: holder['image'] };
    }),
  );
  const volumes = listOf(spec, 'volumes').flatMap((volume, at): readonly Pulled[] => {
    const holder = volume['image'] as JsonObject | undefined;
    if (holder === undefined) return [];
    return [{ place: `spec.volumes[${String(at)}].image`, field: 'pullPolicy', holder, image: holder['reference'] }];
  });
  return [...containers, ...volumes];
}
