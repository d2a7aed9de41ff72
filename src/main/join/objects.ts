/** The objects that a joining machine reads: the authority to trust and the shared settings, and who may read them. */
import { joinHostPort } from '../../base/index.ts';
import { StatusError } from '../../api/index.ts';
import type { ResourceClient } from '../../resources/index.ts';
import type { MemberRecord } from '../../shards/index.ts';
import { kubeconfigText } from '../keys/index.ts';
import { kubernetesVersion, type Settings, version } from '../process/index.ts';

/** The authority to trust, which anybody may read. */
export const clusterInfo = { namespace: 'kube-public', name: 'cluster-info' } as const;
/** The shared settings, for machines with a token. */
export const clusterSettings = { namespace: 'kube-system', name: 'troupe-cluster' } as const;
/** The groups of the bootstrap tokens with which a machine becomes a node, or a member. */
export const joinGroups = {
  node: 'system:bootstrappers:troupe:nodes',
  member: 'system:bootstrappers:troupe:members',
} as const;

/** The settings that all machines of a cluster share. */
export interface SharedSettings {
  readonly cluster: string;
  /** See Settings. */
  readonly clusterId?: string | undefined;
  readonly version: string;
  readonly kubernetesVersion: string;
  /** The members' APIs, `host:port`. */
  readonly apiServers: readonly string[];
  readonly natsServers: readonly string[];
  readonly network: Settings['network'];
  readonly leaseMs: number;
  readonly graceMs: number;
}

const rbac = 'rbac.authorization.k8s.io';
export const group = (name: string): object => ({ kind: 'Group', apiGroup: rbac, name });

export function role(
  kind: 'Role' | 'ClusterRole',
  name: string,
  more: { readonly namespace?: string | undefined; readonly rules: readonly object[] },
): Stored {
  return {
    resource: { group: rbac, resource: kind === 'Role' ? 'roles' : 'clusterroles' },
    object: {
      kind,
      apiVersion: `${rbac}/v1`,
      metadata: { name, namespace: more.namespace },
      rules: more.rules,
    },
  };
}

export function binding(
  kind: 'Role' | 'ClusterRole',
  name: string,
  more: { readonly namespace?: string | undefined; readonly role?: string; readonly subjects: readonly object[] },
): Stored {
  return {
    resource: { group: rbac, resource: kind === 'Role' ? 'rolebindings' : 'clusterrolebindings' },
    object: {
      kind: `${kind}Binding`,
      apiVersion: `${rbac}/v1`,
      metadata: { name, namespace: more.namespace },
      roleRef: { apiGroup: rbac, kind, name: more.role ?? name },
      subjects: more.subjects,
    },
  };
}

interface Stored {
  readonly resource: { readonly group: string; readonly resource: string };
  readonly object: {
    readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
    readonly data?: object;
    readonly [field: string]: unknown;
  };
}

const readOne = (name: string): object => ({
  apiGroups: [''],
  resources: ['configmaps'],
  resourceNames: [name],
  verbs: ['get'],
});

/** Binds the role to the holders of tokens for members. */
function members(kind: 'Role' | 'ClusterRole', name: string, namespace?: string): readonly Stored[] {
  return [
    binding(kind, `${name}:members`, {
      role: name,
      namespace,
      subjects: [group(joinGroups.member)],
    }),
  ];
}

/** The inputs of the objects beside the settings. */
interface Made {
  readonly ca: string;
  readonly members: readonly MemberRecord[];
}

/** Only a cluster that has an address has them. */
function joinObjects(settings: Settings, made: Made): readonly Stored[] {
  return [...publishedObjects(settings, made), ...nodeAccess(), ...memberAccess()];
}

/** The authority for anybody, and the shared settings for machines with a token and for nodes. */
function publishedObjects(settings: Settings, made: Made): readonly Stored[] {
  const servers = made.members
    .slice(0, 1)
    .map(({ host, apiPort }) => ({ member: '', url: `https://${joinHostPort(host, apiPort)}` }));
  const kubeconfig = kubeconfigText({ cluster: settings.cluster, servers, ca: made.ca });
  return [
    configMap(clusterInfo, { kubeconfig }),
    role('Role', 'troupe:cluster-info', { namespace: clusterInfo.namespace, rules: [readOne(clusterInfo.name)] }),
    binding('Role', 'troupe:cluster-info', {
      namespace: clusterInfo.namespace,
      subjects: [group('system:unauthenticated'), group('system:authenticated')],
    }),
    configMap(clusterSettings, { settings: JSON.stringify(sharedSettings(settings, made)) }),
    role('Role', 'troupe:cluster-settings', {
      namespace: clusterSettings.namespace,
      rules: [readOne(clusterSettings.name)],
    }),
    binding('Role', 'troupe:cluster-settings', {
      namespace: clusterSettings.namespace,
      subjects: [group(joinGroups.node), group('system:nodes')],
    }),
  ];
}

export function configMap(at: { readonly namespace: string; readonly name: string }, data: object): Stored {
  return {
    resource: { group: '', resource: 'configmaps' },
    object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: at, data },
  };
}

function sharedSettings(settings: Settings, { members: known }: Made): SharedSettings {
  return {
    cluster: settings.cluster,
    clusterId: settings.clusterId,
    version: version(),
    kubernetesVersion,
    apiServers: known.map(({ host, apiPort }) => joinHostPort(host, apiPort)),
    natsServers: known.map(({ host, natsPort }) => `nats://${joinHostPort(host, natsPort)}`),
    network: settings.network,
    leaseMs: settings.node.leaseMs,
    graceMs: settings.node.graceMs,
  };
}

/** Lets machines with a token for nodes request a certificate, which is approved and later renewed. */
function nodeAccess(): readonly Stored[] {
  const certificates = 'system:certificates.k8s.io:certificatesigningrequests';
  return [
    role('ClusterRole', 'troupe:read-nodes', { rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }] }),
    binding('ClusterRole', 'troupe:read-nodes', { subjects: [group(joinGroups.node)] }),
    binding('ClusterRole', 'troupe:request-node-certificates', {
      role: 'system:node-bootstrapper',
      subjects: [group(joinGroups.node)],
    }),
    binding('ClusterRole', 'troupe:approve-joining-nodes', {
      role: `${certificates}:nodeclient`,
      subjects: [group(joinGroups.node)],
    }),
    binding('ClusterRole', 'troupe:approve-node-renewals', {
      role: `${certificates}:selfnodeclient`,
      subjects: [group('system:nodes')],
    }),
  ];
}

/** Lets machines with a token for members ask to be admitted. */
function memberAccess(): readonly Stored[] {
  return [
    role('ClusterRole', 'troupe:join-members', {
      rules: [{ nonResourceURLs: ['/troupe/api/members/join'], verbs: ['post'] }],
    }),
    ...members('ClusterRole', 'troupe:join-members'),
    ...members('ClusterRole', 'troupe:read-nodes'),
    ...members('Role', 'troupe:cluster-settings', clusterSettings.namespace),
  ];
}

export async function publishJoinObjects(client: ResourceClient, settings: Settings, made: Made): Promise<void> {
  await publishObjects(client, joinObjects(settings, made));
}

/** Creates the missing ones and updates the data of the others. */
export async function publishObjects(client: ResourceClient, objects: readonly Stored[]): Promise<void> {
  for (const { resource, object } of objects) {
    const { namespace, name } = object.metadata;
    const at = { ...resource, namespace };
    try {
      await client.create(at, object);
    } catch (error) {
      if (!(error instanceof StatusError && error.code === 409)) throw error;
      if (object.data !== undefined)
        await client.patch({ ...at, name }, { type: 'merge', body: { data: object.data } });
    }
  }
}
