/** Sizes and costs that are estimated before an expression runs. */

/**
 * What a schema says of the size of a value: characters of a text, elements of a list or a map; 0 for anything else.
 */
export interface DeclaredSize {
  readonly elementsMax: number;
  /** Bytes of the shortest JSON that the schema allows. */
  readonly bytesMin: number;
  readonly fields?: ReadonlyMap<string, DeclaredSize> | undefined;
  /** Of the elements of a list, of the values of a map. */
  readonly elements?: DeclaredSize | undefined;
}

export interface Size {
  readonly min: number;
  readonly max: number;
}

/** What is known of a part of an expression before it runs. */
export interface Estimate {
  /** The most that it may cost. */
  readonly cost: number;
  readonly size: Size;
  /** Where the schema describes it. */
  readonly place: DeclaredSize | undefined;
}

export const unknownSize: Size = { min: 0, max: Infinity };
