import type { KubeObject } from '../api/index.ts';

/** The fields of networking.k8s.io/v1 Ingress that are read. Objects come validated from the API. */
export interface Ingress extends KubeObject {
  readonly spec?: {
    readonly ingressClassName?: string;
    readonly defaultBackend?: IngressBackend;
    readonly rules?: readonly IngressRule[];
    readonly tls?: readonly IngressTls[];
  };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
  };
}

export interface IngressRule {
  readonly host?: string;
  readonly http?: { readonly paths?: readonly IngressPath[] };
}

export interface IngressPath {
  readonly path?: string;
  readonly pathType?: string;
  readonly backend: IngressBackend;
}

export interface IngressBackend {
  readonly service?: { readonly name: string; readonly port?: { readonly name?: string; readonly number?: number } };
  readonly resource?: { readonly kind: string; readonly name: string };
}

export interface IngressTls {
  readonly hosts?: readonly string[];
  readonly secretName?: string;
}

export interface IngressClass extends KubeObject {
  readonly spec?: { readonly controller?: string };
}

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
