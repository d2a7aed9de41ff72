/** Admission plug-in DefaultIngressClass. */
import { forbiddenError, type KubeObject } from '../../api/index.ts';
import { readObjects } from '../stored/reading.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { isAbout } from './request.ts';
import { annotationsOf, specOf } from './pods/pod-spec.ts';

const group = 'networking.k8s.io';
const defaultMark = 'ingressclass.kubernetes.io/is-default-class';
const classAnnotation = 'kubernetes.io/ingress.class';

/** An Ingress that names no class gets the default one, of which there may be one only. */
export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  admit(request, { store }) {
    if (request.operation !== 'CREATE' || !isAbout(request, group, 'ingresses') || request.object === undefined) return;
    const spec = specOf(request.object);
    if (spec['ingressClassName'] !== undefined || annotationsOf(request.object)[classAnnotation] !== undefined) return;
    const classes = readObjects(store, { group, resource: 'ingressclasses' }).filter(
      ({ metadata }: KubeObject) => metadata.annotations?.[defaultMark] === 'true',
    );
    if (classes.length > 1)
      throw forbiddenError(
        { group, resource: 'ingresses' },
        request.name,
        `${classes.length} default IngressClasses were found, only 1 allowed`,
      );
    if (classes[0] !== undefined) spec['ingressClassName'] = classes[0].metadata.name;
  },
};
