/** What an agent may do with pods, as part of NodeRestriction. */
import {
  forbiddenError,
  type JsonObject,
  metadataOf,
  mirrorAnnotation,
  mirroredUid,
  notFound,
  type Pod,
  resources,
  semanticEqual,
} from '../../../api/index.ts';
import { resourceOf, textOf } from '../../writing/metadata.ts';
import type { WritePorts } from '../../ports.ts';
import { readObject } from '../../stored/reading.ts';
import type { AdmissionRequest } from '../request.ts';
import { podAddressProblem } from './node-network.ts';
import { specOf } from '../pods/pod-spec.ts';

const { pods } = resources;

function refuse(request: AdmissionRequest, reason: string): Error {
  return forbiddenError(resourceOf(request.info), request.name, reason);
}

/** What a node may do with pods: make mirrors of its static ones, and end or report on those that are bound to it. */
export function checkPod(request: AdmissionRequest, node: string, ports: WritePorts): void {
  switch (request.subresource) {
    case '':
      checkWhole(request, node, ports);
      return;
    case 'status':
      checkStatus(request, node, ports);
      return;
    case 'eviction': {
      if (request.operation !== 'CREATE') throw refuse(request, `unexpected operation ${request.operation}`);
      if (storedPod(request, ports, request.name).spec?.nodeName !== node)
        throw refuse(request, `node ${node} can only evict pods with spec.nodeName set to itself`);
      return;
    }
    default:
      throw refuse(
        request,
        `unexpected pod subresource "${request.subresource}", only 'status' and 'eviction' are allowed`,
      );
  }
}

function storedPod(request: AdmissionRequest, ports: WritePorts, name: string): Pod {
  const pod = readObject<Pod>(ports.store, pods, request.namespace, name);
  if (pod === undefined) throw notFound(pods, name);
  return pod;
}

function checkWhole(request: AdmissionRequest, node: string, ports: WritePorts): void {
  const { operation, object } = request;
  if (operation === 'CREATE' && object !== undefined) return checkMirror(request, object, node, ports);
  if (operation !== 'DELETE')
    throw refuse(request, `unexpected operation "${operation}", node "${node}" can only create and delete mirror pods`);
  const pod = (request.old as Pod | undefined) ?? storedPod(request, ports, request.name);
  if (pod.spec?.nodeName !== node)
    throw refuse(request, `node "${node}" can only delete pods with spec.nodeName set to itself`);
}

function checkStatus(request: AdmissionRequest, node: string, ports: WritePorts): void {
  const { operation, object } = request;
  if (operation !== 'UPDATE') throw refuse(request, `unexpected operation "${operation}"`);
  const old = request.old as Pod | undefined;
  if (old?.spec?.nodeName !== node)
    throw refuse(request, `node "${node}" can only update pod status for pods with spec.nodeName set to itself`);
  const labels = object === undefined ? undefined : metadataOf(object)['labels'];
  if (!semanticEqual(labels, old.metadata.labels))
    throw refuse(request, `node "${node}" cannot update labels through pod status`);
  const problem = podAddressProblem(request, node, ports);
  if (problem !== undefined) throw refuse(request, `node "${node}" ${problem}`);
}

function checkMirror(request: AdmissionRequest, pod: JsonObject, node: string, ports: WritePorts): void {
  if (mirroredUid(pod) === undefined)
    throw refuse(
      request,
      `pod does not have "${mirrorAnnotation}" annotation, node "${node}" can only create mirror pods`,
    );
  if (specOf(pod)['nodeName'] !== node)
    throw refuse(request, `node "${node}" can only create pods with spec.nodeName set to itself`);
  const problem = ownerProblem((metadataOf(pod)['ownerReferences'] ?? []) as readonly JsonObject[], node);
  if (problem !== undefined) throw refuse(request, `node "${node}" ${problem}`);
  const own = readObject(ports.store, resources.nodes, undefined, node);
  if (own === undefined) throw notFound(resources.nodes, node);
  const uid = textOf((metadataOf(pod)['ownerReferences'] as readonly JsonObject[])[0]?.['uid']);
  if (uid !== own.metadata.uid)
    throw refuse(request, `node ${node} UID mismatch: expected ${uid} got ${own.metadata.uid ?? ''}`);
  const found = referenceOf(specOf(pod));
  if (found !== undefined) throw refuse(request, `node "${node}" can not create pods that reference ${found}`);
}

function ownerProblem(owners: readonly JsonObject[], node: string): string | undefined {
  const [owner, ...others] = owners;
  if (others.length > 0) return 'can only create pods with a single owner reference set to itself';
  if (owner === undefined || owner['apiVersion'] !== 'v1' || owner['kind'] !== 'Node' || owner['name'] !== node)
    return 'can only create pods with an owner reference set to itself';
  if (owner['controller'] !== true) return 'can only create pods with a controller owner reference set to itself';
  return owner['blockOwnerDeletion'] === true ? 'must not set blockOwnerDeletion on an owner reference' : undefined;
}

interface Source {
  readonly secret?: unknown;
  readonly configMap?: unknown;
  readonly serviceAccountToken?: unknown;
  readonly clusterTrustBundle?: unknown;
}
interface MirrorVolume extends Source {
  readonly azureFile?: unknown;
  readonly csi?: unknown;
  readonly glusterfs?: unknown;
  readonly persistentVolumeClaim?: unknown;
  readonly ephemeral?: unknown;
  readonly projected?: { readonly sources?: readonly Source[] | undefined };
}
interface Environment {
  readonly env?: readonly {
    readonly valueFrom?: { readonly secretKeyRef?: unknown; readonly configMapKeyRef?: unknown };
  }[];
  readonly envFrom?: readonly { readonly secretRef?: unknown; readonly configMapRef?: unknown }[];
}
interface MirrorSpec {
  readonly serviceAccountName?: string | undefined;
  readonly imagePullSecrets?: readonly unknown[] | undefined;
  readonly resourceClaims?: readonly unknown[] | undefined;
  readonly volumes?: readonly MirrorVolume[] | undefined;
  readonly containers?: readonly Environment[] | undefined;
  readonly initContainers?: readonly Environment[] | undefined;
}

/**
 * The kind of the first API object that a mirror pod refers to: with it a node would see what is not meant for it
 * (upstream's HasAPIObjectReference).
 */
function referenceOf(spec: JsonObject): string | undefined {
  const {
    serviceAccountName = '',
    imagePullSecrets = [],
    resourceClaims = [],
    volumes = [],
    containers = [],
    initContainers = [],
  } = spec as MirrorSpec;
  const sources = volumes.flatMap((volume) => [volume, ...(volume.projected?.sources ?? [])]);
  const all = [...initContainers, ...containers];
  const values = all.flatMap((container) => (container.env ?? []).map((variable) => variable.valueFrom));
  const imports = all.flatMap((container) => container.envFrom ?? []);
  const kinds: readonly (readonly [string, readonly unknown[]])[] = [
    ['a service account', serviceAccountName === '' ? [] : [serviceAccountName]],
    [
      'secrets',
      [
        ...imagePullSecrets,
        ...sources.map((source) => source.secret),
        ...values.map((value) => value?.secretKeyRef),
        ...imports.map((item) => item.secretRef),
      ],
    ],
    [
      'configmaps',
      [
        ...sources.map((source) => source.configMap),
        ...values.map((value) => value?.configMapKeyRef),
        ...imports.map((item) => item.configMapRef),
      ],
    ],
    ['resourceclaims', resourceClaims],
    ['secrets (via azureFile volumes)', volumes.map((volume) => volume.azureFile)],
    ['csidrivers (via CSI volumes)', volumes.map((volume) => volume.csi)],
    ['endpoints (via glusterFS volumes)', volumes.map((volume) => volume.glusterfs)],
    ['persistentvolumeclaims', volumes.map((volume) => volume.persistentVolumeClaim)],
    ['persistentvolumeclaims (via ephemeral volumes)', volumes.map((volume) => volume.ephemeral)],
    ['serviceaccounts (via projected volumes)', sources.map((source) => source.serviceAccountToken)],
    ['clustertrustbundles', sources.map((source) => source.clusterTrustBundle)],
  ];
  return kinds.find(([, found]) => found.some((item) => item !== undefined && item !== null))?.[0];
}
