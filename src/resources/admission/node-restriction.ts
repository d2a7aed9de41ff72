import { forbiddenError, type GroupResource, type JsonObject, type KubeObject, metadataOf } from '../../api/index.ts';
import { resourceOf, textOf } from '../metadata.ts';
import { readObject } from '../reading.ts';
import type { WritePath } from '../ports.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';
import { isMirrorPod, mirrorAnnotation, specOf } from './pod-spec.ts';

const nodesGroup = 'system:nodes';
const userPrefix = 'system:node:';
/** Labels of these prefixes are for administrators: a node may not claim them for itself. */
const restrictedPrefix = 'node-restriction.kubernetes.io/';

interface PodObject extends KubeObject {
  readonly spec?: { readonly nodeName?: string };
}

/** The node that the user is; undefined for anyone else. */
export function nodeOfUser({ user }: Pick<AdmissionRequest, 'user'>): string | undefined {
  return user.groups.includes(nodesGroup) && user.name.startsWith(userPrefix) ? user.name.slice(userPrefix.length) : undefined;
}

function refuse(request: AdmissionRequest, reason: string, resource: GroupResource = resourceOf(request.info)): Error {
  return forbiddenError(resource, request.name, reason);
}

/** A node agent writes its own Node, the pods bound to it, its lease, and nothing of other nodes. */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  admit(request, path) {
    const node = nodeOfUser(request);
    if (node === undefined) return;
    const { group, resource } = request.info;
    if (group === '' && resource === 'pods') checkPod(request, path, node);
    else if (group === '' && resource === 'nodes') checkNode(request, node);
    else if (group === '' && resource === 'serviceaccounts' && request.subresource === 'token') checkToken(request, path, node);
    else if (group === 'coordination.k8s.io' && resource === 'leases') checkLease(request, node);
    else if (group === 'storage.k8s.io' && resource === 'csinodes') checkCsiNode(request, node);
  },
};

function checkPod(request: AdmissionRequest, path: WritePath, node: string): void {
  const { operation, subresource, object } = request;
  if (subresource === '' && operation === 'CREATE') {
    if (object === undefined || !isMirrorPod(object)) throw refuse(request, `pod does not have "${mirrorAnnotation}" annotation, node "${node}" can only create mirror pods`);
    if (specOf(object)['nodeName'] !== node) throw refuse(request, `node "${node}" can only create pods with spec.nodeName set to itself`);
    return;
  }
  const old = (request.old ?? readObject(path.store, { group: '', resource: 'pods' }, request.namespace, request.name)) as PodObject | undefined;
  const own = old?.spec?.nodeName === node;
  if (subresource === '' && operation === 'DELETE') {
    if (old !== undefined && !own) throw refuse(request, `node "${node}" can only delete pods with spec.nodeName set to itself`);
    return;
  }
  if (subresource === 'status' && operation === 'UPDATE') {
    if (!own) throw refuse(request, `node "${node}" can only update pod status for pods with spec.nodeName set to itself`);
    return;
  }
  if (subresource === 'eviction') {
    if (old !== undefined && !own) throw refuse(request, `node ${node} can only evict pods with spec.nodeName set to itself`);
    return;
  }
  throw refuse(request, subresource === '' ? `unexpected operation "${operation}", node "${node}" can only create and delete mirror pods` : `unexpected pod subresource "${subresource}", only 'status' and 'eviction' are allowed`);
}

function checkNode(request: AdmissionRequest, node: string): void {
  const { operation, object, old } = request;
  const name = request.name === '' && object !== undefined ? textOf(metadataOf(object)['name']) : request.name;
  if (name !== node) throw refuse(request, `node "${node}" is not allowed to modify node "${name}"`);
  if (operation === 'DELETE') throw refuse(request, `node "${node}" is not allowed to delete node "${name}"`);
  const labels = (object === undefined ? undefined : (metadataOf(object)['labels'] as Record<string, string> | undefined)) ?? {};
  const changed = Object.keys(labels).filter((key) => isRestricted(key) && old?.metadata.labels?.[key] !== labels[key]).sort();
  if (changed.length > 0) throw refuse(request, `is not allowed to ${operation === 'CREATE' ? 'set' : 'modify'} the following labels: ${changed.join(', ')}`);
  if (operation !== 'UPDATE' || object === undefined || request.subresource !== '') return;
  const before = JSON.stringify((old?.spec as JsonObject | undefined)?.['taints'] ?? []);
  if (JSON.stringify(specOf(object)['taints'] ?? []) !== before) throw refuse(request, `node "${node}" is not allowed to modify taints`);
}

const isRestricted = (key: string): boolean => `${key.split('/')[0] ?? ''}/`.endsWith(restrictedPrefix) && key.includes('/');

function checkToken(request: AdmissionRequest, path: WritePath, node: string): void {
  const bound = request.object === undefined ? undefined : (specOf(request.object)['boundObjectRef'] as JsonObject | undefined);
  if (bound === undefined) throw refuse(request, 'node requested token not bound to a pod');
  if (bound['kind'] !== 'Pod' || bound['apiVersion'] !== 'v1') throw refuse(request, 'node requested token not bound to a pod');
  const pod = readObject<PodObject>(path.store, { group: '', resource: 'pods' }, request.namespace, textOf(bound['name']));
  if (textOf(bound['uid']) === '') throw refuse(request, 'node requested token with a pod binding without a uid');
  if (pod === undefined) throw refuse(request, `pod "${textOf(bound['name'])}" not found`);
  if (pod.spec?.nodeName !== node) throw refuse(request, 'node requested token bound to a pod scheduled on a different node');
}

function checkLease(request: AdmissionRequest, node: string): void {
  if (request.namespace !== 'kube-node-lease') throw refuse(request, 'can only access leases in the "kube-node-lease" system namespace');
  const name = request.name === '' && request.object !== undefined ? textOf(metadataOf(request.object)['name']) : request.name;
  if (name !== node) throw refuse(request, 'can only access node lease with the same name as the requesting node');
}

function checkCsiNode(request: AdmissionRequest, node: string): void {
  const name = request.name === '' && request.object !== undefined ? textOf(metadataOf(request.object)['name']) : request.name;
  if (name !== node) throw refuse(request, 'can only access CSINode with the same name as the requesting node');
}
