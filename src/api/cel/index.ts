/**
 * The Common Expression Language (CEL), as Kubernetes speaks it: the one place that knows the package behind it.
 *
 * An environment says which variables an expression has and of which types; a program is a compiled expression. Values
 * are the package's: int is bigint, double is number, maps are Maps. Kubernetes' own functions (lists, regular
 * expressions, URLs, quantities, addresses, sets, formats) are registered for all. Failures of an expression are
 * CelErrors with Kubernetes' words where its tests and users see them.
 */
export type { CelEnvironment } from './environment.ts';
export {
  baseEnvironment,
  CelBudgetError,
  CelCallLimitError,
  CelError,
  type CelProgram,
  type Compiled,
  compileProgram,
  type CompileResult,
  type CostBudget,
} from './program.ts';
export { type AccessAnswer, type AccessQuestion, type AskAccess, AuthorizerValue } from './authorizer-functions.ts';
export { isReservedWord } from './reserved-words.ts';
export type { DeclaredSize } from './estimated-size.ts';
export { celDuration, celEqual, celValue, jsonText, keyedList, LazyVariables, optionalOf, setList } from './values.ts';
export { compileDeviceSelector, deviceValue } from './devices.ts';
export { namespaceValue, requestValue } from './admission-types.ts';
export { jsonOf, misplacedTypes, registerPatchFunctions } from './object-literals.ts';
export {
  admissionEnvironment,
  type CompiledExpressions,
  type CompiledMutations,
  compileMutatingPolicy,
  compilePolicy,
  isCompiled,
  type MutationExpressions,
  type PolicyExpressions,
} from './admission.ts';
