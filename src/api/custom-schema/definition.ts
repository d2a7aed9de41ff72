/** The types of a CustomResourceDefinition and of its schemas. */

import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionStatus,
  CustomResourceDefinitionVersion,
  CustomResourceSubresourceScale,
  JSONSchemaProps,
  ValidationRule,
  View,
  WebhookClientConfig,
} from '../objects/index.ts';
import type { KubeObject } from '../object.ts';

/** A schema as a definition has it (apiextensions.k8s.io/v1 JSONSchemaProps). */
export type JsonSchema = View<JSONSchemaProps>;
/** A rule in the expression language at a place of a schema. */
export type SchemaRule = View<ValidationRule>;
export type DefinitionNames = View<CustomResourceDefinitionNames>;
export type PrinterColumn = View<CustomResourceColumnDefinition>;
export type ScalePaths = View<CustomResourceSubresourceScale>;
export type DefinitionVersion = View<CustomResourceDefinitionVersion>;
export type DefinitionCondition = CustomResourceDefinitionCondition;
export type WebhookClient = View<WebhookClientConfig>;
export type DefinitionSpec = View<CustomResourceDefinitionSpec>;
type DefinitionStatus = View<Omit<CustomResourceDefinitionStatus, 'conditions'>> &
  Pick<CustomResourceDefinitionStatus, 'conditions'>;

/** A CustomResourceDefinition that may still lack anything, or a stored one. */
export interface Definition extends KubeObject {
  readonly spec?: DefinitionSpec | undefined;
  readonly status?: DefinitionStatus | undefined;
}

/** Whether the definition has the condition with the status True. */
export function hasCondition(definition: Definition, type: string): boolean {
  return (definition.status?.conditions ?? []).some(
    (condition) => condition.type === type && condition.status === 'True',
  );
}

/** The schema of a list's items; structural schemas have one for all of them. */
export function itemsOf(schema: JsonSchema | undefined): JsonSchema | undefined {
  const items = schema?.items;
  return Array.isArray(items) ? undefined : (items as JsonSchema | undefined);
}

/** The schema of a map's values; undefined where the schema gives none. */
export function valuesOf(schema: JsonSchema | undefined): JsonSchema | undefined {
  const values = schema?.additionalProperties;
  return typeof values === 'object' ? values : undefined;
}

/** The schema of a declared property; undefined for a name that only Object.prototype has. */
export function propertyOf(schema: JsonSchema | undefined, name: string): JsonSchema | undefined {
  const { properties } = schema ?? {};
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
}
