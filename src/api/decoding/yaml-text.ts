/** Parses YAML bodies into what JSON could hold. */

import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, type Tags } from 'yaml';

/** The text is no YAML, or not of the kind that a request may hold. The message is complete. */
export class YamlTextError extends Error {
  override readonly name = 'YamlTextError';
}

interface ParsedYaml {
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
  return tags.filter(
    (tag) => typeof tag === 'string' || !(tag.tag.endsWith(':timestamp') || ('format' in tag && tag.format === 'TIME')),
  );
}

/** Parses one YAML document. Throws YamlTextError. */
export function parseYaml(text: string): ParsedYaml {
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
  const documents = parseAllDocuments(text, {
    version: '1.1',
    merge: true,
    uniqueKeys: false,
    customTags: goTags,
    lineCounter: lines,
    prettyErrors: false,
  });
  const [document, more] = Array.isArray(documents) ? documents : [];
  if (document === undefined) return { value: null, repeatedKeys: undefined };
  const [error] = document.errors;
  if (error !== undefined) throw new YamlTextError(`yaml: line ${lines.linePos(error.pos[0]).line}: ${error.message}`);
  if (more !== undefined) throw new YamlTextError('yaml: only one document is allowed in a request');
  return {
    value: document.toJS({ maxAliasCount: 100 }) as unknown,
    repeatedKeys: repeatedKeysText(document.contents, lines),
  };
}

function repeatedKeysText(root: Node | null, lines: LineCounter): string | undefined {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (isSeq(node)) node.items.forEach(visit);
    if (!isMap(node) || isAlias(node)) return;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      if (isScalar(key)) {
        const name = String(key.value);
        if (seen.has(name))
          found.push(
            `  line ${lines.linePos(key.range?.[0] ?? 0).line}: key ${JSON.stringify(name)} already set in map`,
          );
        seen.add(name);
      }
      visit(value);
    }
  };
  visit(root);
  return found.length === 0 ? undefined : `${repeatedKeysPrefix}${found.join('\n')}`;
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
