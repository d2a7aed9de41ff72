/**
 * The schema: what every built-in kind looks like, as data.
 *
 * Each group version has one compact table (tables/) with an entry for each type: field names in wire order, types,
 * protobuf numbers, list and merge keys, descriptions and the resource that serves a kind. Everything that depends on a
 * kind's shape reads these tables: decoding with field validation, protobuf, OpenAPI, discovery, strategic merge,
 * server-side apply. So a new kind is a table entry plus its behaviour, never a new handler. A type is parsed when it
 * is first asked for, and type names look like `core/v1.Pod`.
 */
export { sha256 } from './digest.ts';
export type { FieldSchema, FieldType, GroupVersionKind, TypeSchema } from './field.ts';
export type { ServedResource, SubresourceInfo } from './resource.ts';
export {
  allResources,
  findKind,
  findResource,
  knownResource,
  optionalResources,
  preferredResource,
} from './resource-registry.ts';
export { findType, tableNames, typeNames, typeOfKind, typeSchema } from './type-registry.ts';
