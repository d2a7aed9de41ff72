/** Validates the scheduling fields of a pod: affinity, tolerations, spread, gates. */

import type {
  Affinity,
  LabelSelector,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinityTerm,
  PodSchedulingGate,
  PodSpec,
  PreferredSchedulingTerm,
  Sent,
  Toleration,
  TopologySpreadConstraint,
  WeightedPodAffinityTerm,
} from '../../../objects/index.ts';
import {
  duplicate,
  dns1123Label,
  type FieldError,
  forbidden,
  invalid,
  labelValue,
  nameIsDnsSubdomain,
  notSupported,
  qualifiedName,
  required,
  validateLabelSelector,
} from '../../../machinery/index.ts';
import { choice, each, eachOfFew, invalids, isSet } from '../../checks.ts';

function expressionErrors(
  requirement: Sent<NodeSelectorRequirement>,
  path: string,
  lenientValues: boolean,
): FieldError[] {
  const values = requirement.values ?? [];
  const errors: FieldError[] = [];
  switch (requirement.operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0)
        errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0)
        errors.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1)
        errors.push(required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      break;
    default:
      errors.push(invalid(`${path}.operator`, requirement.operator ?? '', 'not a valid selector operator'));
  }
  errors.push(...invalids(`${path}.key`, requirement.key ?? '', qualifiedName(requirement.key ?? '')));
  if (lenientValues) return errors;
  return [...errors, ...each(`${path}.values`, values, (value, at) => invalids(at, value, labelValue(value)))];
}

function fieldErrors(requirement: Sent<NodeSelectorRequirement>, path: string): FieldError[] {
  const values = requirement.values ?? [];
  const errors: FieldError[] = [];
  if (requirement.operator !== 'In' && requirement.operator !== 'NotIn')
    errors.push(invalid(`${path}.operator`, requirement.operator ?? '', 'not a valid selector operator'));
  else if (values.length !== 1)
    errors.push(
      required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"),
    );
  if (requirement.key !== 'metadata.name')
    return [...errors, invalid(`${path}.key`, requirement.key ?? '', 'not a valid field selector key')];
  return [
    ...errors,
    ...each(`${path}.values`, values, (value, at) => invalids(at, value, nameIsDnsSubdomain(value, false))),
  ];
}

function termErrors(term: Sent<NodeSelectorTerm>, path: string, lenientValues: boolean): FieldError[] {
  return [
    ...eachOfFew(`${path}.matchExpressions`, term.matchExpressions, (requirement, at) =>
      expressionErrors(requirement, at, lenientValues),
    ),
    ...eachOfFew(`${path}.matchFields`, term.matchFields, fieldErrors),
  ];
}

/** A node selector that must hold: at least one term. */
export function nodeSelectorErrors(selector: Sent<NodeSelector>, path: string): FieldError[] {
  const terms = selector.nodeSelectorTerms ?? [];
  if (terms.length === 0) return [required(`${path}.nodeSelectorTerms`, 'must have at least one node selector term')];
  return eachOfFew(`${path}.nodeSelectorTerms`, terms, (term, at) => termErrors(term, at, false));
}

const weightErrors = (weight: number | undefined, path: string): FieldError[] =>
  (weight ?? 0) <= 0 || (weight ?? 0) > 100
    ? [invalid(`${path}.weight`, weight ?? 0, 'must be in the range 1-100')]
    : [];

function preferredNodeErrors(term: Sent<PreferredSchedulingTerm>, path: string): FieldError[] {
  return [...weightErrors(term.weight, path), ...termErrors(term.preference ?? {}, `${path}.preference`, true)];
}

function labelKeyErrors(
  path: string,
  keys: readonly string[] | undefined,
  selector: Sent<LabelSelector> | undefined,
): FieldError[] {
  if (keys === undefined || keys.length === 0) return [];
  if (selector === undefined) return [forbidden(path, 'must not be specified when labelSelector is not set')];
  return each(path, keys, (key, at) => invalids(at, key, qualifiedName(key)));
}

function matchKeysErrors(term: Sent<PodAffinityTerm>, path: string): FieldError[] {
  const matching = term.matchLabelKeys ?? [];
  const errors = [
    ...labelKeyErrors(`${path}.matchLabelKeys`, term.matchLabelKeys, term.labelSelector),
    ...labelKeyErrors(`${path}.mismatchLabelKeys`, term.mismatchLabelKeys, term.labelSelector),
  ];
  const seen = new Set(Object.keys(term.labelSelector?.matchLabels ?? {}));
  for (const { key = '' } of term.labelSelector?.matchExpressions ?? []) {
    const index = matching.indexOf(key);
    if (index >= 0 && seen.has(key))
      errors.push(invalid(`${path}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector'));
    seen.add(key);
  }
  matching.forEach((key, index) => {
    if (term.mismatchLabelKeys?.includes(key) === true)
      errors.push(
        invalid(`${path}.matchLabelKeys[${index}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys'),
      );
  });
  return errors;
}

function podTermErrors(term: Sent<PodAffinityTerm>, path: string): FieldError[] {
  const key = term.topologyKey ?? '';
  return [
    ...validateLabelSelector(term.labelSelector, `${path}.labelSelector`),
    ...validateLabelSelector(term.namespaceSelector, `${path}.namespaceSelector`),
    ...(term.namespaces ?? []).flatMap((name) => invalids(`${path}.namespace`, name, dns1123Label(name))),
    ...matchKeysErrors(term, path),
    ...(key === '' ? [required(`${path}.topologyKey`, 'can not be empty')] : []),
    ...invalids(`${path}.topologyKey`, key, qualifiedName(key)),
  ];
}

function weightedPodErrors(term: Sent<WeightedPodAffinityTerm>, path: string): FieldError[] {
  return [...weightErrors(term.weight, path), ...podTermErrors(term.podAffinityTerm ?? {}, `${path}.podAffinityTerm`)];
}

function affinityErrors(affinity: Sent<Affinity> | undefined, path: string): FieldError[] {
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
  const node = affinity?.nodeAffinity;
  const pods = [
    ['podAffinity', affinity?.podAffinity],
    ['podAntiAffinity', affinity?.podAntiAffinity],
  ] as const;
  return [
    ...(node?.[required] === undefined ? [] : nodeSelectorErrors(node[required], `${path}.nodeAffinity.${required}`)),
    ...eachOfFew(`${path}.nodeAffinity.${preferred}`, node?.[preferred], preferredNodeErrors),
    ...pods.flatMap(([field, terms]) => [
      ...eachOfFew(`${path}.${field}.${required}`, terms?.[required], podTermErrors),
      ...eachOfFew(`${path}.${field}.${preferred}`, terms?.[preferred], weightedPodErrors),
    ]),
  ];
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** The effect of a taint or toleration. */
export function effectErrors(path: string, effect: string): FieldError[] {
  return choice(path, effect, effects);
}

function tolerationErrors(toleration: Sent<Toleration>, path: string): FieldError[] {
  const { key = '', operator = '', value = '', effect = '' } = toleration;
  const errors = key === '' ? [] : invalids(`${path}.key`, key, qualifiedName(key));
  if (key === '' && operator !== 'Exists') {
    errors.push(
      invalid(
        `${path}.operator`,
        operator,
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    );
  }
  if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
    errors.push(invalid(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  }
  if (operator === 'Equal' || operator === '') {
    const messages = labelValue(value);
    if (messages.length > 0) errors.push(invalid(`${path}.operator`, value, messages.join(';')));
  } else if (operator === 'Exists') {
    if (value !== '')
      errors.push(invalid(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'"));
  } else errors.push(notSupported(`${path}.operator`, operator, ['Equal', 'Exists']));
  return effect === '' ? errors : [...errors, ...effectErrors(`${path}.effect`, effect)];
}

export function tolerationsErrors(tolerations: readonly Sent<Toleration>[] | undefined, path: string): FieldError[] {
  return eachOfFew(path, tolerations, tolerationErrors);
}

function gatesErrors(gates: readonly Sent<PodSchedulingGate>[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>();
  return each(path, gates, (gate, at) => {
    const name = gate.name ?? '';
    const errors = invalids(at, name, qualifiedName(name));
    if (seen.has(name)) errors.push(duplicate(at, name));
    seen.add(name);
    return errors;
  });
}

function minDomainsErrors(constraint: Sent<TopologySpreadConstraint>, path: string): FieldError[] {
  const value = constraint.minDomains;
  if (value === undefined) return [];
  const errors = value <= 0 ? [invalid(path, value, 'must be greater than zero')] : [];
  if (constraint.whenUnsatisfiable === 'DoNotSchedule') return errors;
  return [
    ...errors,
    invalid(
      path,
      value,
      `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${constraint.whenUnsatisfiable ?? ''}`,
    ),
  ];
}

function spreadKeysErrors(constraint: Sent<TopologySpreadConstraint>, path: string): FieldError[] {
  const selector = constraint.labelSelector;
  const keys = constraint.matchLabelKeys ?? [];
  if (keys.length === 0) return [];
  const selected = new Set([
    ...Object.keys(selector?.matchLabels ?? {}),
    ...(selector?.matchExpressions ?? []).map((expression) => expression.key),
  ]);
  return [
    ...(selector === undefined ? [forbidden(path, 'must not be specified when labelSelector is not set')] : []),
    ...each(path, keys, (key, at) => [
      ...invalids(at, key, qualifiedName(key)),
      ...(selected.has(key) ? [invalid(at, key, 'exists in both matchLabelKeys and labelSelector')] : []),
    ]),
  ];
}

function spreadErrors(constraints: readonly Sent<TopologySpreadConstraint>[] | undefined, path: string): FieldError[] {
  return eachOfFew(path, constraints, (constraint, at, index) => {
    const { topologyKey = '', whenUnsatisfiable = '', maxSkew = 0 } = constraint;
    const repeated = constraints
      ?.slice(index + 1)
      .some(
        (other) =>
          other.topologyKey === constraint.topologyKey && other.whenUnsatisfiable === constraint.whenUnsatisfiable,
      );
    return [
      ...(maxSkew <= 0 ? [invalid(`${at}.maxSkew`, maxSkew, 'must be greater than zero')] : []),
      ...(isSet(topologyKey) ? [] : [required(`${at}.topologyKey`, 'can not be empty')]),
      ...choice(`${at}.whenUnsatisfiable`, whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']),
      ...(repeated === true
        ? [duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`)]
        : []),
      ...minDomainsErrors(constraint, `${at}.minDomains`),
      ...choice(`${at}.nodeAffinityPolicy`, constraint.nodeAffinityPolicy, ['Honor', 'Ignore']),
      ...choice(`${at}.nodeTaintsPolicy`, constraint.nodeTaintsPolicy, ['Honor', 'Ignore']),
      ...spreadKeysErrors(constraint, `${at}.matchLabelKeys`),
      ...validateLabelSelector(constraint.labelSelector, `${at}.labelSelector`),
    ];
  });
}

/** Everything of a spec that the scheduler reads. */
export function schedulingErrors(spec: Sent<PodSpec>, path: string): FieldError[] {
  return [
    ...affinityErrors(spec.affinity, `${path}.affinity`),
    ...gatesErrors(spec.schedulingGates, `${path}.schedulingGates`),
    ...spreadErrors(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
    ...tolerationsErrors(spec.tolerations, `${path}.tolerations`),
  ];
}
