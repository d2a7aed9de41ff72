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
 * The table of the Ingresses that are served. A host belongs to the namespace of the oldest Ingress with rules for it;
 * of two in one namespace that claim one host and path, or one host's certificate, the older one has it. Rules without
 * a host are shared by all namespaces. The host decides before the path: what an exact host's rules do not name goes to
 * its default backend, not to a wildcard's rules.
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
  const owners = hostOwners(sorted);
  for (const ingress of sorted) {
    for (const rule of ingress.spec?.rules ?? []) {
      if (isTaken(owners, ingress, rule.host)) continue;
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
    certificates: certificatesOf(sorted, owners, facts),
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
    ...takenHosts(ingress, served),
    ...takenPaths(ingress, served),
  ].filter((problem) => problem !== undefined);
  return [...new Map(found.map((problem) => [problem.message, problem])).values()];
}

/** The namespace that each named host belongs to: otherwise anybody could take paths of a host that is in use. */
function hostOwners(sorted: readonly Ingress[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const { spec, metadata } of sorted)
    for (const { host = '' } of spec?.rules ?? [])
      if (host !== '' && !owners.has(host)) owners.set(host, metadata.namespace ?? '');
  return owners;
}

function isTaken(owners: ReadonlyMap<string, string>, { metadata }: Ingress, host = ''): boolean {
  return host !== '' && (owners.get(host) ?? metadata.namespace) !== metadata.namespace;
}

/** Hosts that belong to another namespace. */
function takenHosts(ingress: Ingress, served: readonly Ingress[]): readonly Problem[] {
  const owners = hostOwners(byAge(served));
  const { rules = [], tls = [] } = ingress.spec ?? {};
  const hosts = [...rules.map(({ host = '' }) => host), ...tls.flatMap((entry) => entry.hosts ?? [])];
  const taken = [...new Set(hosts)].filter((host) => isTaken(owners, ingress, host));
  return taken.map((host) => ({
    reason: 'HostTaken',
    message: `host "${host}" is served for namespace ${owners.get(host) ?? ''}, whose ingress is older`,
  }));
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
  const hosts = hostOwners(sorted);
  for (const other of older)
    for (const place of placesOf(other, hosts))
      if (!owners.has(place)) owners.set(place, `${other.metadata.namespace}/${other.metadata.name}`);
  return [...new Set(placesOf(ingress, hosts))].flatMap((place) => {
    const owner = owners.get(place);
    return owner === undefined
      ? []
      : [{ reason: 'PathTaken', message: `${place} is served by ingress ${owner}, which is older` } as const];
  });
}

/** Each path with its host and type, as a text; without those of hosts that belong to others. */
function placesOf(ingress: Ingress, owners: ReadonlyMap<string, string>): readonly string[] {
  const rules = (ingress.spec?.rules ?? []).filter(({ host }) => !isTaken(owners, ingress, host));
  return rules.flatMap(({ host = '', http }) =>
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
function certificatesOf(
  sorted: readonly Ingress[],
  owners: ReadonlyMap<string, string>,
  facts: TableFacts,
): readonly HostCertificate[] {
  const found = new Map<string, HostCertificate>();
  for (const ingress of sorted) {
    const { spec } = ingress;
    const { namespace = '' } = ingress.metadata;
    for (const { hosts = [], secretName = '' } of spec?.tls ?? []) {
      const read = secretName === '' ? undefined : pairOf(secretName, facts.secret(namespace, secretName));
      if (read === undefined || 'problem' in read) continue;
      const named = hosts.length > 0 ? hosts : (spec?.rules ?? []).map(({ host = '' }) => host);
      for (const host of named)
        if (!found.has(host) && !isTaken(owners, ingress, host)) found.set(host, { host, ...read.pair });
    }
  }
  return [...found.values()];
}
