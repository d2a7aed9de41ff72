/** Makes the claims of pods from templates, and gives back what pods that ended had. */
import {
  controllerOf,
  type Pod,
  podClaimNames,
  podConsumer,
  type ResourceClaim,
  type ResourceClaimTemplate,
  resources,
} from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  deleteObject,
  isAlreadyExists,
  isNamespaceTerminating,
  isOf,
  keyOf,
  keyOfFacts,
  patchFinalizers,
  refOf,
  splitKey,
  unlessGone,
  writeStatus,
} from '../runtime/index.ts';
import { hasEnded, planClaim } from './claim-plan.ts';
import { planPod } from './pod-plan.ts';

const { pods, resourceClaims: claims, resourceClaimTemplates: templates } = resources;
const eventSource = 'resource_claim';

/** Makes the claims that pods need, and tells each pod their names. */
export function podClaimsController(): Controller {
  return {
    name: 'pod-resource-claims-controller',
    eventSource,
    resource: pods,
    watches: [pods, claims, templates],
    initialKeys: ({ view }) => podsWithDevices({ view }).map(keyOf),
    keysFor: podKeysFor,
    reconcile: reconcilePod,
  };
}

function podsWithDevices({ view }: Pick<ControllerPorts, 'view'>, namespace?: string): readonly Pod[] {
  return view
    .facts<Pod>(pods, namespace === undefined ? {} : { namespace })
    .filter((pod) => pod.mentions('"resourceClaims"'))
    .map((pod) => pod.object())
    .filter(({ spec }) => (spec.resourceClaims?.length ?? 0) > 0);
}

function podKeysFor(change: ObjectChange, ports: ControllerPorts): readonly string[] {
  if (isOf(change, pods)) {
    if (change.type !== 'put' || change.facts?.object.mentions('"resourceClaims"') === false) return [];
    return ((change.object as Pod).spec.resourceClaims?.length ?? 0) > 0 ? [keyOf(change.object)] : [];
  }
  if (isOf(change, templates)) {
    const { name, namespace = '' } = change.object.metadata;
    if (change.type !== 'put' || change.previous !== undefined) return [];
    return podsWithDevices(ports, namespace)
      .filter(({ spec }) => spec.resourceClaims?.some((entry) => entry.resourceClaimTemplateName === name) === true)
      .map(keyOf);
  }
  // A claim that somebody deleted is made again.
  if (!isOf(change, claims)) return [];
  const owner = controllerOf(change.object);
  return owner?.kind === 'Pod' ? [`${change.object.metadata.namespace ?? ''}/${owner.name}`] : [];
}

async function reconcilePod(key: string, ports: ControllerPorts): Promise<undefined> {
  const { view, client } = ports;
  const { namespace, name } = splitKey(key);
  const pod = view.get<Pod>(pods, namespace, name);
  if (pod === undefined) return;
  const plan = planPod({
    pod,
    template: (template) => view.get<ResourceClaimTemplate>(templates, namespace, template),
    owned: view.ownedBy<ResourceClaim>(claims, pod.metadata.uid),
    claim: (claim) => view.get<ResourceClaim>(claims, namespace, claim),
  });
  for (const { type, reason, message } of plan.notes) ports.event(pod, type, reason, message);
  for (const { object } of plan.create) {
    try {
      await client.create({ ...claims, namespace }, object);
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      if (!isAlreadyExists(error)) throw error;
    }
  }
  if (plan.statuses !== undefined) {
    const body = { metadata: { uid: pod.metadata.uid }, status: { resourceClaimStatuses: plan.statuses } };
    await unlessGone(client.patch(refOf(pods, pod), { type: 'strategic', body }, { subresource: 'status' }));
  }
  for (const claim of plan.reserve) await reserve(ports, claim, pod);
}

async function reserve(ports: ControllerPorts, claim: ResourceClaim, pod: Pod): Promise<void> {
  const reservedFor = [...(claim.status?.reservedFor ?? []), podConsumer(pod)];
  await unlessGone(writeStatus(ports, claims, claim, { ...claim.status, reservedFor }));
}

/** Keeps a claim's users up to date, and gives its devices back when it has none. */
export function resourceClaimController(): Controller {
  return {
    name: 'resource-claim-controller',
    eventSource,
    resource: claims,
    watches: [claims, pods],
    initialKeys: ({ view }) => view.facts<ResourceClaim>(claims).map(keyOfFacts),
    keysFor: claimKeysFor,
    reconcile: reconcileClaim,
  };
}

function claimKeysFor(change: ObjectChange): readonly string[] {
  if (isOf(change, claims)) return change.type === 'put' ? [keyOf(change.object)] : [];
  if (!isOf(change, pods) || change.facts?.object.mentions('"resourceClaims"') === false) return [];
  const pod = change.object as Pod;
  if (change.type === 'put' && !hasEnded(pod)) return [];
  return podClaimNames(pod).map((name) => `${pod.metadata.namespace}/${name}`);
}

async function reconcileClaim(key: string, ports: ControllerPorts): Promise<undefined> {
  const { namespace, name } = splitKey(key);
  const claim = ports.view.get<ResourceClaim>(claims, namespace, name);
  if (claim === undefined) return;
  const step = planClaim({ claim, pod: (pod) => ports.view.get<Pod>(pods, namespace, pod) });
  // What a step made wakes the claim again.
  switch (step.type) {
    case 'status':
      return void (await unlessGone(writeStatus(ports, claims, claim, step.status)));
    case 'release':
      return void (await patchFinalizers(ports, claims, claim, step.finalizers));
    case 'delete':
      return void (await deleteObject(ports, claims, claim));
    case 'none':
      return;
  }
}
