/** An address and a port in one text, as URLs, logs and Go's net.JoinHostPort have it. */

/** The host in brackets where it is an IPv6 address. */
export function joinHostPort(host: string, port: number | string): string {
  return `${urlHost(host)}:${port}`;
}

/** The host as it stands in a URL. */
export const urlHost = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** The host of a URL without the brackets that an IPv6 address has there. */
export const bareHost = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

/** Host and port of such a text; undefined: it is none. */
export function splitHostPort(text: string): { readonly host: string; readonly port: number } | undefined {
  const { six, host, port } = /^(?:\[(?<six>[^\]]*)\]|(?<host>[^:[\]]*)):(?<port>\d{1,5})$/.exec(text)?.groups ?? {};
  const found = six ?? host;
  return found === undefined || Number(port) > 65_535 ? undefined : { host: found, port: Number(port) };
}
