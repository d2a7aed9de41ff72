/** Writes down what was chosen for a claim as its status says it. */
import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceClass,
  NodeSelector,
  NodeSelectorTerm,
} from '../../api/index.ts';
import type { NodeState } from '../node-state.ts';
import type { Choice, ClaimChoice } from './allocator.ts';

/** The allocation of a claim whose devices were chosen for a node. */
export function allocationOf(
  { claim, choices }: ClaimChoice,
  node: NodeState,
  classOf: (name: string) => DeviceClass | undefined,
): AllocationResult {
  const results = choices.map(({ wish, candidate }) => ({
    request: wish.request,
    driver: candidate.driver,
    pool: candidate.pool,
    device: candidate.device.name,
    adminAccess: wish.admin ? true : undefined,
  }));
  const config = [...classConfig(choices, classOf), ...claimConfig({ claim, choices })];
  return {
    devices: { results, config: config.length === 0 ? undefined : config },
    nodeSelector: nodesOf(choices, node),
  };
}

/** What a class says of its devices, once for each request. */
function classConfig(
  choices: readonly Choice[],
  classOf: (name: string) => DeviceClass | undefined,
): readonly DeviceAllocationConfiguration[] {
  const classes = new Map(choices.map(({ wish }) => [wish.request, wish.className]));
  return [...classes].flatMap(([request, className]) =>
    (classOf(className)?.spec.config ?? []).map((config) => ({ ...config, source: 'FromClass', requests: [request] })),
  );
}

function claimConfig({ claim, choices }: ClaimChoice): readonly DeviceAllocationConfiguration[] {
  const names = new Set(choices.flatMap(({ wish: { request } }) => [request, request.split('/')[0] ?? '']));
  return (claim.spec.devices?.config ?? [])
    .filter(({ requests = [] }) => requests.length === 0 || requests.some((request) => names.has(request)))
    .map((config) => ({ ...config, source: 'FromClaim' }));
}

/** The nodes that reach all of the devices; undefined: all do. */
function nodesOf(choices: readonly Choice[], node: NodeState): NodeSelector | undefined {
  const slices = choices.map(({ candidate }) => candidate.slice.spec);
  if (slices.some(({ nodeName = '' }) => nodeName !== '')) {
    const matchFields = [{ key: 'metadata.name', operator: 'In' as const, values: [node.name] }];
    return { nodeSelectorTerms: [{ matchFields }] };
  }
  // Each selector has one term: together they ask for everything.
  const terms = slices.flatMap(
    ({ nodeSelector }): readonly NodeSelectorTerm[] => nodeSelector?.nodeSelectorTerms ?? [],
  );
  if (terms.length === 0) return undefined;
  const joined = { matchExpressions: [] as object[], matchFields: [] as object[] };
  const seen = new Set<string>();
  for (const term of terms)
    for (const field of ['matchExpressions', 'matchFields'] as const)
      for (const requirement of term[field] ?? []) {
        const text = `${field}${JSON.stringify(requirement)}`;
        if (!seen.has(text)) joined[field].push(requirement);
        seen.add(text);
      }
  const { matchExpressions, matchFields } = joined;
  const term = {
    matchExpressions: matchExpressions.length === 0 ? undefined : matchExpressions,
    matchFields: matchFields.length === 0 ? undefined : matchFields,
  };
  return { nodeSelectorTerms: [term as NodeSelectorTerm] };
}
