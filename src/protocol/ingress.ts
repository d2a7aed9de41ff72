/** Which Ingresses Troupe serves, and how nodes say that they serve them. */
import type { Ingress, IngressClass } from '../api/index.ts';

/** Ingresses of classes with this controller are Troupe's to serve. */
export const ingressController = 'troupe.dev/ingress';
/** On a Node that serves Ingresses: its two ports, as `80,443`. */
export const ingressPortsAnnotation = 'ingress.troupe.dev/ports';
/** Marks the class of Ingresses that name none. */
export const defaultClassAnnotation = 'ingressclass.kubernetes.io/is-default-class';
const classAnnotation = 'kubernetes.io/ingress.class';

/**
 * Which Ingresses are Troupe's: by their class, by the annotation of old, or by naming none where the default class is
 * Troupe's.
 */
export function servedIngresses(ingresses: readonly Ingress[], classes: readonly IngressClass[]): readonly Ingress[] {
  const own = classes.filter(({ spec }) => spec?.controller === ingressController);
  if (own.length === 0) return [];
  const names = new Set(own.map(({ metadata }) => metadata.name));
  const isDefault = own.some(({ metadata }) => metadata.annotations?.[defaultClassAnnotation] === 'true');
  return ingresses.filter(({ metadata, spec }) => {
    if (metadata.deletionTimestamp !== undefined) return false;
    const named = spec?.ingressClassName ?? metadata.annotations?.[classAnnotation];
    return named === undefined ? isDefault : names.has(named);
  });
}

/** The Secrets that an Ingress takes certificates from. */
export function tlsSecretNames({ spec }: Ingress): readonly string[] {
  return [
    ...new Set(
      (spec?.tls ?? []).flatMap(({ secretName }) =>
        secretName === undefined || secretName === '' ? [] : [secretName],
      ),
    ),
  ];
}
