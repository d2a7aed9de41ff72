/** What Go says of a text that is not a URL. */
import { goQuote } from './field-error.ts';

/** A URL as Go reads it. */
export interface GoUrl {
  readonly scheme: string;
  readonly user: string;
  readonly host: string;
  /** As it is sent: escaped where it has to be. */
  readonly escapedPath: string;
  readonly query: string;
  readonly fragment: string;
}

class UrlProblem extends Error {}

function fail(reason: string): never {
  throw new UrlProblem(reason);
}

/**
 * Reads a URL; the text of the error when it is none. `request`: it must be absolute, or a path that begins with a
 * slash.
 */
export function parseGoUrl(text: string, { request }: { readonly request: boolean }): GoUrl | string {
  try {
    if (request) parsed(text, true);
    const hash = text.indexOf('#');
    const fragment = hash < 0 ? '' : text.slice(hash + 1);
    const url = parsed(hash < 0 ? text : text.slice(0, hash), false);
    checkEscapes(fragment);
    return { ...url, fragment };
  } catch (error) {
    if (error instanceof UrlProblem) return `parse ${goQuote(text)}: ${error.message}`;
    throw error;
  }
}

function parsed(text: string, request: boolean): Omit<GoUrl, 'fragment'> {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(text)) fail('net/url: invalid control character in URL');
  if (text === '' && request) fail('empty url');
  if (text === '*') return { scheme: '', user: '', host: '', escapedPath: '*', query: '' };
  const [scheme, behind] = schemeOf(text);
  const mark = behind.indexOf('?');
  const [before, query] = mark < 0 ? [behind, ''] : [behind.slice(0, mark), behind.slice(mark + 1)];
  if (!before.startsWith('/')) {
    // What has a scheme and no slash is opaque.
    if (scheme !== '') return { scheme, user: '', host: '', escapedPath: '', query };
    if (request) fail('invalid URI for request');
    if (before.split('/')[0]?.includes(':') === true) fail('first path segment in URL cannot contain colon');
  }
  if (!before.startsWith('//') || (scheme === '' && (request || before.startsWith('///'))))
    return { scheme, user: '', host: '', escapedPath: escaped(before), query };
  const slash = before.indexOf('/', 2);
  const authority = slash < 0 ? before.slice(2) : before.slice(2, slash);
  const at = authority.lastIndexOf('@');
  const host = checkedHost(authority.slice(at + 1));
  const user = at < 0 ? '' : authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) fail('net/url: invalid userinfo');
  checkEscapes(user);
  return { scheme, user, host, escapedPath: escaped(slash < 0 ? '' : before.slice(slash)), query };
}

function schemeOf(text: string): readonly [scheme: string, rest: string] {
  if (text.startsWith(':')) fail('missing protocol scheme');
  const [whole, scheme] = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text) ?? ['', ''];
  return [scheme?.toLowerCase() ?? '', text.slice(whole.length)];
}

function checkEscapes(text: string): void {
  const bad = /%(?![0-9a-fA-F]{2}).{0,2}/su.exec(text);
  if (bad !== null) fail(`invalid URL escape ${goQuote(bad[0])}`);
}

function checkedHost(host: string): string {
  const bracket = host.startsWith('[') ? host.lastIndexOf(']') : undefined;
  if (bracket === -1) fail("missing ']' in host");
  const colon = bracket === undefined ? host.lastIndexOf(':') : bracket + 1;
  const port = colon < 0 ? '' : host.slice(colon);
  if (!/^(:\d*)?$/.test(port)) fail(`invalid port ${goQuote(port)} after host`);
  checkEscapes(host);
  const escape = /%(?!25)[0-7]./.exec(host);
  if (escape !== null) fail(`invalid URL escape ${goQuote(escape[0])}`);
  const odd = /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%\u0080-\uffff]/.exec(host);
  if (odd !== null) fail(`invalid character ${goQuote(odd[0])} in host name`);
  return host;
}

const plainInPath = /^[A-Za-z0-9\-_.~$&+,/:;=@]$/;
const sentAsIs = /^[A-Za-z0-9\-_.~!$&'()*+,;=:@[\]%/]*$/;

/** A path that has characters that cannot be sent is escaped anew, as a whole. */
function escaped(path: string): string {
  checkEscapes(path);
  if (sentAsIs.test(path)) return path;
  const bytes = Buffer.from(
    path.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8')),
  );
  return [...bytes]
    .map((byte) =>
      plainInPath.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');
}
