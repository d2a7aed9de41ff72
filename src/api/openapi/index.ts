/**
 * OpenAPI: the published documents by which kubectl explains, validates, diffs and merges.
 *
 * Contract: everything is made from the tables and the resource list, on demand, and nothing big is kept: a door that
 * answers often keeps the bytes. Definitions carry the published names, kinds, list types and merge keys; operations
 * carry the query parameters by which clients find out what the server can do (`fieldValidation`, `dryRun`). Texts of
 * description are our own, short, and only of what people look up most. Version 3 has a document for each group version
 * and each root path, and an index with their hashes; version 2 is one document.
 */
export { openapiV2, openapiV3, openapiV3Hash, openapiV3Index } from './documents.ts';
export { openapiV2Protobuf } from './protobuf.ts';
