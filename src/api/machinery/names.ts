/** Which names of objects, labels, ports and variables are allowed. */

/**
 * Checks of the many kinds of names, as upstream's util/validation has them. Each answers the messages of what is
 * wrong, none when the value is good; they go into `invalid(path, value, message)` one by one.
 */
const label1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain1123 = `${label1123}(\\.${label1123})*`;
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const qualifiedPart = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelText = `(${qualifiedPart})?`;
const wildcard = `\\*\\.${subdomain1123}`;
const configKey = '[-._a-zA-Z0-9]+';
const headerName = '[-A-Za-z0-9]+';
const percentText = '[0-9]+%';
const pathSegment = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);
const label1123Pattern = whole(label1123);
const subdomain1123Pattern = whole(subdomain1123);
const label1035Pattern = whole(label1035);
const qualifiedPattern = whole(qualifiedPart);
const labelValuePattern = whole(labelText);
const wildcardPattern = whole(wildcard);
const configKeyPattern = whole(configKey);
const headerNamePattern = whole(headerName);
const percentPattern = whole(percentText);
const pathPattern = whole(pathSegment);

/** `message (e.g. 'a',  or 'b', regex used for validation is '…')`; the odd spaces are upstream's. */
export function patternMessage(message: string, pattern: string, ...examples: readonly string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (${shown === '' ? '' : `e.g. ${shown}`}regex used for validation is '${pattern}')`;
}

const maxLengthMessage = (max: number): string => `must be no more than ${max} characters`;
const emptyMessage = 'must be non-empty';
const rangeMessage = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`;

const utf8 = new TextEncoder();
/** Length as upstream counts it: bytes of UTF-8. */
export function byteLength(text: string): number {
  // Every name that passes is ASCII, so the quick way covers nearly all calls.
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) return utf8.encode(text).length;
  return text.length;
}

const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must " +
  'start and end with an alphanumeric character';
const label1123Text =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end " +
  'with an alphanumeric character';
const label1035Text =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic " +
  'character, and end with an alphanumeric character';
const qualifiedText =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

export function dns1123Label(value: string): string[] {
  const messages: string[] = [];
  if (byteLength(value) > 63) messages.push(maxLengthMessage(63));
  if (label1123Pattern.test(value)) return messages;
  messages.push(
    subdomain1123Pattern.test(value)
      ? 'must not contain dots'
      : patternMessage(label1123Text, label1123, 'my-name', '123-abc'),
  );
  return messages;
}

export function dns1123Subdomain(value: string): string[] {
  const messages: string[] = [];
  if (byteLength(value) > 253) messages.push(maxLengthMessage(253));
  if (!subdomain1123Pattern.test(value)) messages.push(patternMessage(subdomainText, subdomain1123, 'example.com'));
  return messages;
}

export function dns1035Label(value: string): string[] {
  const messages: string[] = [];
  if (byteLength(value) > 63) messages.push(maxLengthMessage(63));
  if (!label1035Pattern.test(value)) messages.push(patternMessage(label1035Text, label1035, 'my-name', 'abc-123'));
  return messages;
}

export function wildcardDns1123Subdomain(value: string): string[] {
  const messages: string[] = [];
  if (byteLength(value) > 253) messages.push(maxLengthMessage(253));
  if (!wildcardPattern.test(value))
    messages.push(
      patternMessage(
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must " +
          "consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
        wildcard,
        '*.example.com',
      ),
    );
  return messages;
}

/** Keys of labels, finalizers and the like: a name with an optional `domain/` before it. */
export function qualifiedName(value: string): string[] {
  const messages: string[] = [];
  const parts = value.split('/');
  if (parts.length > 2) {
    return [
      `a qualified name ${patternMessage(qualifiedText, qualifiedPart, 'MyName', 'my.name', '123-abc')} with an ` +
        `optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? parts[0] : undefined;
  if (prefix === '') messages.push(`prefix part ${emptyMessage}`);
  else if (prefix !== undefined) messages.push(...dns1123Subdomain(prefix).map((message) => `prefix part ${message}`));
  if (name === '') messages.push(`name part ${emptyMessage}`);
  else if (byteLength(name) > 63) messages.push(`name part ${maxLengthMessage(63)}`);
  if (!qualifiedPattern.test(name))
    messages.push(`name part ${patternMessage(qualifiedText, qualifiedPart, 'MyName', 'my.name', '123-abc')}`);
  return messages;
}

export function labelValue(value: string): string[] {
  const messages: string[] = [];
  if (byteLength(value) > 63) messages.push(maxLengthMessage(63));
  if (!labelValuePattern.test(value))
    messages.push(
      patternMessage(
        `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must ` +
          'start and end with an alphanumeric character',
        labelText,
        'MyValue',
        'my_value',
        '12345',
      ),
    );
  return messages;
}

/** Names of environment variables: any printable ASCII character but '='. */
export function relaxedEnvironmentVariableName(value: string): string[] {
  const messages: string[] = [];
  if (value === '') messages.push(`environment variable name ${emptyMessage}`);
  if (/[^\x20-\x7e]|=/.test(value))
    messages.push("a valid environment variable name must consist only of printable ASCII characters other than '='");
  return messages;
}

function dotMessages(value: string): string[] {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

export function configMapKey(value: string): string[] {
  const messages: string[] = [];
  if (byteLength(value) > 253) messages.push(maxLengthMessage(253));
  if (!configKeyPattern.test(value))
    messages.push(
      patternMessage(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        configKey,
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    );
  return [...messages, ...dotMessages(value)];
}

export function httpHeaderName(value: string): string[] {
  return headerNamePattern.test(value)
    ? []
    : [
        patternMessage(
          "a valid HTTP header must consist of alphanumeric characters or '-'",
          headerName,
          'X-Header-Name',
        ),
      ];
}

export function percent(value: string): string[] {
  return percentPattern.test(value)
    ? []
    : [
        patternMessage(
          "a valid percent string must be a numeric string followed by an ending '%'",
          percentText,
          '1%',
          '93%',
        ),
      ];
}

export function inRange(value: number, low: number, high: number): string[] {
  return value >= low && value <= high ? [] : [rangeMessage(low, high)];
}

export function portNumber(value: number): string[] {
  return inRange(value, 1, 65535);
}

export const userId = (value: number): string[] => inRange(value, 0, 2147483647);
export const groupId = (value: number): string[] => inRange(value, 0, 2147483647);

export function portName(value: string): string[] {
  const messages: string[] = [];
  if (byteLength(value) > 15) messages.push(maxLengthMessage(15));
  if (!/^[-a-z0-9]+$/.test(value))
    messages.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) messages.push('must contain at least one letter (a-z)');
  if (value.includes('--')) messages.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) messages.push('must not begin or end with a hyphen');
  return messages;
}

/** `example.com/path`, as signer names and controllers of ingress classes are. */
export function domainPrefixedPath(value: string): string[] {
  if (value === '') return [emptyMessage];
  const cut = value.indexOf('/');
  const host = cut < 0 ? value : value.slice(0, cut);
  const path = cut < 0 ? '' : value.slice(cut + 1);
  if (cut < 0 || host === '' || path === '') return ['must be a domain-prefixed path (such as "acme.io/foo")'];
  const messages = dns1123Subdomain(host);
  if (messages.length > 0) return messages;
  return pathPattern.test(path) ? [] : [patternMessage('Invalid path', pathSegment)];
}

/** A name that stands as one segment of a URL path (roles and bindings have no narrower rule). */
export function pathSegmentName(value: string, prefix = false): string[] {
  const messages: string[] = [];
  if (!prefix && (value === '.' || value === '..')) messages.push(`may not be '${value}'`);
  for (const character of ['/', '%']) if (value.includes(character)) messages.push(`may not contain '${character}'`);
  return messages;
}

/** Checks an object's name, or with `prefix` a generateName. */
export type NameCheck = (name: string, prefix: boolean) => string[];

const withoutTrailingDash = (name: string): string =>
  name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;

export const nameIsDnsSubdomain: NameCheck = (name, prefix) =>
  dns1123Subdomain(prefix ? withoutTrailingDash(name) : name);
export const nameIsDnsLabel: NameCheck = (name, prefix) => dns1123Label(prefix ? withoutTrailingDash(name) : name);
export const nameIsDns1035Label: NameCheck = (name, prefix) => dns1035Label(prefix ? withoutTrailingDash(name) : name);
export const nameIsPathSegment: NameCheck = (name, prefix) => pathSegmentName(name, prefix);
