/** Decides whether a definition of a protected group was approved by the Kubernetes community. */
import type { CustomResourceDefinition, DefinitionCondition } from '../../api/index.ts';

const annotation = 'api-approved.kubernetes.io';
const type = 'KubernetesAPIApprovalPolicyConformant';
const hint = 'see https://github.com/kubernetes/enhancements/pull/1111';

/** Groups that belong to the Kubernetes community: their definitions say whether they were reviewed. */
const isProtected = (group: string): boolean =>
  ['k8s.io', 'kubernetes.io'].some((domain) => group === domain || group.endsWith(`.${domain}`));

/** Whether a definition of a protected group was approved; undefined for all other groups. */
export function approvalCondition(
  definition: CustomResourceDefinition,
): Pick<DefinitionCondition, 'type' | 'status' | 'reason' | 'message'> | undefined {
  if (!isProtected(definition.spec?.group ?? '')) return undefined;
  const approval = definition.metadata.annotations?.[annotation] ?? '';
  if (approval === '')
    return {
      type,
      status: 'False',
      reason: 'MissingAnnotation',
      message: `protected groups must have approval annotation "${annotation}", ${hint}`,
    };
  if (approval.startsWith('unapproved'))
    return { type, status: 'False', reason: 'UnapprovedAnnotation', message: `not approved: "${approval}"` };
  if (/^[a-z][a-z0-9+.-]*:\/\/[^\s/]+/i.test(approval))
    return { type, status: 'True', reason: 'ApprovedAnnotation', message: `approved in ${approval}` };
  return {
    type,
    status: 'False',
    reason: 'InvalidAnnotation',
    message:
      `protected groups must have approval annotation "${annotation}" with either a URL or a ` +
      `reason starting with "unapproved", ${hint}`,
  };
}
