/** Warnings about deprecated node labels. */

import type { NodeSelectorTerm, Sent } from '../objects/index.ts';
import { labelValue } from '../machinery/index.ts';

/** Labels of nodes that have another name now: since when, and which. */
const replaced: Readonly<Record<string, readonly [since: string, label: string]>> = {
  'beta.kubernetes.io/arch': ['v1.14', 'kubernetes.io/arch'],
  'beta.kubernetes.io/os': ['v1.14', 'kubernetes.io/os'],
  'failure-domain.beta.kubernetes.io/region': ['v1.17', 'topology.kubernetes.io/region'],
  'failure-domain.beta.kubernetes.io/zone': ['v1.17', 'topology.kubernetes.io/zone'],
  'beta.kubernetes.io/instance-type': ['v1.17', 'node.kubernetes.io/instance-type'],
};

/** What is said of a node label that has another name now; undefined for all others. */
export function replacedLabelText(key: string | undefined): string | undefined {
  const found = replaced[key ?? ''];
  return found === undefined ? undefined : `deprecated since ${found[0]}; use "${found[1]}" instead`;
}

/** A warning for each key of `keys` that is such a label; `pathOf` is the path of a key. */
export function replacedLabelWarnings(keys: readonly string[], pathOf: (key: string) => string): string[] {
  return keys.flatMap((key) => {
    const text = replacedLabelText(key);
    return text === undefined ? [] : [`${pathOf(key)}: ${text}`];
  });
}

/** The same for an expression's key, which the warning names. */
export function expressionKeyWarnings(key: string | undefined, path: string): string[] {
  const text = replacedLabelText(key);
  return text === undefined ? [] : [`${path}.key: ${key ?? ''} is ${text}`];
}

/** Warnings about a term of a node selector. `checkValues`: warns about values that no label can have too. */
export function nodeSelectorTermWarnings(
  term: Sent<NodeSelectorTerm> | undefined,
  path: string,
  checkValues: boolean,
): string[] {
  return (term?.matchExpressions ?? []).flatMap((expression, index) => {
    const at = `${path}.matchExpressions[${index}]`;
    const values = checkValues ? (expression.values ?? []) : [];
    return [
      ...expressionKeyWarnings(expression.key, at),
      ...values.flatMap((value, place) => labelValue(value).map((message) => `${at}.values[${place}]: ${message}`)),
    ];
  });
}
