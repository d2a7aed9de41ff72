/**
 * Kubernetes knowledge without any machinery around it: what objects look like and which rules they obey.
 *
 * Contract: pure and synchronous; nothing here reads a clock, draws a random value or does I/O. Failures are StatusErrors
 * with the texts, field paths and codes of the published API. The parts are schema (shapes and decoding), machinery
 * (quantities, selectors, names, errors), patch, kinds (defaults, validation, columns), openapi, discovery and protobuf.
 */
export { type StatusCause, statusCodes, type StatusDetails, StatusError, type StatusReason } from './machinery/status.ts';
export type { GroupResource, Json, JsonObject, KubeObject, ManagedFieldsEntry, ObjectMeta, OwnerReference } from './object.ts';
export {
  allResources,
  decodeObject,
  type DecodedObject,
  type DecodeRequest,
  type FieldSchema,
  type FieldType,
  type FieldValidation,
  findKind,
  findResource,
  findType,
  type GroupVersionKind,
  preferredResource,
  type ResourceInfo,
  type SubresourceInfo,
  typeOfKind,
  typeSchema,
  type TypeSchema,
} from './schema/index.ts';
