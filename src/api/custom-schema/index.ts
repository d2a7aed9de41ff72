/**
 * Structural schemas: what the schema of a CustomResourceDefinition says about objects, as pure functions of schema and
 * value.
 *
 * Pruning, defaults, validation, lists and maps by key, rules in CEL with what they may cost, Scale by paths. Follows
 * k8s.io/apiextensions-apiserver; texts are those of Kubernetes 1.33.
 */
export { fillDefaults } from './defaulting.ts';
export {
  type Definition,
  type DefinitionCondition,
  type DefinitionNames,
  type DefinitionSpec,
  type DefinitionVersion,
  hasCondition,
  itemsOf,
  type JsonSchema,
  type PrinterColumn,
  propertyOf,
  type ScalePaths,
  type SchemaRule,
  valuesOf,
  type WebhookClient,
} from './definition.ts';
export { embeddedErrors } from './embedded-objects.ts';
export { fieldPathOf } from './field-path.ts';
export { valuesAt } from './json-path.ts';
export { listTypeErrors } from './list-types.ts';
export { decideNames } from './names.ts';
export { noOld } from './old-values.ts';
export { dropNulls, prune } from './pruning.ts';
export { type CompiledRule, isProgram, rulesOfPlace, rulesOfPlaceSteps } from './rule-programs.ts';
export { declaredSize } from './rule-sizes.ts';
export { declareType, escapedName } from './rule-types.ts';
export { ruleCheckOf } from './rules.ts';
export { readScale, scaleErrors, writeScale } from './scale.ts';
export { schemaErrors } from './schema-validation.ts';
export { compareVersions } from './version-order.ts';
