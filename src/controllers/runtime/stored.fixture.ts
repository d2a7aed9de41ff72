/** For tests: stored objects of which only those parts are written down that matter. */

type Parts<T> = T extends string
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Parts<Item>[]
    : T extends object
      ? { readonly [Name in keyof T]?: Parts<T[Name]> | undefined }
      : T;

/** The parts as the whole object; what is left out reads as absent. */
export function stored<T>(parts: Parts<T>): T {
  return parts as T;
}
