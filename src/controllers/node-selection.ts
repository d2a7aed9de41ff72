import type { Node, NodeSelectorTerm, PodSpec } from './objects.ts';

type Requirement = NonNullable<NodeSelectorTerm['matchExpressions']>[number];

function requirementMatches(requirement: Requirement, value: string | undefined): boolean {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** Whether a node fits one term of a node selector; an empty term fits none. */
export function nodeTermMatches(term: NodeSelectorTerm, node: Node): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return matchExpressions.every((requirement) => requirementMatches(requirement, node.metadata.labels?.[requirement.key]))
    && matchFields.every((requirement) => requirement.key === 'metadata.name' && requirementMatches(requirement, node.metadata.name));
}

/** Whether a pod's node name, node selector and required node affinity allow the node. */
export function allowsNode(spec: PodSpec, node: Node): boolean {
  if (spec.nodeName !== undefined && spec.nodeName !== '' && spec.nodeName !== node.metadata.name) return false;
  if (Object.entries(spec.nodeSelector ?? {}).some(([name, value]) => node.metadata.labels?.[name] !== value)) return false;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms === undefined || terms.some((term) => nodeTermMatches(term, node));
}
