import { stringify } from 'yaml';

/** YAML as Kubernetes writes it: keys sorted, lists not indented, texts quoted that older readers would take for other types. */
export function yamlText(value: unknown): string {
  return stringify(value, { version: '1.1', sortMapEntries: true, indentSeq: false, lineWidth: 0, aliasDuplicateObjects: false });
}
