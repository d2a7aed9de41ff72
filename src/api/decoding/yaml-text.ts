/** Parses YAML bodies into what JSON could hold. */

import {
  Composer,
  type Document,
  isAlias,
  isNode,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  Parser,
  type Scalar,
  type Tags,
} from 'yaml';
import { inexactText } from '../machinery/index.ts';
import { isRounded, withGoNumbers } from './yaml-numbers.ts';
import { briefYaml, type YamlBounds, yamlExcess } from './yaml-bounds.ts';

/** The text is no YAML, or not of the kind that a request may hold. The message is complete. */
export class YamlTextError extends Error {
  override readonly name = 'YamlTextError';
}

/** What a YAML text says. */
export interface ParsedYaml {
  readonly value: unknown;
  /** Upstream's text about repeated keys; undefined when there are none. */
  readonly repeatedKeys: string | undefined;
}

const repeatedKeysPrefix = 'yaml: unmarshal errors:\n';

/**
 * YAML 1.1 as Go reads it: `y`, `on` and the like are booleans, `0644` is octal, but times and base 60 numbers stay
 * text.
 */
function goTags(tags: Tags): Tags {
  return withGoNumbers(tags).filter((tag) => typeof tag === 'string' || !tag.tag.endsWith(':timestamp'));
}

/** Parses one YAML document. Throws YamlTextError, also for a text over the bounds: it is not parsed. */
export function parseYaml(text: string, bounds: YamlBounds = briefYaml): ParsedYaml {
  const excess = yamlExcess(text, bounds);
  if (excess !== undefined) throw new YamlTextError(`yaml: ${excess.message}`, { cause: excess });
  try {
    return readDocument(text);
  } catch (failure) {
    if (failure instanceof YamlTextError) throw failure;
    // The library throws on too many aliases and runs out of stack on absurd nesting.
    throw new YamlTextError(`yaml: ${failure instanceof Error ? failure.message : String(failure)}`, {
      cause: failure,
    });
  }
}

function readDocument(text: string): ParsedYaml {
  const lines = new LineCounter();
  const document = onlyDocument(text, lines);
  if (document === undefined) return { value: null, repeatedKeys: undefined };
  const repeatedKeys = checkedKeys(document, lines);
  return { value: document.toJS({ maxAliasCount: 100 }) as unknown, repeatedKeys };
}

/** The text's document; undefined when it has none. The first that is wrong ends the parse, and so does a second. */
function onlyDocument(text: string, lines: LineCounter): Document.Parsed | undefined {
  const composer = new Composer({ version: '1.1', merge: true, uniqueKeys: false, customTags: goTags });
  let only: Document.Parsed | undefined;
  for (const document of composer.compose(new Parser(lines.addNewLine).parse(text))) {
    const [error] = document.errors;
    if (only !== undefined) throw new YamlTextError('yaml: only one document is allowed in a request');
    if (error !== undefined)
      throw new YamlTextError(`yaml: line ${lines.linePos(error.pos[0]).line}: ${error.message}`);
    only = document;
  }
  return only;
}

/**
 * Upstream's text about repeated keys. Throws for keys that are no scalars, as Go's reader does: JSON has none, and the
 * library's work on keys within keys doubles with each level.
 */
function checkedKeys(document: Document.Parsed, lines: LineCounter): string | undefined {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (isSeq(node)) node.items.forEach(visit);
    if (isScalar(node)) checkNumber(node, lines);
    if (!isMap(node)) return;
    const seen = new Set<string>();
    for (const pair of node.items) {
      const name = keyName(document, pair, lines);
      if (name !== undefined && seen.has(name))
        found.push(`  line ${lineOf(pair.key, lines)}: key ${JSON.stringify(name)} already set in map`);
      if (name !== undefined) seen.add(name);
      visit(pair.value);
    }
  };
  visit(document.contents);
  return found.length === 0 ? undefined : `${repeatedKeysPrefix}${found.join('\n')}`;
}

/** JSON has no `.inf` and no `.nan`, which Go's encoder refuses; no number keeps every digit of a large one. */
function checkNumber(node: Scalar, lines: LineCounter): void {
  const { value, source = '' } = node;
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return;
  if (Number.isFinite(value)) {
    if (isRounded(source)) throw new YamlTextError(`yaml: line ${lineOf(node, lines)}: ${inexactText(source)}`);
    return;
  }
  throw new YamlTextError(
    `yaml: json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`,
  );
}

/** The name of a key that may not be repeated. */
function keyName(document: Document.Parsed, { key }: Pair, lines: LineCounter): string | undefined {
  if (isScalar(key)) return String(key.value);
  const meant = isAlias(key) ? key.resolve(document) : key;
  if (isMap(meant) || isSeq(meant)) throw new YamlTextError(`yaml: line ${lineOf(key, lines)}: a key must be a scalar`);
  return undefined;
}

function lineOf(node: unknown, lines: LineCounter): number {
  return lines.linePos((isNode(node) ? node.range?.[0] : undefined) ?? 0).line;
}

/** Strict errors as warnings: one for each repeated key of a YAML text. */
export function strictWarnings(errors: readonly string[]): string[] {
  return errors.flatMap((text) =>
    text.startsWith(repeatedKeysPrefix)
      ? text
          .slice(repeatedKeysPrefix.length)
          .split('\n')
          .map((line) => line.trim())
      : [text],
  );
}
