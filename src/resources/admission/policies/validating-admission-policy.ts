/** Admission plug-in ValidatingAdmissionPolicy. */
import {
  type AskAccess,
  CelBudgetError,
  CelError,
  celValue,
  type CostBudget,
  forbiddenError,
  type JsonObject,
  type ResourceInfo,
  StatusError,
  type StatusReason,
  type Validation,
} from '../../../api/index.ts';
import { limits } from '../../../base/index.ts';
import { resourceOf } from '../../writing/metadata.ts';
import type { AdmissionPlugin, WritePorts } from '../../ports.ts';
import { settled } from './access-answers.ts';
import {
  conditionsHold,
  evaluated,
  type ExpressionValues,
  failureText,
  requestValues,
  withVariables,
} from './expressions.ts';
import type { AdmissionRequest } from '../request.ts';
import { policiesInForce, type PolicyBinding, type PolicyInForce } from './policies.ts';
import { isMeant, isPolicy, matchedBy, preparePolicies, shownParam } from './policy-matching.ts';
import { paramResource, paramsOf } from './policy-params.ts';

/** One reason against a request. */
interface Denial {
  readonly policy: string;
  /** Absent where the policy itself cannot be used. */
  readonly binding?: string;
  readonly message: string;
  readonly reason?: string;
}

/** What policies make of a request: reasons against it, warnings, and facts for the audit trail. */
interface Verdict {
  readonly denials: Denial[];
  readonly warnings: string[];
  readonly annotations: (readonly [key: string, value: string])[];
  /** The first failure that a binding wants in the trail; the key of the trail cannot be written twice. */
  failure: string | undefined;
}

/**
 * Holds requests against the ValidatingAdmissionPolicies that bindings put to work. Policies themselves are not subject
 * to it.
 */
export const validatingAdmissionPolicy: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',
  connects: true,
  validate(request, ports) {
    // A collection is not asked about: each of its objects is.
    if (isPolicy(request) || (request.operation === 'DELETE' && request.name === '')) return;
    const policies = policiesInForce(ports.store);
    if (policies.length === 0) return;
    const judged = (): Verdict | Promise<Verdict> =>
      settled(ports, (ask) => verdictOf(policies, { request, ports, ask }));
    const prepared = preparePolicies(policies, request, ports);
    const verdict = prepared === undefined ? judged() : prepared.then(judged);
    return verdict instanceof Promise
      ? verdict.then((later) => {
          announce(later, request);
        })
      : announce(verdict, request);
  },
};

type About = Pick<Matched, 'request' | 'ports' | 'ask'>;

function verdictOf(policies: readonly PolicyInForce[], about: About): Verdict {
  const verdict: Verdict = { denials: [], warnings: [], annotations: [], failure: undefined };
  for (const inForce of policies) judge(inForce, about, verdict);
  return verdict;
}

function announce({ denials: [first], warnings, annotations, failure }: Verdict, request: AdmissionRequest): void {
  for (const text of warnings) request.warn(text);
  if (failure !== undefined) request.annotate?.('validation.policy.admission.k8s.io/validation_failure', failure);
  for (const [key, values] of Map.groupBy(annotations, ([name]) => name))
    request.annotate?.(key, [...new Set(values.map(([, value]) => value))].join(', '));
  if (first !== undefined) throw refusal(first, request);
}

function refusal({ policy, binding, message, reason = 'Invalid' }: Denial, request: AdmissionRequest): StatusError {
  const text =
    `ValidatingAdmissionPolicy '${policy}'${binding === undefined ? '' : ` with binding '${binding}'`} denied ` +
    `request: ${message}`;
  const { message: whole, details } = forbiddenError(resourceOf(request.info), request.name, text);
  return new StatusError(reason as StatusReason, whole, { details: { ...details, causes: [{ message: text }] } });
}

interface Matched {
  readonly inForce: PolicyInForce;
  readonly request: AdmissionRequest;
  readonly ports: WritePorts;
  readonly ask: AskAccess;
  readonly info: ResourceInfo;
}

function judge(inForce: PolicyInForce, about: About, verdict: Verdict): void {
  const { request, ports } = about;
  const { policy, bindings } = inForce;
  const { paramKind, failurePolicy, matchConstraints } = policy.spec;
  const info = matchedBy(matchConstraints, request, ports);
  if (info === undefined) return;
  const params = paramKind === undefined ? undefined : paramResource(paramKind, ports);
  if (typeof params === 'string') {
    if (failurePolicy !== 'Ignore')
      verdict.denials.push({ policy: policy.metadata.name, message: `failed to configure policy: ${params}` });
    return;
  }
  const bound = bindings.filter(
    ({ spec }) => spec.matchResources === undefined || isMeant(spec.matchResources, request, ports),
  );
  for (const binding of bound) judgeBinding({ inForce, ...about, info }, { binding, params }, verdict);
}

function judgeBinding(
  matched: Matched,
  { binding, params: info }: { readonly binding: PolicyBinding; readonly params: ResourceInfo | undefined },
  verdict: Verdict,
): void {
  const { inForce, request, ports } = matched;
  const policy = inForce.policy.metadata.name;
  const name = binding.metadata.name;
  const params =
    info === undefined ? { list: [undefined] } : paramsOf(info, binding, { namespace: request.namespace, ports });
  if ('problem' in params) {
    if (inForce.policy.spec.failurePolicy !== 'Ignore')
      verdict.denials.push({ policy, binding: name, message: `failed to configure binding: ${params.problem}` });
    return;
  }
  const actions = binding.spec.validationActions ?? [];
  const found = params.list.flatMap((param) =>
    decisions(matched, info === undefined || param === undefined ? undefined : shownParam(param, info, request), {
      verdict,
      name,
    }),
  );
  if (actions.includes('Warn'))
    verdict.warnings.push(
      ...found.map(
        ({ message }) =>
          `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${name}': ${message}`,
      ),
    );
  const [first] = found;
  if (actions.includes('Audit') && first !== undefined)
    verdict.failure ??= JSON.stringify([
      { message: first.message, policy, binding: name, expressionIndex: first.index, validationActions: actions },
    ]);
  if (actions.includes('Deny'))
    verdict.denials.push(...found.map(({ index: _place, ...decision }) => ({ policy, binding: name, ...decision })));
}

/** `index`: the validation's place in the policy. */
type Decision = Pick<Denial, 'message' | 'reason'> & { readonly index: number };

/** What a policy has against a request, with one set of parameters. */
function decisions(
  { inForce, request, ports, ask, info }: Matched,
  param: JsonObject | undefined,
  { verdict, name }: { readonly verdict: Verdict; readonly name: string },
): readonly Decision[] {
  const { matchConditions = [], validations = [], failurePolicy } = inForce.policy.spec;
  const { variables, conditions, validations: compiled } = inForce.expressions();
  const ignoresFailures = failurePolicy === 'Ignore';
  const plain = {
    ...requestValues(request, { info, ports, ask }),
    params: param === undefined ? null : celValue(param),
  };
  const held = conditionsHold(matchConditions, conditions, plain);
  if ('error' in held) return ignoresFailures ? [] : [{ message: held.error, index: 0 }];
  if (!held.matches) return [];
  const budget = { left: limits.celCostMax };
  const values = withVariables(plain, variables, budget);
  const outcomes = compiled.map(({ check }) => evaluated(check, values, budget));
  const spent = outcomes.find((outcome) => outcome instanceof CelBudgetError);
  if (spent !== undefined) return ignoresFailures ? [] : [{ message: spent.message, index: 0 }];
  const messages = compiled.map(({ message }) =>
    message === undefined ? undefined : evaluated(message, values, budget),
  );
  const annotationBudget = { left: limits.celCostMax };
  const dear = annotate(inForce, withVariables(plain, variables, annotationBudget), {
    verdict,
    binding: name,
    budget: annotationBudget,
  });
  if (dear !== undefined) return ignoresFailures ? [] : [{ message: dear.message, index: 0 }];
  return validations.flatMap((validation, index) =>
    decision(validation, { index, outcome: outcomes[index], messages, ignoresFailures }),
  );
}

/** What an annotation of the trail may be at most, in characters. */
const annotationMax = 10 * 1024;

interface Annotating {
  readonly verdict: Verdict;
  readonly binding: string;
  readonly budget: CostBudget;
}

/**
 * The policy's own facts for the trail. An expression that gives no text adds none; one that fails is a reason against
 * the request, unless failures are ignored; one that gives anything else always is. Answers the error when they cost
 * too much together.
 */
function annotate(
  { policy, expressions }: PolicyInForce,
  values: ExpressionValues,
  { verdict, binding, budget }: Annotating,
): CelBudgetError | undefined {
  const { auditAnnotations = [], failurePolicy } = policy.spec;
  const name = policy.metadata.name;
  const { annotations } = expressions();
  for (const [index, { key = '', valueExpression = '' }] of auditAnnotations.entries()) {
    const program = annotations[index];
    const value = program === undefined ? null : evaluated(program, values, budget);
    if (value instanceof CelBudgetError) return value;
    if (typeof value === 'string' && value.trim() !== '')
      verdict.annotations.push([`${name}/${key}`, value.trim().slice(0, annotationMax)]);
    if (typeof value === 'string' || value === null || (value instanceof CelError && failurePolicy === 'Ignore'))
      continue;
    const message =
      value instanceof CelError
        ? failureText(valueExpression, value)
        : `valueExpression '${valueExpression}' resulted in unsupported return type: ${celTypeName(value)}. ` +
          'Return type must be either string or null.';
    verdict.denials.push({ policy: name, binding, message });
  }
  return undefined;
}

function celTypeName(value: unknown): string {
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'double';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? 'list' : 'map';
}

interface Evaluation {
  readonly index: number;
  /** What the validation's expression gave. */
  readonly outcome: unknown;
  /** What the message expressions of all validations gave. */
  readonly messages: readonly unknown[];
  readonly ignoresFailures: boolean;
}

function decision(
  validation: Validation,
  { index, outcome, messages, ignoresFailures }: Evaluation,
): readonly Decision[] {
  const { expression = '', reason } = validation;
  const failed = (message: string): readonly Decision[] => (ignoresFailures ? [] : [{ message, index }]);
  if (outcome instanceof CelError) return failed(failureText(expression, outcome));
  const spent = messages.find((message) => message instanceof CelBudgetError);
  if (spent !== undefined) return failed(`failed messageExpression: ${spent.message}`);
  if (outcome === true) return [];
  return [
    {
      message: messageOf(messages[index]) ?? defaultMessage(validation),
      index,
      ...(reason === undefined ? {} : { reason }),
    },
  ];
}

const messageBytesMax = 5 * 1024;

/** A message that an expression has made; one that no one could read is not used. */
function messageOf(computed: unknown): string | undefined {
  if (typeof computed !== 'string') return undefined;
  const text = computed.trim();
  return text === '' || text.includes('\n') || new TextEncoder().encode(text).length > messageBytesMax
    ? undefined
    : text;
}

function defaultMessage({ expression = '', message = '' }: Validation): string {
  return message.trim() === '' ? `failed expression: ${expression.trim()}` : message.trim();
}
