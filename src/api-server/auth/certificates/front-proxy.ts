/** Users that a front proxy recognised and names in headers (--requestheader-* of kube-apiserver). */
import type { Requester } from '../../../resources/index.ts';
import { type ApiHttpRequest, headerOf, type Headers, headersOf } from '../../request.ts';

/**
 * A proxy before the API that has authenticated the user and names them in headers (Kubernetes: --requestheader-*).
 */
export interface FrontProxy {
  /** Common names that the proxy's certificate may have; empty: any that its authority signed. */
  readonly allowedNames: readonly string[];
  /** In lower case; the first header that is there counts. */
  readonly usernameHeaders: readonly string[];
  /** All that are there count, each value a group. */
  readonly groupHeaders: readonly string[];
  /** What follows the prefix is the key, percent-encoded. */
  readonly extraHeaderPrefixes: readonly string[];
}

/** The user that the proxy names; undefined when the connection is none of a proxy, or it names nobody. */
export function proxiedUser(
  { allowedNames, usernameHeaders, groupHeaders, extraHeaderPrefixes }: FrontProxy,
  { certificate, headers }: ApiHttpRequest,
): Requester | undefined {
  if (certificate?.signedBy === undefined) return undefined;
  if (allowedNames.length > 0 && !allowedNames.includes(certificate.commonName)) return undefined;
  const name = usernameHeaders
    .map((header) => headerOf(headers, header))
    .find((value) => value !== undefined && value !== '');
  if (name === undefined) return undefined;
  const extra = extraOf(headers, extraHeaderPrefixes);
  return {
    name,
    groups: groupHeaders.flatMap((header) => headersOf(headers, header)),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

function extraOf(headers: Headers, prefixes: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const extra = new Map<string, string[]>();
  for (const header of Object.keys(headers)) {
    const prefix = prefixes.find((known) => header.startsWith(known));
    if (prefix === undefined) continue;
    const key = unescaped(header.slice(prefix.length));
    extra.set(key, [...(extra.get(key) ?? []), ...headersOf(headers, header)]);
  }
  return Object.fromEntries(extra);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text).toLowerCase();
  } catch {
    return text;
  }
}
