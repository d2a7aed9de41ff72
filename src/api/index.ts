/**
 * Kubernetes knowledge without any machinery around it: what objects look like and which rules they obey.
 *
 * Contract: pure and synchronous; nothing here reads a clock, draws a random value or does I/O. Failures are StatusErrors
 * with the texts, field paths and codes of the published API. The parts are schema (shapes), decoding (bytes to objects),
 * protobuf, machinery (quantities, selectors, names, errors), patch, kinds (defaults, validation, columns), custom and
 * custom-schema (kinds out of definitions), cel (the expression language), pod-security, openapi and discovery.
 */
export {
  type AccessAnswer, type AccessQuestion, type AskAccess, AuthorizerValue, CelBudgetError, type CostBudget,
  CelError, type CelProgram, celValue, type CompiledExpressions, type CompiledMutations, compileMutatingPolicy, compilePolicy, type CompileResult, isCompiled, jsonOf, LazyVariables, misplacedTypes, namespaceValue, requestValue,
} from './cel/index.ts';
export { type CustomKind, customResources, type ResourceInfo } from './custom/index.ts';
export {
  compareVersions, type CustomResourceDefinition, decideNames, type DefinitionCondition, type DefinitionNames, hasCondition, type JsonSchema,
  type NamesDecision, readScale, withCondition, writeScale,
} from './custom-schema/index.ts';
export {
  canonicalObject,
  DecodeError,
  type DecodedObject,
  decodeObject,
  type DecodeRequest,
  type Conformed,
  conformObject,
  type ConformOptions,
  type FieldValidation,
  JsonSyntaxError,
  parseJson,
  parseYaml,
  repeatedFields,
  strictWarnings,
  YamlTextError,
} from './decoding/index.ts';
export {
  aggregatedDiscovery, type AggregatedQuery, apiGroup, apiGroupList, apiResourceList, apiVersions,
} from './discovery/index.ts';
export {
  ageOf, behaviourOf, type CertificationRequest, defaultBehaviour, fixedFlowSchemas, fixedPriorityLevels, isGlobalUnicast, type KindBehaviour, type MetadataChecks, metadataOf, parseAddress, parseCertificationRequest, parseCidr, type Requester, type SubresourceBehaviour, type TableCell, type TableColumn,
  typeWarnings,
} from './kinds/index.ts';
export {
  addQuantity, ageText, aggregateText, alreadyExists, applyConflict, badRequest, byteLength, canonicalMicroTime, canonicalQuantity, canonicalTime,
  checkFieldSelector, childPath, cIdentifierName, compareQuantity, configMapKey, conflict, deepClone, deepEqual, deepFreeze, dns1035Label,
  dns1123Label, dns1123Subdomain, domainPrefixedPath, duplicate, durationText, emptyMessage, environmentVariableName, expired, type FieldError,
  fieldErrorCauses, fieldErrorText, type FieldErrorType, fieldNotFound, type FieldRequirement, type FieldSelector, fieldSelectorMatches, forbidden,
  forbiddenError, generateNameConflict, gone, goQuote, groupId, httpHeaderName, immutableField, indexPath, inRange, internalError,
  internalFieldError, type IntOrString, invalid, invalidError, isWholeQuantity, keyPath, type Labels, type LabelSelector, labelSelectorMatches,
  type LabelSelectorRequirement, labelSelectorRequirements, labelSelectorText, labelsInclude, labelValue, maxLengthMessage, type MetaCheckOptions,
  methodNotAllowed, methodNotSupported, microTimeText, modifiedText, type NameCheck, nameIsDns1035Label, nameIsDnsLabel, nameIsDnsSubdomain,
  nameIsPathSegment, notAcceptable, notFound, notSupported, omitValue, parseFieldSelector, parseLabelSelector, parseQuantity, parseTime,
  pathNotFound, pathSegmentName, patternMessage, percent, percentOf, portName, portNumber, qualifiedName, qualifiedResource, type Quantity,
  QuantityError, type QuantityFormat, quantityMilli, quantityOf, quantityOfMilli, quantityText, quantityUnits, rangeMessage,
  relaxedEnvironmentVariableName, required, type Requirement, requirementMatches, resourceVersionTooLarge, roundUpToMilli, scaledValue,
  type Selector, selectorMatches, type SelectorOperator, selectorText, semanticEqual, serverTimeout, serviceUnavailable, type StatusCause,
  statusCodes, type StatusDetails, StatusError, type StatusReason, subtractQuantity, timeLayout, timeoutError, timeProblem, timeText, tooLarge, tooLong, tooMany,
  tooManyRequests, typeInvalid, unauthorized, unprocessablePatch, unsupportedMediaType, userId, validateAnnotations,
  validateDryRun, validateFieldManager, validateFinalizerName, validateLabels, validateLabelSelector, unqualifiedFinalizers, validateObjectMeta, validateObjectMetaUpdate, valueText,
  verbatim, type VerbatimValue, wildcardDns1123Subdomain,
  nodeTermMatches, type NodeRequirement, type NodeTerm, tolerates,
} from './machinery/index.ts';
export type { GroupResource, Json, JsonObject, KubeObject, ManagedFieldsEntry, ObjectMeta, OwnerReference } from './object.ts';
export {
  definitionName, openapiV2, openapiV2Protobuf, openapiV3, openapiV3Index,
} from './openapi/index.ts';
export {
  type ApplyRequest, type ApplyResult, applyServerSide, failedOperation, goText, isFailedTest, jsonPatch, keepManagedTimes, type ManagedUpdate, type ManagedWrite, type MergeNode,
  mergeConfiguration, mergePatch, nodeOfType, ownersOfScale, ownersOfScaled, type ReplicasPlace, strategicPatch, updateManagedFields,
} from './patch/index.ts';
export {
  type CheckedPod, describeViolations, isSignificantChange, isStricter, type LevelVersion, levelVersionText, type PodSecurityPolicy, podViolations, policyOfLabels,
  sameLevel, type Violation, violationNames,
} from './pod-security/index.ts';
export {
  decodeProtobuf, encodeProtobuf, ProtobufError, readBytes, readString, readTag, skipField, wireReader, type WireReader, wireWriter, writeBytes, writeMessage, writeString, written,
} from './protobuf/index.ts';
export {
  allResources,
  type FieldSchema,
  type FieldType,
  findKind,
  findResource,
  findType,
  type GroupVersionKind,
  optionalResources,
  preferredResource,
  type SubresourceInfo,
  typeOfKind,
  typeSchema,
  type TypeSchema,
} from './schema/index.ts';
