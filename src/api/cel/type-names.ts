const plain: Readonly<Record<string, string>> = { null: 'null_type', list: 'list(dyn)', map: 'map(dyn, dyn)', 'google.protobuf.Timestamp': 'timestamp', 'google.protobuf.Duration': 'duration' };
const containers: Readonly<Record<string, string>> = { list: 'list', map: 'map', optional: 'optional_type' };

/** A type of the package by the name that cel-go's messages give it. */
export function typeText(name: string): string {
  const [, container, inner = ''] = /^(list|map|optional|dyn)<(.*)>$/.exec(name) ?? [];
  if (container === undefined) return plain[name] ?? (/^[A-Z]$/.test(name) ? 'dyn' : name);
  const parts = splitTypes(inner).map(typeText).join(', ');
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
