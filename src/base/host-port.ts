/** An address and a port in one text, as URLs, logs and Go's net.JoinHostPort have it. */

/** The host in brackets where it is an IPv6 address. */
export function joinHostPort(host: string, port: number | string): string {
  return `${urlHost(host)}:${port}`;
}

/** The host as it stands in a URL. */
export const urlHost = (host: string): string => (host.includes(':') ? `[${host}]` : host);
