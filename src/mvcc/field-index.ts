/** The index by field value, for collections that are asked by field. */
import type { RecordIndex } from './record.ts';

/** Fields by which collections are asked often: an agent lists and watches the pods of its node. */
const indexedFields: readonly string[] = ['spec.nodeName'];

/** Which keys have a value in an indexed field. What is empty is not kept. */
export class FieldIndex {
  readonly #keys = new Map<string, Map<string, Set<string>>>(indexedFields.map((name) => [name, new Map()]));

  /** The keys, sorted; undefined where the field has no index. */
  keysOf(name: string, value: string): readonly string[] | undefined {
    const values = this.#keys.get(name);
    return values === undefined || value === '' ? undefined : [...(values.get(value) ?? [])].sort();
  }

  replace(key: string, before: RecordIndex['fields'] | undefined, after: RecordIndex['fields'] | undefined): void {
    for (const [name, values] of this.#keys) {
      const old = before?.[name] ?? '';
      const value = after?.[name] ?? '';
      if (old === value) continue;
      const left = values.get(old);
      left?.delete(key);
      if (left?.size === 0) values.delete(old);
      if (value === '') continue;
      const joined = values.get(value);
      if (joined === undefined) values.set(value, new Set([key]));
      else joined.add(key);
    }
  }
}
