/** The functions of Kubernetes' CEL library on URLs. */

import { bareHost } from '../../base/index.ts';
import { type GoUrl, parseGoUrl } from '../machinery/index.ts';
import type { CelEnvironment } from './environment.ts';

class UrlValue {
  readonly url: GoUrl;

  constructor(url: GoUrl) {
    this.url = url;
  }

  equals(other: unknown): boolean {
    return (
      other instanceof UrlValue &&
      (Object.keys(this.url) as (keyof GoUrl)[]).every((part) => this.url[part] === other.url[part])
    );
  }
}

/** Why a text is no URL, absolute or a path that begins with a slash; undefined when it is one. */
export function urlProblem(text: string): string | undefined {
  const url = parseGoUrl(text, { request: true });
  return typeof url === 'string' ? url : undefined;
}

function urlOf(text: string): UrlValue {
  const url = parseGoUrl(text, { request: true });
  if (typeof url === 'string') throw new Error(`URL parse error during conversion from string: ${url}`);
  return new UrlValue(url);
}

function queryMap(query: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) found.set(name, [...(found.get(name) ?? []), value]);
  return found;
}

const port = (host: string): string => /:(\d*)$/.exec(host)?.[1] ?? '';
const name = (host: string): string => bareHost(host.replace(/:\d*$/, ''));
const type = 'kubernetes.URL';

/** Functions of URLs. */
export function registerUrlFunctions(environment: CelEnvironment): void {
  environment
    .registerType(type, UrlValue)
    .registerFunction(`url(string): ${type}`, urlOf)
    .registerFunction('isURL(string): bool', (text: string) => urlProblem(text) === undefined)
    .registerFunction(`${type}.getScheme(): string`, ({ url }: UrlValue) => url.scheme)
    .registerFunction(`${type}.getHost(): string`, ({ url }: UrlValue) => url.host)
    .registerFunction(`${type}.getHostname(): string`, ({ url }: UrlValue) => name(url.host))
    .registerFunction(`${type}.getPort(): string`, ({ url }: UrlValue) => port(url.host))
    .registerFunction(`${type}.getEscapedPath(): string`, ({ url }: UrlValue) => url.escapedPath)
    .registerFunction(`${type}.getQuery(): map<string, list<string>>`, ({ url }: UrlValue) => queryMap(url.query))
    .registerOperator(`${type} == ${type}`, (left: UrlValue, right: UrlValue) => left.equals(right));
}
