/** The kinds MutatingAdmissionPolicy and MutatingAdmissionPolicyBinding: defaults, validation and columns. */

import type {
  MatchResources,
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  Mutation,
  Sent,
} from '../../objects/index.ts';
import { type FieldError, invalid, notSupported, required } from '../../machinery/index.ts';
import type { KubeObject } from '../../object.ts';
import type { KindBehaviour } from '../behaviour.ts';
import { each, requiredChoice } from '../checks.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { strategy } from '../strategy.ts';
import { mutationExpressionErrors } from './expression-validation.ts';
import { defaultMatch, matchErrors } from './match-resources.ts';
import { paramKindText, paramText } from './params.ts';
import { bindingPartErrors, defaultPolicyParts, policyPartErrors } from './policy-parts.ts';

const policyOf = (object: object): Sent<MutatingAdmissionPolicy> => object as Sent<MutatingAdmissionPolicy>;
const bindingOf = (object: object): Sent<MutatingAdmissionPolicyBinding> =>
  object as Sent<MutatingAdmissionPolicyBinding>;

const operations = ['*', 'CONNECT', 'CREATE', 'UPDATE'];

/** What is deleted has no object that could be changed. */
function operationErrors(match: Sent<MatchResources> | undefined, path: string): FieldError[] {
  return (match?.resourceRules ?? []).flatMap((rule) =>
    (rule.operations ?? [])
      .filter((operation) => !operations.includes(operation))
      .map((operation) => notSupported(`${path}.resourceRules.operations`, operation, operations)),
  );
}

/** The patch of each type, and the field that it stands in. */
const patchFields = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' } as const;
const isPatchType = (type: string): type is keyof typeof patchFields => Object.hasOwn(patchFields, type);

function mutationErrors(mutation: Sent<Mutation>, path: string): FieldError[] {
  const { patchType = '' } = mutation;
  if (patchType === '') return [required(`${path}.patchType`)];
  if (!isPatchType(patchType)) return [notSupported(`${path}.patchType`, patchType, Object.keys(patchFields))];
  const field = patchFields[patchType];
  const other = field === 'jsonPatch' ? 'applyConfiguration' : 'jsonPatch';
  const patch = mutation[field];
  const own =
    patch === undefined
      ? [required(`${path}.${field}`, `must be specified when patchType is ${patchType}`)]
      : (patch.expression ?? '').trim() === ''
        ? [required(`${path}.${field}.expression`)]
        : [];
  return [
    ...own,
    ...(mutation[other] === undefined
      ? []
      : [invalid(`${path}.${other}`, `{${other}}`, `must not be specified when patchType is ${patchType}`)]),
  ];
}

function policyErrors(object: KubeObject): FieldError[] {
  const spec = policyOf(object).spec ?? {};
  const { mutations = [] } = spec;
  return [
    ...policyPartErrors(spec, operationErrors(spec.matchConstraints, 'spec.matchConstraints')),
    ...(mutations.length === 0 ? [required('spec.mutations', 'mutations must contain at least one item')] : []),
    ...each('spec.mutations', mutations, mutationErrors),
    ...requiredChoice('spec.reinvocationPolicy', spec.reinvocationPolicy, ['IfNeeded', 'Never']),
    ...mutationExpressionErrors(spec, 'spec'),
  ];
}

/** MutatingAdmissionPolicy: changes to objects on their way into the store, as expressions. */
export const mutatingPolicyBehaviour: KindBehaviour = {
  ...strategy({ generation: true, status: false }),
  defaults(object) {
    defaultPolicyParts((policyOf(object).spec ??= {}));
  },
  allowUnconditionalUpdate: false,
  validate: policyErrors,
  columns: [
    nameColumn,
    column('Mutations', 'Number of mutations.', { type: 'integer' }),
    column('ParamKind', 'Kind of its parameters.'),
    ageColumn,
  ],
  row(object, now) {
    const { mutations = [], paramKind } = policyOf(object).spec ?? {};
    return [object.metadata.name ?? '', mutations.length, paramKindText(paramKind), ageOf(object, now)];
  },
};

function bindingErrors(object: KubeObject): FieldError[] {
  const spec = bindingOf(object).spec ?? {};
  const { matchResources } = spec;
  return [
    ...bindingPartErrors(spec),
    ...(matchResources === undefined ? [] : matchErrors(matchResources, 'spec.matchResources')),
    ...operationErrors(matchResources, 'spec.matchResources'),
  ];
}

export const mutatingPolicyBindingBehaviour: KindBehaviour = {
  ...strategy({ generation: true, status: false }),
  defaults(object) {
    const { paramRef, matchResources } = (bindingOf(object).spec ??= {});
    defaultMatch(matchResources);
    if (paramRef !== undefined) paramRef.parameterNotFoundAction ??= 'Deny';
  },
  allowUnconditionalUpdate: false,
  validate: bindingErrors,
  columns: [
    nameColumn,
    column('PolicyName', 'Policy that it activates.'),
    column('ParamRef', 'Parameters that it passes to the policy.'),
    ageColumn,
  ],
  row: (object, now) => [
    object.metadata.name ?? '',
    bindingOf(object).spec?.policyName ?? '',
    paramText(bindingOf(object).spec?.paramRef),
    ageOf(object, now),
  ],
};
