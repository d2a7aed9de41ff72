/** The object from which nodes learn of a rotation of keys. */
import type { ResourceClient } from '../../resources/index.ts';
import { binding, configMap, group, publishObjects, role } from './objects.ts';

/** For nodes alone. */
export const nodeKeys = { namespace: 'kube-system', name: 'troupe-keys' } as const;

/** The data of the ConfigMap. Before the first rotation `rotation` and `step` are absent. */
export interface NodeKeys {
  /** The authorities to believe, PEM; the first signs. */
  readonly 'ca.crt': string;
  readonly rotation?: string | undefined;
  /** The last step that all members have taken. */
  readonly step?: string | undefined;
}

/** By this annotation of its Lease a node says what it has taken: `<rotation>/<step>`. */
export const takenAnnotation = 'troupe.dev/key-rotation';

/** Creates or updates it, and lets nodes read it. */
export async function publishNodeKeys(client: ResourceClient, keys: NodeKeys): Promise<void> {
  await publishObjects(client, [
    configMap(nodeKeys, keys),
    role('Role', 'troupe:keys', {
      namespace: nodeKeys.namespace,
      rules: [
        { apiGroups: [''], resources: ['configmaps'], resourceNames: [nodeKeys.name], verbs: ['get', 'list', 'watch'] },
      ],
    }),
    binding('Role', 'troupe:keys', { namespace: nodeKeys.namespace, subjects: [group('system:nodes')] }),
  ]);
}
