/** Other views of stored objects: as a client sent them, as we write new ones, as rules read any of them. */
import type { KubeObject } from '../object.ts';

type Items = readonly unknown[];
type NamedField<Name> = string extends Name ? never : number extends Name ? never : Name;

/**
 * An object or a part of one as a client sent it: anything may be absent (decoding drops what is null), a choice may
 * hold any text, and defaulting and preparation may still change it. A field without a value is absent, not undefined.
 */
export type Sent<T> = T extends null | undefined
  ? never
  : T extends string
    ? string
    : T extends Items
      ? Sent<T[number]>[]
      : T extends KubeObject
        ? { -readonly [Name in keyof T as NamedField<Name>]?: Sent<T[Name]> }
        : T extends object
          ? SentPart<T>
          : T;
type SentPart<T extends object> = string extends keyof T
  ? { [name: string]: Sent<T[string & keyof T]> }
  : { -readonly [Name in keyof T]?: Sent<T[Name]> };

/**
 * An object or a part of one that we write: what the API sets may be absent. A stored object is one as well; an object
 * keeps what makes it a KubeObject.
 */
export type New<T> = T extends Items
  ? readonly New<T[number]>[]
  : T extends KubeObject
    ? NewFields<T> & Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>
    : T extends object
      ? NewPart<T>
      : T;
type NewPart<T extends object> = string extends keyof T
  ? { readonly [name: string]: New<T[string & keyof T]> }
  : NewFields<T>;
type NewFields<T> = { readonly [Name in keyof T]?: New<T[Name]> | undefined };

/** The least that a rule asks of an object or a part of one: stored, new and sent ones all have this shape. */
export type View<T> = T extends string
  ? string
  : T extends Items
    ? readonly View<T[number]>[]
    : T extends object
      ? ViewPart<T>
      : T;
type ViewPart<T extends object> = T extends KubeObject
  ? { readonly [Name in keyof T as NamedField<Name>]?: View<T[Name]> | undefined }
  : string extends keyof T
    ? { readonly [name: string]: View<T[string & keyof T]> }
    : { readonly [Name in keyof T]?: View<T[Name]> | undefined };
