/** The pods of a DaemonSet: which nodes they fit, and how each is pinned to its node. */
import {
  type DaemonSet,
  isTolerated,
  type Node,
  type NodeSelectorRequirement,
  nodeSelectorAllows,
  type Pod,
  type Toleration,
} from '../../api/index.ts';
import { type PodDraft, podFromTemplate } from '../workload/index.ts';

export const revisionLabel = 'controller-revision-hash';
const generationLabel = 'pod-template-generation';
const generationAnnotation = 'deprecated.daemonset.template.generation';

/** What every daemon bears: a node in trouble keeps its daemons. */
const daemonTolerations: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const hostNetworkToleration: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

function tolerationsOf(set: DaemonSet): readonly Toleration[] {
  const { tolerations = [], hostNetwork } = set.spec.template.spec;
  const added = hostNetwork === true ? [...daemonTolerations, hostNetworkToleration] : daemonTolerations;
  const missing = added.filter(
    (toleration) =>
      !tolerations.some(
        (known) => known.key === toleration.key && known.effect === toleration.effect && known.operator === 'Exists',
      ),
  );
  return [...tolerations, ...missing];
}

/** Whether the daemon belongs on a node, and whether one that is there may stay. */
export function suits(set: DaemonSet, node: Node): { readonly run: boolean; readonly stay: boolean } {
  const { spec } = set.spec.template;
  const { name, labels = {} } = node.metadata;
  const isMeant = (spec.nodeName ?? '') === '' || spec.nodeName === name;
  if (!isMeant || !nodeSelectorAllows(spec, { name, labels })) return { run: false, stay: false };
  const tolerations = tolerationsOf(set);
  const hard = (node.spec?.taints ?? []).filter(
    (taint) => taint.effect !== 'PreferNoSchedule' && !isTolerated(taint, tolerations),
  );
  return { run: hard.length === 0, stay: hard.every((taint) => taint.effect !== 'NoExecute') };
}

/** The pod for one node: its affinity tells the scheduler which node it must be. */
export function podForNode(set: DaemonSet, nodeName: string, hash: string): PodDraft {
  const generation = set.metadata.annotations?.[generationAnnotation];
  const pod = podFromTemplate(set, set.spec.template, {
    labels: { ...(generation === undefined ? {} : { [generationLabel]: generation }), [revisionLabel]: hash },
  });
  const { affinity } = pod.spec;
  const pin: NodeSelectorRequirement = { key: 'metadata.name', operator: 'In', values: [nodeName] };
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const nodeSelectorTerms =
    terms.length === 0 ? [{ matchFields: [pin] }] : terms.map((term) => ({ ...term, matchFields: [pin] }));
  return {
    ...pod,
    spec: {
      ...pod.spec,
      tolerations: tolerationsOf(set),
      affinity: {
        ...affinity,
        nodeAffinity: {
          ...affinity?.nodeAffinity,
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
        },
      },
    },
  };
}

/** The node that a daemon runs on or is meant for. */
export function targetOf(pod: Pod): string | undefined {
  if (pod.spec.nodeName !== undefined && pod.spec.nodeName !== '') return pod.spec.nodeName;
  const terms =
    pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms
    .flatMap((term) => term.matchFields ?? [])
    .find((field) => field.key === 'metadata.name' && field.operator === 'In')?.values?.[0];
}
