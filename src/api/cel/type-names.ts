/** Names of CEL types as messages show them. */

const plain: Readonly<Record<string, string>> = {
  list: 'list(dyn)',
  map: 'map(dyn, dyn)',
  'google.protobuf.Timestamp': 'timestamp',
  'google.protobuf.Duration': 'duration',
};
/** Types of results have their full names. */
const plainResults: Readonly<Record<string, string>> = { list: 'list(dyn)', map: 'map(dyn, dyn)', null: 'null_type' };
const containers: Readonly<Record<string, string>> = { list: 'list', map: 'map', optional: 'optional_type' };

/** A type of the package by the name that cel-go's messages about operands give it. */
export function typeText(name: string): string {
  return spelt(name, plain);
}

/** A type of the package by the name that messages about results give it. */
export function resultTypeText(name: string): string {
  return spelt(name, plainResults);
}

function spelt(name: string, names: Readonly<Record<string, string>>): string {
  const [, container, inner = ''] = /^(list|map|optional|dyn)<(.*)>$/.exec(name) ?? [];
  if (container === undefined) return names[name] ?? (/^[A-Z]$/.test(name) ? 'dyn' : name);
  const parts = splitTypes(inner)
    .map((part) => spelt(part, names))
    .join(', ');
  return container === 'dyn' ? parts : `${containers[container] ?? container}(${parts})`;
}

function splitTypes(text: string): readonly string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const letter of text) {
    if (letter === ',' && depth === 0) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${letter}`);
    depth += letter === '<' ? 1 : letter === '>' ? -1 : 0;
  }
  return parts.map((part) => part.trim());
}
