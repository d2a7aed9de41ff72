import { StatusError } from '../api/index.ts';
import type { ResourceClient } from '../resources/index.ts';
import { kubeconfigText } from './kubeconfig.ts';
import type { Settings } from './settings.ts';
import { kubernetesVersion, version } from './version.ts';

/** Where a machine that joins reads what to trust, without a credential, and how the cluster is set up, with its token. */
export const clusterInfo = { namespace: 'kube-public', name: 'cluster-info' } as const;
export const clusterSettings = { namespace: 'kube-system', name: 'troupe-cluster' } as const;
/** The group of the bootstrap tokens with which a machine becomes a node. */
export const joinGroup = 'system:bootstrappers:troupe:nodes';

/** What a machine that joins is told. */
export interface SharedSettings {
  readonly cluster: string;
  readonly version: string;
  readonly kubernetesVersion: string;
  readonly apiPort: number;
  readonly natsServers: readonly string[];
  readonly network: Settings['network'];
  readonly leaseMs: number;
  readonly graceMs: number;
}

const rbac = 'rbac.authorization.k8s.io';
const group = (name: string): object => ({ kind: 'Group', apiGroup: rbac, name });

function role(kind: 'Role' | 'ClusterRole', name: string, more: { readonly namespace?: string; readonly rules: readonly object[] }): Stored {
  return { resource: { group: rbac, resource: kind === 'Role' ? 'roles' : 'clusterroles' }, object: { kind, apiVersion: `${rbac}/v1`, metadata: { name, ...(more.namespace === undefined ? {} : { namespace: more.namespace }) }, rules: more.rules } };
}

function binding(kind: 'Role' | 'ClusterRole', name: string, more: { readonly namespace?: string; readonly role?: string; readonly subjects: readonly object[] }): Stored {
  return {
    resource: { group: rbac, resource: kind === 'Role' ? 'rolebindings' : 'clusterrolebindings' },
    object: { kind: `${kind}Binding`, apiVersion: `${rbac}/v1`, metadata: { name, ...(more.namespace === undefined ? {} : { namespace: more.namespace }) }, roleRef: { apiGroup: rbac, kind, name: more.role ?? name }, subjects: more.subjects },
  };
}

interface Stored {
  readonly resource: { readonly group: string; readonly resource: string };
  readonly object: { readonly metadata: { readonly name: string; readonly namespace?: string }; readonly data?: object; readonly [field: string]: unknown };
}

const readOne = (name: string): object => ({ apiGroups: [''], resources: ['configmaps'], resourceNames: [name], verbs: ['get'] });

/** The objects by which machines join a cluster that has an address; a cluster of one machine has none of them. */
function joinObjects(settings: Settings, made: { readonly ca: string; readonly natsPort: number }): readonly Stored[] {
  const configMap = (at: { readonly namespace: string; readonly name: string }, data: object): Stored => ({ resource: { group: '', resource: 'configmaps' }, object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: at, data } });
  const shared: SharedSettings = {
    cluster: settings.cluster, version: version(), kubernetesVersion, apiPort: settings.apiPort, natsServers: [`nats://${settings.address}:${made.natsPort}`],
    network: settings.network, leaseMs: settings.node.leaseMs, graceMs: settings.node.graceMs,
  };
  const certificates = 'system:certificates.k8s.io:certificatesigningrequests';
  return [
    configMap(clusterInfo, { kubeconfig: kubeconfigText({ cluster: settings.cluster, servers: [{ member: '', url: `https://${settings.address}:${settings.apiPort}` }], ca: made.ca }) }),
    role('Role', 'troupe:cluster-info', { namespace: clusterInfo.namespace, rules: [readOne(clusterInfo.name)] }),
    binding('Role', 'troupe:cluster-info', { namespace: clusterInfo.namespace, subjects: [group('system:unauthenticated'), group('system:authenticated')] }),
    configMap(clusterSettings, { settings: JSON.stringify(shared) }),
    role('Role', 'troupe:cluster-settings', { namespace: clusterSettings.namespace, rules: [readOne(clusterSettings.name)] }),
    binding('Role', 'troupe:cluster-settings', { namespace: clusterSettings.namespace, subjects: [group(joinGroup), group('system:nodes')] }),
    role('ClusterRole', 'troupe:read-nodes', { rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }] }),
    binding('ClusterRole', 'troupe:read-nodes', { subjects: [group(joinGroup)] }),
    binding('ClusterRole', 'troupe:request-node-certificates', { role: 'system:node-bootstrapper', subjects: [group(joinGroup)] }),
    binding('ClusterRole', 'troupe:approve-joining-nodes', { role: `${certificates}:nodeclient`, subjects: [group(joinGroup)] }),
    binding('ClusterRole', 'troupe:approve-node-renewals', { role: `${certificates}:selfnodeclient`, subjects: [group('system:nodes')] }),
  ];
}

/** Makes what is missing and keeps the data of what is there up to date. */
export async function publishJoinObjects(client: ResourceClient, settings: Settings, made: { readonly ca: string; readonly natsPort: number }): Promise<void> {
  for (const { resource, object } of joinObjects(settings, made)) {
    const { namespace, name } = object.metadata;
    const at = { ...resource, ...(namespace === undefined ? {} : { namespace }) };
    try {
      await client.create(at, object);
    } catch (error) {
      if (!(error instanceof StatusError && error.code === 409)) throw error;
      if (object.data !== undefined) await client.patch({ ...at, name }, { type: 'merge', body: { data: object.data } });
    }
  }
}
