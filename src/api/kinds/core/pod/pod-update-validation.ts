/** Validates an update of a pod. */

import type {
  Container,
  NodeAffinity,
  NodeSelectorTerm,
  Pod,
  PodSchedulingGate,
  PodSpec,
  Sent,
  Toleration,
} from '../../../objects/index.ts';
import {
  deepClone,
  deepEqual,
  type FieldError,
  forbidden,
  inRange,
  invalid,
  required,
  semanticEqual,
} from '../../../machinery/index.ts';
import { each, invalids } from '../../checks.ts';
import { differenceText } from '../../difference.ts';
import { podAnnotationUpdateErrors } from './annotations-validation.ts';
import { imageErrors } from './containers-validation.ts';
import { podErrors } from './pod-validation.ts';
import { tolerationsErrors } from './scheduling-validation.ts';

const updatable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

function containerImageErrors(containers: readonly Sent<Container>[] | undefined, path: string): FieldError[] {
  return each(path, containers, (container, at) => [
    ...((container.image ?? '') === '' ? [required(`${at}.image`)] : []),
    ...imageErrors(container.image, `${at}.image`),
  ]);
}

/** A deadline may come, or come closer. */
function deadlineErrors(spec: Sent<PodSpec>, old: Sent<PodSpec>): FieldError[] {
  const path = 'spec.activeDeadlineSeconds';
  const [value, before] = [spec.activeDeadlineSeconds, old.activeDeadlineSeconds];
  if (value === undefined)
    return before === undefined
      ? []
      : [invalid(path, undefined, 'must not update from a positive integer to nil value')];
  const errors = invalids(path, value, inRange(value, 0, 2147483647));
  return errors.length === 0 && before !== undefined && before < value
    ? [invalid(path, value, 'must be less than or equal to previous value')]
    : errors;
}

function addedTolerationErrors(
  tolerations: readonly Sent<Toleration>[],
  old: readonly Sent<Toleration>[],
): FieldError[] {
  const withoutSeconds = (toleration: Sent<Toleration>): Sent<Toleration> => {
    const { tolerationSeconds: _seconds, ...rest } = toleration;
    return rest;
  };
  const kept = old.every((toleration) =>
    tolerations.some((other) => deepEqual(withoutSeconds(toleration), withoutSeconds(other))),
  );
  if (!kept)
    return [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
  return tolerationsErrors(tolerations, 'spec.tolerations');
}

function removedGateErrors(
  gates: readonly Sent<PodSchedulingGate>[],
  old: readonly Sent<PodSchedulingGate>[],
): FieldError[] {
  const known = new Set(old.map((gate) => gate.name));
  return gates.flatMap((gate, index) =>
    known.has(gate.name)
      ? []
      : [
          forbidden(
            `spec.schedulingGates[${index}].name`,
            `only deletion is allowed, but found new scheduling gate '${gate.name ?? ''}'`,
          ),
        ],
  );
}

function onlyAdds(term: Sent<NodeSelectorTerm>, old: Sent<NodeSelectorTerm>): boolean {
  const added = (term.matchExpressions?.length ?? 0) + (term.matchFields?.length ?? 0) > 0;
  const [expressions, fields] = [old.matchExpressions ?? [], old.matchFields ?? []];
  if (expressions.length === 0 && fields.length === 0 && added) return false;
  return (
    deepEqual((term.matchExpressions ?? []).slice(0, expressions.length), expressions) &&
    deepEqual((term.matchFields ?? []).slice(0, fields.length), fields)
  );
}

function nodeAffinityErrors(
  affinity: Sent<NodeAffinity> | undefined,
  old: Sent<NodeAffinity> | undefined,
): FieldError[] {
  const oldTerms = old?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  if (oldTerms.length === 0) return [];
  const path = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
  if (oldTerms.length !== terms.length)
    return [invalid(path, terms, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')];
  return each(path, terms, (term, at, index) =>
    onlyAdds(term, oldTerms[index] ?? {})
      ? []
      : [invalid(at, term, 'only additions are allowed (no mutations or deletions)')],
  );
}

/** While it is gated, a pod may still be narrowed to fewer nodes. Puts back into `spec` what may change. */
function gatedErrors(spec: Sent<PodSpec>, old: Sent<PodSpec>): FieldError[] {
  const errors: FieldError[] = [];
  const kept = Object.entries(old.nodeSelector ?? {}).every(([key, value]) => spec.nodeSelector?.[key] === value);
  if (!kept)
    errors.push(
      invalid(
        'spec.nodeSelector',
        spec.nodeSelector ?? {},
        'only additions to spec.nodeSelector are allowed (no mutations or deletions)',
      ),
    );
  put(spec, 'nodeSelector', old.nodeSelector);
  const before = old.affinity?.nodeAffinity;
  if (semanticEqual(spec.affinity?.nodeAffinity, before)) return errors;
  errors.push(...nodeAffinityErrors(spec.affinity?.nodeAffinity, before));
  const affinity = { ...spec.affinity };
  put(affinity, 'nodeAffinity', before);
  put(spec, 'affinity', old.affinity === undefined && Object.keys(affinity).length === 0 ? undefined : affinity);
  return errors;
}

function put<T extends object, Field extends keyof T>(target: T, field: Field, value: T[Field] | undefined): void {
  if (value === undefined) delete target[field];
  else target[field] = value;
}

function putImages(
  containers: readonly Sent<Container>[] | undefined,
  old: readonly Sent<Container>[] | undefined,
): void {
  containers?.forEach((container, index) => {
    put(container, 'image', old?.[index]?.image);
  });
}

function immutableErrors(spec: Sent<PodSpec>, old: Sent<PodSpec>): FieldError[] {
  if (semanticEqual(spec, old)) return [];
  const rest = deepClone(spec);
  putImages(rest.containers, old.containers);
  putImages(rest.initContainers, old.initContainers);
  put(rest, 'activeDeadlineSeconds', old.activeDeadlineSeconds);
  put(rest, 'schedulingGates', old.schedulingGates);
  put(rest, 'tolerations', old.tolerations);
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && rest.terminationGracePeriodSeconds === 1)
    put(rest, 'terminationGracePeriodSeconds', old.terminationGracePeriodSeconds);
  const errors = (old.schedulingGates?.length ?? 0) > 0 ? gatedErrors(rest, old) : [];
  if (semanticEqual(rest, old)) return errors;
  return [
    ...errors,
    forbidden(
      'spec',
      `pod updates may not change fields other than ${updatable}\n${differenceText('core/v1.PodSpec', old, rest)}`,
    ),
  ];
}

/** Errors of a changed pod: what `podErrors` finds, and changes that are not allowed. */
export function validatePodUpdate(pod: Sent<Pod>, old: Sent<Pod>): FieldError[] {
  const [spec, before] = [pod.spec ?? {}, old.spec ?? {}];
  const errors = [
    ...podErrors(pod),
    ...podAnnotationUpdateErrors(pod.metadata?.annotations, old.metadata?.annotations, 'metadata.annotations'),
  ];
  for (const field of ['containers', 'initContainers'] as const) {
    if ((spec[field]?.length ?? 0) !== (before[field]?.length ?? 0))
      return [...errors, forbidden(`spec.${field}`, 'pod updates may not add or remove containers')];
    errors.push(...containerImageErrors(spec[field], `spec.${field}`));
  }
  const deadline = deadlineErrors(spec, before);
  errors.push(...deadline);
  if (deadline.length > 0 && spec.activeDeadlineSeconds !== undefined) return errors;
  return [
    ...errors,
    ...addedTolerationErrors(spec.tolerations ?? [], before.tolerations ?? []),
    ...removedGateErrors(spec.schedulingGates ?? [], before.schedulingGates ?? []),
    ...immutableErrors(spec, before),
  ];
}
