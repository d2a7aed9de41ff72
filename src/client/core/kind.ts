/** Kinds as the client knows them. */

/** What every object has. */
export interface KubernetesObject {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: {
    name?: string | undefined;
    namespace?: string | undefined;
    uid?: string | undefined;
    resourceVersion?: string | undefined;
    labels?: { [name: string]: string } | undefined;
    annotations?: { [name: string]: string } | undefined;
    generation?: number | undefined;
    deletionTimestamp?: string | undefined;
  };
}

export interface KindInfo {
  readonly group: string;
  readonly version: string;
  /** Plural, in lower case. */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** A kind and the type of its objects. */
export interface Kind<T> extends KindInfo {
  /** Only for the compiler. */
  readonly object?: T;
}

/** Names a kind, such as one of a CustomResourceDefinition. */
export function kindOf<T = KubernetesObject & { [field: string]: unknown }>(info: KindInfo): Kind<T> {
  return info;
}

export function apiVersionOf({ group, version }: KindInfo): string {
  return group === '' ? version : `${group}/${version}`;
}
