/**
 * Custom resources: what a CustomResourceDefinition means, as pure functions of it.
 *
 *   definition -> customResources -> a ResourceInfo per served version, with its CustomKind
 *
 * A custom kind is an ordinary kind whose shape and behaviour come from its schema instead of the tables: decoding (pruning),
 * defaults, validation (schema, lists, rules), merging, columns, Scale. Nothing else in the write path or the doors knows of
 * custom resources except by `ResourceInfo.custom`. Follows k8s.io/apiextensions-apiserver; texts are those of Kubernetes 1.33.
 */
export type { CustomKind } from './custom-kind.ts';
export { customResources } from './custom-resources.ts';
export { type CustomBody } from './decoding.ts';
export {
  type CustomResourceDefinition, type DefinitionCondition, type DefinitionNames, type DefinitionSpec, type DefinitionStatus, type DefinitionVersion, hasCondition, isRecord, itemsOf, type JsonSchema,
  type PrinterColumn, propertyOf, type ScalePaths, type ValidationRule, valuesOf, type WebhookClient,
} from './definition.ts';
export { fillDefaults } from './defaulting.ts';
export { decideNames, type NamesDecision, withCondition } from './names.ts';
export { noOld } from './old-values.ts';
export { prune } from './pruning.ts';
export { readScale, writeScale } from './scale.ts';
export { type CompiledRule, isProgram, type RulesOfPlace, rulesOfPlace } from './rule-programs.ts';
export { declareType } from './rule-types.ts';
export { declaredSize } from './rule-sizes.ts';
export { schemaErrors } from './schema-validation.ts';
export { compareVersions } from './version-order.ts';
