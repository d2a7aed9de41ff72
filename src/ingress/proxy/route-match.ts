/** Finds the backend of a request in the route table. */
import type { HostRoutes, RouteTable } from './table.ts';

/** A table made ready for look-ups. */
export interface Routes {
  /**
   * The backend of a request; undefined: nothing serves it. `host` in lower case and without a port; `path` without its
   * query.
   */
  find(host: string, path: string): string | undefined;
}

interface HostIndex {
  readonly exact: ReadonlyMap<string, string>;
  readonly prefixes: ReadonlyMap<string, string>;
  readonly defaultBackend: string | undefined;
}

export function compileRoutes({ hosts, defaultBackend }: Pick<RouteTable, 'hosts' | 'defaultBackend'>): Routes {
  const index = new Map(hosts.map((routes) => [routes.host, indexOf(routes, defaultBackend)]));
  return {
    find(host, path) {
      const routes = entryOf(index, host);
      return routes === undefined ? defaultBackend : (pathBackend(routes, plainPath(path)) ?? routes.defaultBackend);
    },
  };
}

/** The routes of a host: under its own name, under the wildcard that stands for its first label, or for any host. */
export function entryOf<T>(entries: ReadonlyMap<string, T>, host: string): T | undefined {
  const dot = host.indexOf('.');
  return entries.get(host) ?? (dot > 0 ? entries.get(`*${host.slice(dot)}`) : undefined) ?? entries.get('');
}

const plain = (paths: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(paths).map(([path, backend]) => [plainPath(path), backend]));

const escape = /%[0-9a-f]{2}/gi;
const unreserved = /[A-Za-z0-9._~-]/;

const slashes = /\/{2,}/g;

/**
 * A path without needless escapes, which mean the same (RFC 3986 section 6.2.2.2), and without slashes in a row, which
 * many backends read as one: no pod is reached around its rule by either.
 */
function plainPath(path: string): string {
  const merged = path.includes('//') ? path.replace(slashes, '/') : path;
  return merged.includes('%')
    ? merged.replace(escape, (text) => {
        const char = String.fromCharCode(Number.parseInt(text.slice(1), 16));
        return unreserved.test(char) ? char : text.toUpperCase();
      })
    : merged;
}

function indexOf(routes: HostRoutes, defaultBackend: string | undefined): HostIndex {
  return {
    exact: plain(routes.exact),
    prefixes: plain(routes.prefixes),
    defaultBackend: routes.defaultBackend ?? defaultBackend,
  };
}

/** The longest path wins, and of equally long ones the exact one; an exact path is as long as can be. */
function pathBackend({ exact, prefixes }: HostIndex, path: string): string | undefined {
  const found = exact.get(path);
  if (found !== undefined || prefixes.size === 0) return found;
  for (let end = path.length; end >= 0; end = end === 0 ? -1 : path.lastIndexOf('/', end - 1)) {
    const backend = prefixes.get(path.slice(0, end));
    if (backend !== undefined) return backend;
  }
  return undefined;
}
