/** The topology manager's settings, which a KubeletConfiguration has by the same names. */
import { NodeSettingError } from '../node-setting.ts';
import { topologyPolicies, type TopologyPolicy } from './merge-hints.ts';
import { numaNodesMax } from './numa-mask.ts';

export interface TopologySettings {
  readonly topologyManagerPolicy?: string | undefined;
  /** `container` or `pod`. */
  readonly topologyManagerScope?: string | undefined;
}

interface TopologyChoice {
  readonly policy: TopologyPolicy;
  readonly scope: 'container' | 'pod';
}

/** Throws NodeSettingError. */
export function topologyChoice(settings: TopologySettings): TopologyChoice {
  const { topologyManagerPolicy = 'none', topologyManagerScope: scope = 'container' } = settings;
  const policy = topologyPolicies.find((each) => each === topologyManagerPolicy);
  if (policy === undefined) throw new NodeSettingError('topologyManagerPolicy', topologyPolicies.join(', '));
  if (scope !== 'container' && scope !== 'pod') throw new NodeSettingError('topologyManagerScope', 'container or pod');
  return { policy, scope };
}

/** Throws NodeSettingError where the machine has too many NUMA nodes for the policy. */
export function checkNumaNodes(policy: TopologyPolicy, nodes: readonly number[]): void {
  if (policy !== 'none' && (nodes.length > numaNodesMax || nodes.some((node) => node >= 31)))
    throw new NodeSettingError(
      'topologyManagerPolicy',
      `none on this machine: it has ${nodes.length} NUMA nodes, and at most ${numaNodesMax} can be told apart`,
    );
}
