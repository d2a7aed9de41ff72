/** Nodes that were removed: their older credentials are refused. */
import { type KubeObject, resources } from '../../../api/index.ts';
import type { ResourceView } from '../../../resources/index.ts';

/**
 * Nodes that an administrator removed, and when: credentials that were issued before are refused. Data: name -> RFC
 * 3339 time.
 */
export const removedNodes = { namespace: 'kube-system', name: 'troupe-removed-nodes' } as const;

/** Certificates begin a little in the past, so that a clock a little behind accepts them. */
export const certificateBackdateMs = 5 * 60_000;

const userPrefix = 'system:node:';

/** Whether the user is a node that was removed after its certificate was issued. */
export function removedNode(view: ResourceView, user: string, notBefore: number): boolean {
  if (!user.startsWith(userPrefix)) return false;
  const found = view.get<KubeObject & { readonly data?: Readonly<Record<string, string>> | undefined }>(
    resources.configMaps,
    removedNodes.namespace,
    removedNodes.name,
  );
  const at = found?.data?.[user.slice(userPrefix.length)];
  return at !== undefined && notBefore + certificateBackdateMs <= Date.parse(at);
}
