/** The functions of Kubernetes' CEL library on named formats such as DNS labels. */

import { Optional } from '@marcbachmann/cel-js';
import {
  labelValue,
  nameIsDns1035Label,
  nameIsDnsLabel,
  nameIsDnsSubdomain,
  qualifiedName,
} from '../machinery/index.ts';
import type { CelEnvironment } from './environment.ts';
import { urlProblem } from './url-functions.ts';

/** What is wrong with a text; nothing when the list is empty. */
type Check = (text: string) => readonly string[];

class Format {
  readonly check: Check;

  constructor(check: Check) {
    this.check = check;
  }
}

/** Gives `format.named` and its kin a receiver. */
class Formats {}

const matching =
  (pattern: RegExp, otherwise: string): Check =>
  (text) =>
    pattern.test(text) ? [] : [otherwise];
const isDate = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) === true;
const isDateTime = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/.test(text) &&
  !Number.isNaN(Date.parse(text));

const formats: Readonly<Record<string, Check>> = {
  dns1123Label: (text) => nameIsDnsLabel(text, false),
  dns1123Subdomain: (text) => nameIsDnsSubdomain(text, false),
  dns1035Label: (text) => nameIsDns1035Label(text, false),
  qualifiedName,
  dns1123LabelPrefix: (text) => nameIsDnsLabel(text, true),
  dns1123SubdomainPrefix: (text) => nameIsDnsSubdomain(text, true),
  dns1035LabelPrefix: (text) => nameIsDns1035Label(text, true),
  labelValue,
  uri: (text) => [urlProblem(text)].filter((problem) => problem !== undefined),
  uuid: matching(
    /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i,
    'does not match the UUID format',
  ),
  byte: matching(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/, 'invalid base64'),
  date: (text) => (isDate(text) ? [] : ['invalid date']),
  datetime: (text) => (isDateTime(text) ? [] : ['invalid datetime']),
};
const known = new Map(Object.entries(formats).map(([name, check]) => [name, new Format(check)]));

const type = 'kubernetes.NamedFormat';
const namespace = 'kubernetes.Formats';

/** Formats by name: `format.dns1123Label().validate(text)` gives what is wrong, or nothing. */
export function registerFormatFunctions(environment: CelEnvironment): void {
  environment
    .registerType(type, Format)
    .registerType(namespace, Formats)
    .registerConstant('format', namespace, new Formats())
    .registerFunction(`${namespace}.named(string): optional<${type}>`, (_formats: unknown, name: string) =>
      optionalOf(known.get(name)),
    )
    .registerFunction(`${type}.validate(string): optional<list<string>>`, ({ check }: Format, text: string) => {
      const errors = check(text);
      return optionalOf(errors.length === 0 ? undefined : [...errors]);
    });
  for (const [name, format] of known) environment.registerFunction(`${namespace}.${name}(): ${type}`, () => format);
}

const optionalOf = (value: unknown): unknown => (value === undefined ? Optional.none() : Optional.of(value));
