/** Admission plug-in NodeRestriction: an agent writes only what belongs to its node. */
import {
  forbiddenError,
  type GroupResource,
  type JsonObject,
  type KubeObject,
  metadataOf,
  parseCertificationRequest,
  semanticEqual,
} from '../../../api/index.ts';
import { localVolumes } from '../../../protocol/index.ts';
import { resourceOf, textOf } from '../../writing/metadata.ts';
import type { AdmissionPlugin, WritePorts } from '../../ports.ts';
import { checkPod } from './node-pods.ts';
import { forbiddenLabels } from './node-labels.ts';
import { networkProblem } from './node-network.ts';
import { checkToken } from './node-tokens.ts';
import type { AdmissionRequest } from '../request.ts';
import { specOf } from '../pods/pod-spec.ts';

const nodesGroup = 'system:nodes';
const userPrefix = 'system:node:';

/** The node that the user is; undefined for anyone else. */
function nodeOfUser({ user }: Pick<AdmissionRequest, 'user'>): string | undefined {
  return user.groups.includes(nodesGroup) && user.name.startsWith(userPrefix)
    ? user.name.slice(userPrefix.length)
    : undefined;
}

function refuse(request: AdmissionRequest, reason: string, resource: GroupResource = resourceOf(request.info)): Error {
  return forbiddenError(resource, request.name, reason);
}

type Check = (request: AdmissionRequest, node: string, ports: WritePorts) => void | Promise<void>;

/** By `group/resource`; what is not named here is no business of this rule. */
const checks: Readonly<Record<string, Check>> = {
  '/pods': checkPod,
  '/nodes': checkNode,
  '/persistentvolumeclaims': checkClaim,
  '/persistentvolumes': checkVolume,
  '/serviceaccounts': checkToken,
  'coordination.k8s.io/leases': checkLease,
  'storage.k8s.io/csinodes': checkCsiNode,
  'resource.k8s.io/resourceslices': checkSlice,
  'certificates.k8s.io/certificatesigningrequests': checkCertificate,
};

/** A node agent writes its own Node, the pods bound to it, its lease, and nothing of other nodes. */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  admit(request, ports) {
    const node = nodeOfUser(request);
    if (node === undefined) return undefined;
    if (node === '') throw refuse(request, `could not determine node from user "${request.user.name}"`);
    return checks[`${request.info.group}/${request.info.resource}`]?.(request, node, ports);
  },
};

/** A name that a create tells in the object alone. */
function nameOf(request: AdmissionRequest): string {
  return request.name === '' && request.object !== undefined
    ? textOf(metadataOf(request.object)['name'])
    : request.name;
}

/**
 * What decides when a Node goes. A node that the garbage collector removes for an owner that is gone could come back
 * with other labels and without its taints (CVE-2025-5187); one with a finalizer would outlive its deletion.
 */
const lifetimeFields = ['ownerReferences', 'finalizers'] as const;

const isEmptyList = (list: unknown): boolean => list === undefined || (Array.isArray(list) && list.length === 0);
const sameList = (one: unknown, other: unknown): boolean =>
  semanticEqual(one, other) || (isEmptyList(one) && isEmptyList(other));

function checkNode(request: AdmissionRequest, node: string, ports: WritePorts): void {
  const { operation, object, old } = request;
  const name = nameOf(request);
  if (name !== node) throw refuse(request, `node "${node}" is not allowed to modify node "${name}"`);
  if (operation === 'DELETE') throw refuse(request, `node "${node}" is not allowed to delete node "${name}"`);
  if (object === undefined) return;
  const problem = networkProblem(request, ports);
  if (problem !== undefined) throw refuse(request, `node "${node}" ${problem}`);
  const labels = metadataOf(object)['labels'] as Record<string, string> | undefined;
  if (operation === 'CREATE') {
    if (specOf(object)['configSource'] !== undefined)
      throw refuse(request, `node "${node}" is not allowed to create pods with a non-nil configSource`);
    const forbidden = forbiddenLabels(labels, undefined);
    if (forbidden.length > 0)
      throw refuse(request, `node "${node}" is not allowed to set the following labels: ${forbidden.join(', ')}`);
    const [field] = lifetimeFields.filter((each) => !isEmptyList(metadataOf(object)[each]));
    if (field !== undefined) throw refuse(request, `node "${node}" is not allowed to create itself with ${field}`);
  }
  if (operation !== 'UPDATE') return;
  const before = old?.spec as JsonObject | undefined;
  const source = specOf(object)['configSource'];
  if (source !== undefined && !semanticEqual(source, before?.['configSource']))
    throw refuse(request, `node "${node}" is not allowed to update configSource to a new non-nil configSource`);
  if (!semanticEqual(specOf(object)['taints'], before?.['taints']))
    throw refuse(request, `node "${node}" is not allowed to modify taints`);
  const changed = lifetimeFields.find((each) => !sameList(metadataOf(object)[each], old?.metadata[each]));
  if (changed !== undefined) throw refuse(request, `node "${node}" is not allowed to modify ${changed}`);
  const forbidden = forbiddenLabels(labels, old?.metadata.labels);
  if (forbidden.length > 0) throw refuse(request, `is not allowed to modify labels: ${forbidden.join(', ')}`);
}

/** What a node may tell of a claim: how far its volume is with growing. */
const claimStatus: readonly string[] = ['conditions', 'capacity', 'allocatedResources', 'allocatedResourceStatuses'];

function checkClaim(request: AdmissionRequest, node: string): void {
  if (request.subresource !== 'status') throw refuse(request, 'may only update PVC status');
  if (request.operation !== 'UPDATE') throw refuse(request, `unexpected operation "${request.operation}"`);
  if (!semanticEqual(fixedPart(request.object), fixedPart(request.old)))
    throw refuse(
      request,
      `node "${node}" is not allowed to update fields other than status.quantity and status.conditions`,
    );
}

function fixedPart(claim: JsonObject | KubeObject | undefined): unknown {
  const { status, metadata, ...rest } = (claim ?? {}) as JsonObject;
  const { resourceVersion: _version, managedFields: _managed, ...others } = (metadata ?? {}) as JsonObject;
  return {
    ...rest,
    metadata: others,
    status: Object.fromEntries(
      Object.entries((status ?? {}) as JsonObject).filter(([field]) => !claimStatus.includes(field)),
    ),
  };
}

/** A node lets go of a volume on its disk that is being deleted, and writes nothing else to it. */
function checkVolume(request: AdmissionRequest, node: string): void {
  const { operation, object, old } = request;
  if (operation !== 'UPDATE' || request.subresource !== '' || old?.metadata.deletionTimestamp === undefined)
    throw refuse(request, 'may only let go of a PV that is being deleted');
  const left = (metadataOf(object ?? {})['finalizers'] ?? []) as readonly string[];
  const others = (old.metadata.finalizers ?? []).filter((name) => name !== localVolumes.finalizer);
  if (!semanticEqual(withoutFinalizers(object), withoutFinalizers(old)) || !semanticEqual(left, others))
    throw refuse(request, `node "${node}" is not allowed to change more than the finalizer ${localVolumes.finalizer}`);
}

function withoutFinalizers(volume: JsonObject | KubeObject | undefined): unknown {
  const { metadata, ...rest } = (volume ?? {}) as JsonObject;
  const {
    finalizers: _finalizers,
    resourceVersion: _version,
    managedFields: _managed,
    ...others
  } = (metadata ?? {}) as JsonObject;
  return { ...rest, metadata: others };
}

function checkLease(request: AdmissionRequest, node: string): void {
  if (request.namespace !== 'kube-node-lease')
    throw refuse(request, 'can only access leases in the "kube-node-lease" system namespace');
  if (nameOf(request) !== node)
    throw refuse(request, 'can only access node lease with the same name as the requesting node');
}

function checkCsiNode(request: AdmissionRequest, node: string): void {
  if (nameOf(request) !== node)
    throw refuse(request, 'can only access CSINode with the same name as the requesting node');
}

/** A node publishes devices of its own and touches no others. */
function checkSlice(request: AdmissionRequest, node: string): void {
  const { operation, object, old } = request;
  const holder = operation === 'DELETE' ? old : object;
  const holders = operation === 'UPDATE' ? [object, old] : [holder];
  for (const slice of holders)
    if (slice !== undefined && (slice['spec'] as JsonObject | undefined)?.['nodeName'] !== node)
      throw refuse(
        request,
        operation === 'DELETE'
          ? 'can only delete ResourceSlice with the same NodeName as the requesting node'
          : 'can only create ResourceSlice with the same NodeName as the requesting node',
      );
}

const nodeSigners: readonly unknown[] = [
  'kubernetes.io/kubelet-serving',
  'kubernetes.io/kube-apiserver-client-kubelet',
];

/** A node asks for certificates in its own name. */
function checkCertificate(request: AdmissionRequest, node: string): void {
  const { operation, object } = request;
  if (operation !== 'CREATE' || object === undefined || !nodeSigners.includes(specOf(object)['signerName'])) return;
  const asked = parseCertificationRequest(textOf(specOf(object)['request']));
  if (asked === undefined) throw refuse(request, 'unable to parse csr: PEM block type must be CERTIFICATE REQUEST');
  if (asked.commonName !== `${userPrefix}${node}`)
    throw refuse(request, `can only create a node CSR with CN=${userPrefix}${node}`);
}
