/** From Ingresses and what they name to the proxy's route table. */
import type { HTTPIngressPath, Ingress, IngressBackend, Secret } from '../api/index.ts';
import { type BackendFacts, type Problem, resolveBackend } from './backend.ts';
import { pairOf } from './certificate-pair.ts';
import type { HostCertificate, RouteTable } from './proxy/index.ts';

export interface TableFacts extends BackendFacts {
  secret(namespace: string, name: string): Secret | undefined;
}

interface MutableHost {
  readonly host: string;
  readonly exact: Map<string, string>;
  readonly prefixes: Map<string, string>;
  defaultBackend?: string | undefined;
}

/**
 * The table of the Ingresses that are served. Of two that claim one host and path, or one host's certificate, the older
 * one has it. The host decides before the path: what an exact host's rules do not name goes to its default backend, not
 * to a wildcard's rules.
 */
export function routeTable(ingresses: readonly Ingress[], facts: TableFacts): RouteTable {
  const sorted = byAge(ingresses);
  const hosts = new Map<string, MutableHost>();
  const backends = new Map<string, readonly string[]>();
  const keyOf = (ingress: Ingress, backend: IngressBackend): string => {
    const { key, addresses } = resolveBackend(ingress.metadata.namespace ?? '', backend, facts);
    backends.set(key, addresses);
    return key;
  };
  for (const ingress of sorted) {
    for (const rule of ingress.spec?.rules ?? []) {
      const routes = hostRoutes(hosts, rule.host ?? '');
      for (const path of rule.http?.paths ?? []) {
        const { paths, key } = placeOf(routes, path);
        if (!paths.has(key)) paths.set(key, keyOf(ingress, path.backend));
      }
      if (ingress.spec?.defaultBackend !== undefined)
        routes.defaultBackend ??= keyOf(ingress, ingress.spec.defaultBackend);
    }
  }
  const fallback = ingressOfDefault(sorted);
  const defaultBackend =
    fallback?.spec?.defaultBackend === undefined ? undefined : keyOf(fallback, fallback.spec.defaultBackend);
  return {
    hosts: [...hosts.values()].map(({ exact, prefixes, ...rest }) => ({
      ...rest,
      exact: Object.fromEntries(exact),
      prefixes: Object.fromEntries(prefixes),
    })),
    defaultBackend,
    backends: Object.fromEntries(backends),
    certificates: certificatesOf(sorted, facts),
  };
}

/** What keeps an Ingress from being served as it says. `served`: all that are served, this one among them. */
export function problemsOf(ingress: Ingress, served: readonly Ingress[], facts: TableFacts): readonly Problem[] {
  const {
    spec,
    metadata: { namespace = '' },
  } = ingress;
  const backends = [
    ...(spec?.defaultBackend === undefined ? [] : [spec.defaultBackend]),
    ...(spec?.rules ?? []).flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend)),
  ];
  const found = [
    ...backends.map((backend) => resolveBackend(namespace, backend, facts).problem),
    ...(spec?.tls ?? []).map(({ secretName = '' }) => {
      const read = secretName === '' ? undefined : pairOf(secretName, facts.secret(namespace, secretName));
      return read !== undefined && 'problem' in read ? read.problem : undefined;
    }),
    ...takenPaths(ingress, served),
  ].filter((problem) => problem !== undefined);
  return [...new Map(found.map((problem) => [problem.message, problem])).values()];
}

/** Paths that an older Ingress has. */
function takenPaths(ingress: Ingress, served: readonly Ingress[]): readonly Problem[] {
  const sorted = byAge(served);
  const older = sorted.slice(
    0,
    Math.max(
      sorted.findIndex(({ metadata }) => metadata.uid === ingress.metadata.uid),
      0,
    ),
  );
  const owners = new Map<string, string>();
  for (const other of older)
    for (const place of placesOf(other))
      if (!owners.has(place)) owners.set(place, `${other.metadata.namespace}/${other.metadata.name}`);
  return [...new Set(placesOf(ingress))].flatMap((place) => {
    const owner = owners.get(place);
    return owner === undefined
      ? []
      : [{ reason: 'PathTaken', message: `${place} is served by ingress ${owner}, which is older` } as const];
  });
}

/** Each path with its host and type, as a text. */
function placesOf({ spec }: Ingress): readonly string[] {
  return (spec?.rules ?? []).flatMap(({ host = '', http }) =>
    (http?.paths ?? []).map((path) => {
      const exact = path.pathType === 'Exact';
      const text = exact ? (path.path ?? '') : prefixOf(path.path) || '/';
      return `host "${host === '' ? '*' : host}" path "${text}" (${exact ? 'Exact' : 'Prefix'})`;
    }),
  );
}

function byAge(ingresses: readonly Ingress[]): readonly Ingress[] {
  const keyed = ingresses.map((ingress) => {
    const { creationTimestamp = '', namespace = '', name = '' } = ingress.metadata;
    return { ingress, key: `${creationTimestamp} ${namespace}/${name}` };
  });
  return keyed.sort((one, other) => (one.key < other.key ? -1 : 1)).map(({ ingress }) => ingress);
}

/**
 * An Ingress without rules is a default backend and nothing else: it comes before those that have one beside their
 * rules.
 */
function ingressOfDefault(sorted: readonly Ingress[]): Ingress | undefined {
  const candidates = sorted.filter(({ spec }) => spec?.defaultBackend !== undefined);
  return candidates.find(({ spec }) => (spec?.rules ?? []).length === 0) ?? candidates[0];
}

function hostRoutes(hosts: Map<string, MutableHost>, host: string): MutableHost {
  const known = hosts.get(host) ?? { host, exact: new Map<string, string>(), prefixes: new Map<string, string>() };
  hosts.set(host, known);
  return known;
}

/** ImplementationSpecific means Prefix here. */
function placeOf(
  routes: MutableHost,
  { path, pathType }: HTTPIngressPath,
): { readonly paths: Map<string, string>; readonly key: string } {
  return pathType === 'Exact'
    ? { paths: routes.exact, key: path ?? '/' }
    : { paths: routes.prefixes, key: prefixOf(path) };
}

/** A prefix is compared element by element, so a slash at its end says nothing. */
function prefixOf(path = ''): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/** Certificates by host. An entry of `tls` without hosts is for the hosts of the rules. */
function certificatesOf(sorted: readonly Ingress[], facts: TableFacts): readonly HostCertificate[] {
  const found = new Map<string, HostCertificate>();
  for (const {
    spec,
    metadata: { namespace = '' },
  } of sorted) {
    for (const { hosts = [], secretName = '' } of spec?.tls ?? []) {
      const read = secretName === '' ? undefined : pairOf(secretName, facts.secret(namespace, secretName));
      if (read === undefined || 'problem' in read) continue;
      const named = hosts.length > 0 ? hosts : (spec?.rules ?? []).map(({ host = '' }) => host);
      for (const host of named) if (!found.has(host)) found.set(host, { host, ...read.pair });
    }
  }
  return [...found.values()];
}
