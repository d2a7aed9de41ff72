/** Makes the claims of pods' generic ephemeral volumes; they go with the pod, which owns them. */
import { type Pod, resources } from '../../api/index.ts';
import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isAlreadyExists,
  isNamespaceTerminating,
  isOf,
  keyOf,
  keyOfFacts,
  splitKey,
} from '../runtime/index.ts';
import { podsWithClaims } from '../workload/index.ts';
import { claimTemplatesOf, planClaims } from './reconcile.ts';

export function ephemeralVolumeController(): Controller {
  return {
    name: 'ephemeral-volume-controller',
    eventSource: 'ephemeral_volume',
    resource: resources.pods,
    watches: [resources.pods, resources.persistentVolumeClaims],
    initialKeys: ({ view }) =>
      view
        .facts<Pod>(resources.pods)
        .filter((pod) => pod.mentions('"volumeClaimTemplate"') && claimTemplatesOf(pod.object()).length > 0)
        .map(keyOfFacts),
    keysFor,
    reconcile,
  };
}

/** A pod's volumes never change: a new one is looked at, and one that has lost a claim. */
function keysFor(change: ObjectChange, { view }: ControllerPorts): readonly string[] {
  if (isOf(change, resources.persistentVolumeClaims)) {
    if (change.type !== 'delete') return [];
    const { namespace = '', name = '' } = change.object.metadata;
    return podsWithClaims(namespace, view)
      .filter((pod) => claimTemplatesOf(pod).some((wanted) => wanted.name === name))
      .map(keyOf);
  }
  if (!isOf(change, resources.pods) || change.type !== 'put' || change.previous !== undefined) return [];
  return claimTemplatesOf(change.object as Pod).length > 0 ? [keyOf(change.object)] : [];
}

async function reconcile(key: string, ports: ControllerPorts): Promise<undefined> {
  const { namespace, name } = splitKey(key);
  const { persistentVolumeClaims: claims } = resources;
  const pod = ports.view.get<Pod>(resources.pods, namespace, name);
  if (pod === undefined) return;
  for (const action of planClaims(pod, (claim) => ports.view.get(claims, namespace, claim))) {
    if (action.type === 'warn') ports.event(pod, 'Warning', 'FailedBinding', action.message);
    else await create({ ...claims, namespace }, action.claim, ports);
  }
}

async function create(
  collection: Parameters<ControllerPorts['client']['create']>[0],
  claim: object,
  ports: ControllerPorts,
): Promise<void> {
  try {
    await ports.client.create(collection, claim);
  } catch (error) {
    if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error;
  }
}
