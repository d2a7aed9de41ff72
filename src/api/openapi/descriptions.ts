import type { TypeSchema } from '../schema/index.ts';
import { descriptionLines, kindFieldDescriptions } from '../schema/index.ts';

const texts: ReadonlyMap<string, string> = new Map(
  descriptionLines
    .trim()
    .split('\n')
    .map((line) => {
      const cut = line.indexOf(' ');
      return [line.slice(0, cut), line.slice(cut + 1)] as const;
    }),
);

/** The keys of all that is described: `core/v1.Pod`, `core/v1.PodSpec.containers`. */
export const describedNames: readonly string[] = [...texts.keys()];

/** A type's text, as a member of its schema. */
export function typeDescription(type: string): { readonly description?: string } {
  const description = texts.get(type);
  return description === undefined ? {} : { description };
}

/** A field's text, as a member of its schema. */
export function fieldDescription(type: TypeSchema, field: string): { readonly description?: string } {
  const description =
    texts.get(`${type.name}.${field}`) ??
    (type.groupVersionKind === undefined ? undefined : kindFieldDescriptions[field]);
  return description === undefined ? {} : { description };
}
