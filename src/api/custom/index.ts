/**
 * Custom resources: what a CustomResourceDefinition means, as pure functions of it.
 *
 *   definition -> customResources -> a ResourceInfo per served version, with its CustomKind
 *
 * A custom kind is an ordinary kind whose shape and behaviour come from its schema (custom-schema/) instead of the
 * tables: decoding (pruning), defaults, validation (schema, lists, rules), merging, columns, Scale. Nothing else in the
 * write path or the doors knows of custom resources except by `ResourceInfo.custom`.
 */
export type { ResourceInfo } from './custom-kind.ts';
export { customResources } from './custom-resources.ts';
