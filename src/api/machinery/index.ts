/**
 * What every kind of the API shares: failures and their exact texts, names, metadata, quantities, selectors, times.
 *
 * Contract: pure functions over plain JSON values. A check answers FieldErrors (or messages); only parsers of what a
 * client sent throw, and what they throw is a StatusError. Texts are upstream's, letter for letter, because clients
 * match on them. Follows k8s.io/apimachinery: util/validation, util/validation/field, api/errors, api/validation,
 * api/resource, labels, fields.
 */
export {
  type Address,
  addressBits,
  addressIn,
  addressText,
  familyOf,
  holdsAddress,
  ipFamilies,
  type IpFamily,
  isGlobalUnicast,
  outwardAddress,
  isLinkLocal,
  isLinkLocalMulticast,
  isLoopback,
  isUnspecified,
  type Network,
  networkOf,
  networkSize,
  networksOverlap,
  networkText,
  otherFamily,
  parseAddress,
  parseCidr,
  parseStrictAddress,
  parseStrictCidr,
} from './address.ts';
export { apiVersionOf } from './group-version.ts';
export { mediaTypeOf } from './media-type.ts';
export {
  aggregateText,
  duplicate,
  type FieldError,
  fieldErrorCauses,
  fieldErrorText,
  fieldNotFound,
  forbidden,
  goQuote,
  indexPath,
  internalFieldError,
  invalid,
  invalidError,
  keyPath,
  notSupported,
  omitValue,
  required,
  tooLong,
  tooMany,
  typeInvalid,
  verbatim,
  type VerbatimValue,
} from './field-error.ts';
export {
  byteLength,
  configMapKey,
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  domainPrefixedPath,
  groupId,
  httpHeaderName,
  inRange,
  labelValue,
  nameIsDns1035Label,
  nameIsDnsLabel,
  nameIsDnsSubdomain,
  nameIsPathSegment,
  pathSegmentName,
  patternMessage,
  percent,
  portName,
  portNumber,
  qualifiedName,
  relaxedEnvironmentVariableName,
  userId,
  wildcardDns1123Subdomain,
} from './names.ts';
export { type StatusCause, type StatusDetails, StatusError, type StatusReason } from './status.ts';
export {
  alreadyExists,
  applyConflict,
  badRequest,
  conflict,
  expired,
  forbiddenError,
  generateNameConflict,
  internalError,
  methodNotAllowed,
  methodNotSupported,
  notAcceptable,
  notFound,
  pathNotFound,
  resourceVersionTooLarge,
  serverTimeout,
  serviceUnavailable,
  timeoutError,
  tooLarge,
  tooManyRequests,
  unauthorized,
  unprocessablePatch,
  unsupportedMediaType,
} from './status-errors.ts';
export { ExcessError, excessOf, type ExcessReason } from './excess.ts';
export { depthMax, jsonExcess, valueExcess } from './json-bounds.ts';
export { deepClone, deepEqual, deepFreeze, semanticEqual, storedEqual } from './deep.ts';
export { checkFieldSelector, type FieldSelector, fieldSelectorMatches, parseFieldSelector } from './field-selector.ts';
export { parseExactly } from './exact-json.ts';
export { goNumber } from './go-number.ts';
export { inexactInteger, inexactText, isInt64, isKeptInteger, isInexactInt64 } from './whole-number.ts';
export { type GoUrl, parseGoUrl } from './go-url.ts';
export { type IntOrString, percentOf, scaledValue } from './int-or-string.ts';
export {
  type Labels,
  labelSelectorMatches,
  labelSelectorRequirements,
  labelSelectorText,
  labelsInclude,
  type Selector,
  selectorMatches,
  selectorText,
  validateLabels,
  validateLabelSelector,
} from './label-selector.ts';
export {
  immutableField,
  type MetaCheckOptions,
  validateAnnotations,
  validateDryRun,
  validateFieldManager,
  validateFinalizerName,
  validateObjectMeta,
  validateObjectMetaUpdate,
  unqualifiedFinalizers,
} from './object-meta.ts';
export {
  addQuantity,
  canonicalQuantity,
  compareQuantity,
  isWholeQuantity,
  parseQuantity,
  type Quantity,
  QuantityError,
  quantityMilli,
  quantityOf,
  quantityOfMilli,
  quantityText,
  quantityUnits,
  roundUpToMilli,
  subtractQuantity,
} from './quantity.ts';
export { compilePattern, type RegularExpression } from './regular-expression.ts';
export { parseLabelSelector } from './selector-parser.ts';
export { microTimeLayout, timeLayout, timeProblem } from './go-time.ts';
export {
  ageText,
  canonicalMicroTime,
  canonicalTime,
  durationText,
  microTimeText,
  parseTime,
  timeText,
} from './time.ts';
