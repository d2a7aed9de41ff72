/** Admission plug-in DefaultIngressClass. */
import { type KubeObject, parseTime } from '../../api/index.ts';
import { readObjects } from '../stored/reading.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { isAbout } from './request.ts';
import { annotationsOf, specOf } from './pods/pod-spec.ts';

const group = 'networking.k8s.io';
const defaultMark = 'ingressclass.kubernetes.io/is-default-class';
const classAnnotation = 'kubernetes.io/ingress.class';

/** An Ingress that names no class gets the default one: of several the newest, of those the first by name. */
export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  admit(request, { store }) {
    if (request.operation !== 'CREATE' || !isAbout(request, group, 'ingresses') || request.object === undefined) return;
    const spec = specOf(request.object);
    if (spec['ingressClassName'] !== undefined || annotationsOf(request.object)[classAnnotation] !== undefined) return;
    const classes = readObjects(store, { group, resource: 'ingressclasses' }).filter(
      ({ metadata }: KubeObject) => metadata.annotations?.[defaultMark] === 'true',
    );
    const [chosen] = [...classes].sort(newestFirst);
    if (chosen !== undefined) spec['ingressClassName'] = chosen.metadata.name;
  },
};

function newestFirst({ metadata: one }: KubeObject, { metadata: other }: KubeObject): number {
  const age = (parseTime(other.creationTimestamp) ?? 0) - (parseTime(one.creationTimestamp) ?? 0);
  return age === 0 ? ((one.name ?? '') < (other.name ?? '') ? -1 : 1) : age;
}
