import type { CelEnvironment } from './environment.ts';

/** The parts of a URL as Go's parser sees them. */
class UrlValue {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;

  constructor(parts: { readonly scheme: string; readonly host: string; readonly path: string; readonly query: string }) {
    this.scheme = parts.scheme;
    this.host = parts.host;
    this.path = parts.path;
    this.query = parts.query;
  }

  equals(other: unknown): boolean {
    return other instanceof UrlValue && this.scheme === other.scheme && this.host === other.host && this.path === other.path && this.query === other.query;
  }
}

/** An absolute URL, or a path that begins with a slash. */
function parseUrl(text: string): UrlValue | undefined {
  const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/(?:[^@/?#]*@)?([^/?#]*))?(\/[^?#]*)?(?:\?([^#]*))?(?:#.*)?$/.exec(text);
  if (match === null || /[\s<>"{}|\\^`]/.test(text) || /%(?![0-9a-fA-F]{2})/.test(text)) return undefined;
  const [, scheme = '', host = '', path = '', query = ''] = match;
  if (scheme === '' && path === '') return undefined;
  return new UrlValue({ scheme, host, path, query });
}

/** Whether a text is a URL as Go reads it. */
export const isUrl = (text: string): boolean => parseUrl(text) !== undefined;

function queryMap(query: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) found.set(name, [...(found.get(name) ?? []), value]);
  return found;
}

const port = (host: string): string => /:(\d*)$/.exec(host)?.[1] ?? '';
const name = (host: string): string => host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
const type = 'kubernetes.URL';

/** Functions of URLs. */
export function registerUrlFunctions(environment: CelEnvironment): void {
  environment
    .registerType(type, UrlValue)
    .registerFunction(`url(string): ${type}`, (text: string) => {
      const url = parseUrl(text);
      if (url === undefined) throw new Error(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`);
      return url;
    })
    .registerFunction('isURL(string): bool', isUrl)
    .registerFunction(`${type}.getScheme(): string`, (url: UrlValue) => url.scheme)
    .registerFunction(`${type}.getHost(): string`, (url: UrlValue) => url.host)
    .registerFunction(`${type}.getHostname(): string`, (url: UrlValue) => name(url.host))
    .registerFunction(`${type}.getPort(): string`, (url: UrlValue) => port(url.host))
    .registerFunction(`${type}.getEscapedPath(): string`, (url: UrlValue) => url.path)
    .registerFunction(`${type}.getQuery(): map<string, list<string>>`, (url: UrlValue) => queryMap(url.query))
    .registerOperator(`${type} == ${type}`, (left: UrlValue, right: UrlValue) => left.equals(right));
}
