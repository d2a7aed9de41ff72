import { type Node, nodeTermMatches, type PodSpec } from '../api/index.ts';

/** Whether a pod's node name, node selector and required node affinity allow the node. */
export function allowsNode(spec: PodSpec, node: Node): boolean {
  if (spec.nodeName !== undefined && spec.nodeName !== '' && spec.nodeName !== node.metadata.name) return false;
  if (Object.entries(spec.nodeSelector ?? {}).some(([name, value]) => node.metadata.labels?.[name] !== value))
    return false;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return (
    terms === undefined ||
    terms.some((term) => nodeTermMatches(term, { name: node.metadata.name, labels: node.metadata.labels ?? {} }))
  );
}
