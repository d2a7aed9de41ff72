/** The route table: what the proxy serves, as plain data. */

/**
 * What is served: plain data, so that it can be handed to another thread. Remade at each change; small beside the
 * traffic.
 */
export interface RouteTable {
  readonly hosts: readonly HostRoutes[];
  /** The backend of what matches no rule; absent: 404. */
  readonly defaultBackend?: string | undefined;
  /** `address:port` of each pod, by backend. */
  readonly backends: Readonly<Record<string, readonly string[]>>;
  readonly certificates: readonly HostCertificate[];
}

/** The paths of one host: an exact name, `*.` and a suffix, or '' for any. Values are keys of backends. */
export interface HostRoutes {
  readonly host: string;
  readonly exact: Readonly<Record<string, string>>;
  /** Without a slash at the end; '' is the whole host. */
  readonly prefixes: Readonly<Record<string, string>>;
  /** The backend of paths that no rule names; absent: the table's. */
  readonly defaultBackend?: string | undefined;
}

/** PEM texts of a server's certificate (its chain behind it) and of its key. */
export interface CertificatePair {
  readonly certificate: string;
  readonly key: string;
}

export interface HostCertificate extends CertificatePair {
  readonly host: string;
}

export const emptyTable: RouteTable = { hosts: [], backends: {}, certificates: [] };
