/** Reads the JSON of an annotation field by field, as Go's decoder does. */

import { canonicalQuantity } from '../../machinery/index.ts';
import type { LabelSelector, Sent } from '../../objects/index.ts';

/** The text does not have the shape. */
class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** An object of an annotation, read field by field; names are found in any case, as Go's decoder finds them. */
export class Fields {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ShapeError();
    this.#values = new Map(Object.entries(value).map(([key, field]) => [key.toLowerCase(), field]));
  }

  #value<T>(name: string, read: (value: unknown) => T): T | undefined {
    const value = this.#values.get(name.toLowerCase()) ?? undefined;
    return value === undefined ? undefined : read(value);
  }

  text(name: string): string | undefined {
    return this.#value(name, (value) => {
      if (typeof value !== 'string') throw new ShapeError();
      return value;
    });
  }

  count(name: string): number | undefined {
    return this.#value(name, (value) => {
      if (!Number.isInteger(value)) throw new ShapeError();
      return value as number;
    });
  }

  quantity(name: string): string | undefined {
    return this.#value(name, (value) =>
      canonicalQuantity(typeof value === 'number' ? String(value) : typeof value === 'string' ? value : ''),
    );
  }

  selector(name: string): Sent<LabelSelector> | undefined {
    return this.#value(name, (value) => {
      new Fields(value);
      return value as Sent<LabelSelector>;
    });
  }

  object<T>(name: string, read: (fields: Fields) => T): T | undefined {
    return this.#value(name, (value) => read(new Fields(value)));
  }

  list<T>(name: string, read: (fields: Fields) => T): T[] | undefined {
    return this.#value(name, (value) => {
      if (!Array.isArray(value)) throw new ShapeError();
      return value.map((item) => read(new Fields(item ?? {})));
    });
  }
}
