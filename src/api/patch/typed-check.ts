/** Checks a value against the types of the merge schema. */

import { isObject } from '../../base/index.ts';
import { goText } from './go-text.ts';
import { keysText } from './field-set.ts';
import { itemElement, itemKeys, itemProblem } from './list-items.ts';
import { type ListNode, type MapNode, type MergeNode, nodeFor, type ScalarNode } from './merge-schema.ts';

/** What keeps a value from being of its type, each as `.path: why`; empty when it is. Unknown fields count. */
export function typeProblems(unresolved: MergeNode, value: unknown, path = ''): string[] {
  if (value === null || value === undefined) return [];
  const node = nodeFor(unresolved, value);
  if (node.kind === 'scalar') return scalarProblems(node, value, path);
  if (node.kind === 'list') return listProblems(node, value, path);
  return mapProblems(node, value, path);
}

/** Several problems as one text, a single one plain. */
export function problemsText(problems: readonly string[]): string {
  return problems.length === 1
    ? (problems[0] ?? '')
    : ['errors:', ...problems.map((problem) => `  ${problem}`)].join('\n');
}

const scalarTypes = { string: 'string', numeric: 'number', boolean: 'boolean' } as const;
const scalarWords = { string: 'string', numeric: 'numeric (int or float)', boolean: 'boolean' } as const;

function scalarProblems(node: ScalarNode, value: unknown, path: string): string[] {
  if (node.scalar === 'untyped' || typeof value === scalarTypes[node.scalar]) return [];
  return [
    `${path}: expected ${scalarWords[node.scalar]}, got ` +
      `&value.valueUnstructured{Value:${typeof value === 'string' ? JSON.stringify(value) : goText(value)}}`,
  ];
}

function listProblems(list: ListNode, value: unknown, path: string): string[] {
  if (!Array.isArray(value)) return [`${path}: expected list, got &{${goText(value)}}`];
  const problems: string[] = [];
  const seen = new Set<string>();
  (value as unknown[]).forEach((item, index) => {
    if (list.relation === 'atomic') {
      problems.push(...typeProblems(list.element, item, `${path}[${index}]`));
      return;
    }
    const problem = itemProblem(list, item);
    const place = list.relation === 'set' ? `[=${JSON.stringify(item)}]` : keysText(itemKeys(list, item));
    if (problem !== undefined) problems.push(`${path}: element ${index}: ${problem}`);
    else if (seen.has(itemElement(list, item))) problems.push(`${path}: duplicate entries for key ${place}`);
    else problems.push(...typeProblems(list.element, item, `${path}${place}`));
    seen.add(itemElement(list, item));
  });
  return problems;
}

function mapProblems(map: MapNode, value: unknown, path: string): string[] {
  if (!isObject(value)) return [`${path}: expected map, got &{${goText(value)}}`];
  return Object.entries(value).flatMap(([key, member]) => {
    const child = map.field(key) ?? map.element;
    return child === undefined
      ? [`${path}.${key}: field not declared in schema`]
      : typeProblems(child, member, `${path}.${key}`);
  });
}
