/** Reads the parameters of a query string. */
import { badRequest, ExcessError } from '../api/index.ts';
import { limits } from '../base/index.ts';

/** The parameters of a query string, decoded; a name may stand several times. */
export class Query {
  readonly #values = new Map<string, string[]>();
  readonly #tooMany: boolean = false;

  constructor(raw: string) {
    if (raw === '') return;
    const parts = withSpaces(raw).split('&', limits.queryParametersMax + 1);
    this.#tooMany = parts.length > limits.queryParametersMax;
    for (const part of parts) {
      if (part === '') continue;
      const equals = part.indexOf('=');
      const name = decoded(equals < 0 ? part : part.slice(0, equals));
      const value = equals < 0 ? '' : decoded(part.slice(equals + 1));
      const known = this.#values.get(name);
      if (known === undefined) this.#values.set(name, [value]);
      else known.push(value);
    }
  }

  /** Throws 400 for a query that has too many parameters: what follows them was not read. */
  check(): void {
    if (!this.#tooMany) return;
    throw badRequest(
      `the query has more than ${limits.queryParametersMax} parameters`,
      new ExcessError('query', 'values'),
    );
  }

  /** The first value. */
  get(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** Kubernetes' reading of a boolean: absent, `false` and `0` are false, everything else is true. */
  flag(name: string): boolean {
    const value = this.get(name)?.toLowerCase();
    return value !== undefined && value !== 'false' && value !== '0';
  }

  names(): readonly string[] {
    return [...this.#values.keys()];
  }
}

const shortLength = 4096;

/** Plus signs are spaces. In long texts they are replaced byte by byte: one after the other takes ten times as long. */
function withSpaces(text: string): string {
  if (!text.includes('+')) return text;
  if (text.length <= shortLength) return text.replaceAll('+', ' ');
  const bytes = new TextEncoder().encode(text);
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === plus) bytes[i] = space;
  return new TextDecoder().decode(bytes);
}

const plus = '+'.charCodeAt(0);
const space = ' '.charCodeAt(0);

/** Percent-decoding that leaves malformed escapes as they are. */
function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
